/** What to go to next on a patrol: what is due and near, what must not wait first. No DOM. */

import { metres } from "./shift.js";

const DAY = 86_400_000;
/** What a rank is worth in metres of way: for something more pressing one goes a little farther. */
const WEIGHT = 60;
const RANKS = { zero: 0, planned: 0, overdue: 1, never: 1, checkpoint: 2, unknown: 2, due: 3 };

/** Days from one date to another, both as 2026-11-30. */
export const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY);

/** The last day on which a place was seen, measured or told. */
export const lastSeen = ({ seen_on: seen, told_on: told }) =>
  [seen, told].filter(Boolean).sort().at(-1) ?? null;

/** Whether a checkpoint is to be looked at: not seen within its days. @param {string} today */
export function isDue(checkpoint, today) {
  const last = lastSeen(checkpoint);
  return last === null || daysBetween(last, today) >= checkpoint.every;
}

/**
 * @typedef {{kind: "checkpoint"|"street", id: number, rank: number, away: number|null, state: string}} Stop `away` in
 *   metres, null when nobody knows where one is
 */

/**
 * All that is due, what to go to next first.
 *
 * @param {{checkpoints: object[], streets: object[]}} grid
 * @param {{today: string, at: {lon: number, lat: number}|null, stateOf: (id: number) => string,
 *   awayOf: (id: number) => number, planned?: (id: number) => boolean}} known `stateOf` how a street stands now, `awayOf` metres to what is left of it,
 *   `planned` whether a plan asks for it today and it was not walked yet
 * @returns {Stop[]}
 */
export function stops({ checkpoints, streets }, { today, at, stateOf, awayOf, planned = () => false }) {
  const found = [];
  for (const checkpoint of checkpoints)
    if (isDue(checkpoint, today)) {
      const away = at ? metres(at.lon, at.lat, checkpoint.lon, checkpoint.lat) : null;
      const state = checkpoint.zero ? "zero" : "checkpoint";
      found.push({ kind: "checkpoint", id: checkpoint.id, state, rank: RANKS[state], away });
    }
  for (const street of streets) {
    const state = planned(street.id) ? "planned" : stateOf(street.id);
    if (!(state in RANKS)) continue;
    const away = at ? awayOf(street.id) : null;
    found.push({ kind: "street", id: street.id, state, rank: RANKS[state], away });
  }
  const cost = ({ rank, away }) => rank * WEIGHT + (Number.isFinite(away) ? away : 0);
  // Without a position only the rank counts; within one rank the order of the lists stays.
  return found.sort((one, other) => (at ? cost(one) - cost(other) : one.rank - other.rank));
}
