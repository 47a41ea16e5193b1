/** The grid on the map while somebody walks in it: streets as they stand, the way so far, what is due, open reports. */

import { SILENCE } from "../../lib/walked.js";
import { showAreas } from "../../map/areas.js";
import { createMap } from "../../map/map.js";
import { mapOptions } from "../../ui/map-options.js";

/** What the page puts there itself: it knows it without a network. */
const OWN = ["grids", "coverage", "way", "checkpoints", "reports"].map((name) => ({ name, live: true }));

/**
 * @param {HTMLElement} element
 * @param {{grid: {id: string, box: number[]}, mine: string[]}} page
 * @param {{view: object|null, now: () => number, wide: boolean, onView: (view: object) => void}} options
 */
export function patrolMap(element, page, { view, now, wide, onView }) {
  return createMap(element, {
    ...mapOptions(["ground", ...OWN]),
    view,
    bounds: page.grid.box,
    patch: page.grid.box,
    mine: [page.grid.id],
    controls: { zoom: wide, locate: true, fit: true, scale: true },
    now,
    onView,
  });
}

const areas = new WeakMap();

/** @param {import("../../map/map.js").GridMap} map @param {import("../../lib/patrol-progress.js").Progress} progress */
export function showGrid(map, progress) {
  const { grid } = progress;
  if (!areas.has(map)) areas.set(map, { shown: showAreas(map), of: null });
  const plans = areas.get(map);
  // The outlines stay as they are while somebody walks: only another grid, or a new bundle, has others.
  if (plans.of !== grid) {
    plans.of = grid;
    plans.shown.set((grid.plans ?? []).map(({ name, area }) => ({ kind: "plan", name, geometry: area })));
  }
  map.setLive("grids", [
    {
      type: "Feature",
      id: grid.id,
      geometry: grid.outline,
      properties: { name: grid.label, kind: "service" },
    },
  ]);
  map.setLive(
    "coverage",
    grid.streets.map((street) => ({
      type: "Feature",
      id: street.id,
      geometry: street.line,
      properties: { state: progress.stateOf(street.id) },
    })),
  );
  map.setLive(
    "checkpoints",
    grid.checkpoints
      .filter((one) => progress.isDue(one))
      .map(({ id, name, zero, lon, lat }) => ({
        type: "Feature",
        id,
        geometry: { type: "Point", coordinates: [lon, lat] },
        properties: { name, zero, status: "unknown" },
      })),
  );
  map.setLive(
    "reports",
    grid.reports.map(({ id, symbol, lon, lat }) => ({
      type: "Feature",
      id,
      geometry: { type: "Point", coordinates: [lon, lat] },
      properties: symbol,
    })),
  );
}

/** The way so far: solid where it is known, dashed over a gap. @param {object[]} way of lib/recording.js */
export function showWay(map, way) {
  const features = [];
  let part = [];
  const line = (positions, gap) => {
    if (positions.length > 1)
      features.push({
        type: "Feature",
        id: `${features.length}`,
        geometry: { type: "LineString", coordinates: positions.map(({ lon, lat }) => [lon, lat]) },
        properties: { gap },
      });
  };
  for (const position of way) {
    const last = part.at(-1);
    if (last && position.time - last.time > SILENCE * 1000) {
      line(part, false);
      line([last, position], true);
      part = [];
    }
    part.push(position);
  }
  line(part, false);
  map.setLive("way", features);
}
