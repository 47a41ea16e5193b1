/**
 * What belongs to a person leaves this device when they sign out, and when somebody else signs in after a session that
 * ended by itself: a phone may be shared.
 */

import { Database, TABLES } from "./database.js";
import { forget, theStorage } from "./whose.js";

/** Caches that hold nothing of a person's: the site's own files. */
export const PUBLIC_CACHE = "gridwarden-files";

const DRAFTS = "gridwarden:drafts:";

/**
 * Take away everything that was kept or entered, whosever it is.
 *
 * @param {{database?: Database, caches?: CacheStorage, storage?: Storage}} places
 */
export async function wipeAll(places = {}) {
  // The worker may be keeping a page at this moment.
  globalThis.navigator?.serviceWorker?.controller?.postMessage({ wipe: true });
  await wipe(places, () => true);
  forget(places.storage ?? theStorage());
}

/** Take away what belongs to anybody but this person. */
export async function wipeOthers(person, places = {}) {
  await wipe(places, (owner) => owner !== String(person));
}

async function wipe(
  { database = Database.shared(), caches = globalThis.caches, storage = theStorage() },
  whose,
) {
  for (const table of TABLES) await database.wipe(table, (row) => whose(row.person));
  for (const slot of slotsOf(storage)) if (whose(slot.slice(DRAFTS.length))) storage.removeItem(slot);
  const names = (await caches?.keys().catch(() => [])) ?? [];
  const personal = names.filter((name) => name.startsWith("gridwarden-") && name !== PUBLIC_CACHE);
  await Promise.all(personal.map((name) => whose(name.split(":")[1]) && caches.delete(name)));
}

function slotsOf(storage) {
  try {
    return Object.keys(storage ?? {}).filter((slot) => slot.startsWith(DRAFTS));
  } catch {
    return [];
  }
}
