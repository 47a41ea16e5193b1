/** A map whose reports come from the page: one list, shown twice. */

import { featureOf } from "../lib/queue.js";
import { parseView } from "../lib/view.js";
import { createMap } from "../map/map.js";
import { mapOptions } from "./map-options.js";

const GROUND = ["regions", "ground", "owners"];
const NO_TILES = 30; // a zoom nobody reaches: the layer is there for what the page puts into it

/** Bounds of reports as [west, south, east, north] with some room; null without any. */
export function boundsOf(reports, room = 0.0015) {
  if (!reports.length) return null;
  const lons = reports.map(({ lon }) => lon);
  const lats = reports.map(({ lat }) => lat);
  return [
    Math.min(...lons) - room,
    Math.min(...lats) - room,
    Math.max(...lons) + room,
    Math.max(...lats) + room,
  ];
}

/**
 * @param {HTMLElement} container
 * @param {{reports: object[], bounds?: number[]|null, tiles?: object|null, now: () => number, deepLink?: boolean,
 *   onChoose?: (id: string) => void, controls?: object}} options `tiles`: parameters of the report tiles; null draws
 *   only what the page gives
 * @returns {{map: object, show(reports: object[]): void, choose(id: string|null, report?: object|null): void}}
 */
export function reportsMap(container, options) {
  const { reports, tiles = null, now, deepLink = true, onChoose, controls } = options;
  const layer = tiles
    ? { source: "reports", params: tiles }
    : { name: "reports", minzoom: NO_TILES, maxzoom: NO_TILES };
  const map = createMap(container, {
    ...mapOptions([...GROUND, layer]),
    view: deepLink ? parseView(location.hash) : null,
    bounds: options.bounds ?? boundsOf(reports),
    patch: options.bounds ?? null,
    controls: { locate: false, ...controls },
    now,
    onView: ({ hash }) => {
      if (deepLink) history.replaceState(history.state, "", hash);
    },
  });
  let shown = reports;
  let ready = false;
  const put = () => map.setLive("reports", shown.map(featureOf));
  const waiting = map.on("tiles", () => {
    ready = true;
    waiting();
    put();
  });
  if (onChoose)
    map.on("feature:click", ({ features }) => {
      const hit = features.find((feature) => feature.layer === "reports");
      if (hit) onChoose(hit.id);
    });
  return {
    map,
    show(latest) {
      shown = latest;
      if (ready) put();
    },
    choose(id, report = null) {
      if (!id) map.select(null);
      else if (report) map.focusFeature("reports", id, { lat: report.lat, lon: report.lon });
      else map.select("reports", id);
    },
  };
}
