/** What waits to be sent: its shape, what an answer makes of it, and what of it goes into a file. */

import { ApiError, newId, newKey } from "./api.js";

/**
 * @typedef {{id: string, person: string, kind: string, method: string, url: string, body: object|null,
 *   headers: object, file: {field: string|null, name: string, type: string}|null, key: string, name: string,
 *   after: number, needs: string[], state: "waiting"|"refused"|"conflict", error: string|null, server: object|null,
 *   look: string|null, edited: boolean, attempts: number, madeAt: number}} Entry
 *
 * - `id` is the client's; what is created under an id of its own (`body.id`) has that as its entry's id too, so that
 *   others can name it in `needs` before and after it is sent.
 * - `key` is the idempotency key: the same until the body is edited.
 * - `file` says how the entry's blob goes: in a form under `field`, or, without one, as the body itself.
 * - `name` is what to call it to the reader, `after` the epoch ms until which it may be undone.
 * - `needs` are entries that must be gone first: sent, not dropped, for what needs a dropped one is dropped with it.
 * - `look` is where to read what the server has when it says that something else happened meanwhile; `server` is that.
 */

/** @param {object} given at least `kind`, `url` and `name` @returns {Entry} */
export function complete(given, person, now) {
  const { blob: _blob, ...rest } = given;
  return {
    id: given.body?.id ?? newId(now),
    method: "POST",
    body: null,
    headers: {},
    file: null,
    key: newKey(),
    after: 0,
    needs: [],
    look: null,
    madeAt: now,
    ...rest,
    person,
    state: "waiting",
    error: null,
    server: null,
    edited: false,
    attempts: 0,
  };
}

/** Oldest first; those made in the same millisecond by their ids, which sort by time too. */
export const byAge = (one, other) => one.madeAt - other.madeAt || (one.id < other.id ? -1 : 1);

const WAITS = new Set([401, 403, 408, 425, 429]);

/**
 * What a failure makes of an entry.
 *
 * @returns {"waiting"|"refused"|"conflict"}
 */
export function verdict(error) {
  if (!(error instanceof ApiError) || error.status >= 500 || WAITS.has(error.status)) return "waiting";
  return error.status === 409 || error.status === 412 ? "conflict" : "refused";
}

/** Whether the next entry would meet the same: no network, signed out, a server that rests. */
export const stopsAll = (error) =>
  !(error instanceof ApiError) || [401, 429, 502, 503, 504].includes(error.status);

/** All that hangs on the given entries, themselves included, whatever they need in turn. */
export function hangingOn(ids, entries) {
  const found = new Set(ids);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const entry of entries) if (entry.needs.some((id) => found.has(id))) found.add(entry.id);
  }
  return entries.filter(({ id }) => found.has(id));
}

/** What was entered, for a file: what only serves sending stays out. */
export async function exported({ id, kind, name, url, method, body, file, state, error, madeAt }, blob) {
  return {
    id,
    kind,
    name,
    made_at: new Date(madeAt).toISOString(),
    state,
    error,
    request: { method, url, body },
    ...(blob && { file: { name: file?.name ?? name, type: blob.type, base64: await base64(blob) } }),
  };
}

async function base64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  // In pieces: a call takes only so many arguments.
  for (let start = 0; start < bytes.length; start += 0x8000)
    text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return btoa(text);
}
