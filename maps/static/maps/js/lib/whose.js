/** Whose device this is: who was signed in here last. */

const SLOT = "gridwarden:person";

/**
 * Remember who is signed in. Call on every page.
 *
 * @param {string} person "" for nobody
 * @returns {boolean} whether somebody else was before, so that `wipeOthers` (lib/wiping.js) is due
 */
export function isAnother(person, storage = theStorage()) {
  if (!person) return false;
  try {
    const before = storage?.getItem(SLOT);
    storage?.setItem(SLOT, person);
    return Boolean(before) && before !== person;
  } catch {
    return false;
  }
}

export function forget(storage) {
  try {
    storage?.removeItem(SLOT);
  } catch {
    // Then it remembers nothing either.
  }
}

/** A browser may forbid even to ask for it. */
export function theStorage() {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

/** The tag of a background sync: what follows is whose outbox is to be sent. */
export const SYNC = "gridwarden-outbox:";

export const personOf = (tag) => tag.slice(SYNC.length);
