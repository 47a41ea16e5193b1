/** Pages that open without a network: how old they are, and the map that goes with them. */

import { project, tilesIn } from "./tilemath.js";

const ZOOMS = [14, 15, 16];
/** A patch is small; of a whole town only the first part fits. */
const MOST_TILES = 300;

/** When this page was kept, in epoch ms; null for one that came just now. The service worker writes it in. */
export const pageKeptAt = () => Number(globalThis.document?.body?.dataset.kept) || null;

/**
 * The time by the server's clock, also in a page that was kept.
 *
 * @param {number} said epoch seconds, as the server wrote them into the page
 * @returns {() => number} epoch seconds
 */
export function serverClock(said, keptAt = pageKeptAt()) {
  const skew = said - (keptAt ?? Date.now()) / 1000;
  return () => Date.now() / 1000 + skew;
}

/**
 * The addresses of the ground's tiles over some boxes, the widest first.
 *
 * @param {[number, number, number, number][]} boxes west, south, east, north in degrees (WGS-84)
 */
export function groundTiles(boxes, prefix = "/tiles/ground") {
  const found = new Set([`${prefix}.json`]);
  for (const zoom of ZOOMS)
    for (const [west, south, east, north] of boxes) {
      const [left, top] = project(west, north);
      const [right, bottom] = project(east, south);
      for (const { x, y } of tilesIn([left, top, right, bottom], zoom)) {
        if (found.size > MOST_TILES) return [...found];
        found.add(`${prefix}/${zoom}/${x}/${y}.mvt`);
      }
    }
  return [...found];
}
