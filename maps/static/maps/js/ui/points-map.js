/** A map with points that are in no tile yet. */

import { boundsOf, pointFeature } from "../lib/placing.js";
import { createMap } from "../map/map.js";
import { mapOptions } from "./map-options.js";

const NO_TILES = 30;

/** Shows points instead of the checkpoints there are. @param {number[]} bounds of the region */
export function pointsMap(bounds) {
  const map = createMap(document.getElementById("map"), {
    ...mapOptions(["regions", "ground", { name: "checkpoints", minzoom: NO_TILES, maxzoom: NO_TILES }]),
    bounds,
    patch: bounds,
    controls: { locate: false },
  });
  let ready = false;
  let features = [];
  const draw = () => map.setLive("checkpoints", features);
  const waiting = map.on("tiles", () => {
    ready = true;
    waiting();
    draw();
  });
  return {
    /** @param {{id: number, name: string, lon: number, lat: number}[]} points */
    put(points) {
      features = points.map(pointFeature);
      if (ready) draw();
      const around = boundsOf(points);
      if (around) map.fitBounds(around, { maxZoom: 17, animate: false });
    },
  };
}
