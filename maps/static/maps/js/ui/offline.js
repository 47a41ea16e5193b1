/** Making a page open without a network: the service worker, and what it is to keep. */

import { groundTiles } from "../lib/keeping.js";
import { SYNC } from "../lib/whose.js";
import { theWorker } from "../lib/worker.js";

/**
 * Call once, when the page has come.
 *
 * @param {{boxes: [number, number, number, number][], outbox?: import("../lib/outbox.js").Outbox}} page `boxes` of one's
 *   own grids: west, south, east, north in degrees
 * @returns {Promise<boolean>} whether the page is going to open without a network
 */
export async function keepForLater({ boxes, outbox }) {
  if (!navigator.serviceWorker) return false;
  const controlled = Boolean(navigator.serviceWorker.controller);
  try {
    const registration = await theWorker();
    // A page that went through the worker has been kept on its way.
    const page = controlled ? null : location.pathname;
    registration.active.postMessage({ page, around: groundTiles(boxes) });
    if (outbox) askToBeWoken(registration, outbox);
    return true;
  } catch {
    // A browser without module workers, or in private mode: everything but opening works without one.
    return false;
  }
}

/** Where the browser can, it wakes the worker when the network is back and no page is open. */
function askToBeWoken(registration, outbox) {
  if (!registration.sync) return;
  outbox.on("waiting", () => {
    registration.sync.register(SYNC + outbox.person).catch(() => {});
  });
}
