/** How a grid stands while somebody walks in it: what the bundle says, and what this walk adds. No DOM. */

import { daysBetween, isDue, stops } from "./next-stop.js";
import { metres } from "./shift.js";
import { Walked } from "./walked.js";

/** A checkpoint is passed if the way comes this near, in metres, as the server has it. */
const PASSED = 25;
const VAGUE = 50;

export class Progress {
  /**
   * @param {object} bundle of /patrol/bundle.json
   * @param {object} grid one of its grids
   * @param {{mode?: string, way?: object[], ticks?: Set<string>}} walk what this walk did so far
   */
  constructor({ rules, today }, grid, { mode = "walk", way = [], ticks = new Set() } = {}) {
    Object.assign(this, { grid, today, ticks });
    this.walked = new Walked(grid.streets, rules, mode);
    this.passed = new Set();
    this.at = null;
    for (const key of ticks) if (key.startsWith("street/")) this.walked.tick(Number(key.slice(7)), true);
    for (const position of way) this.pass(position);
  }

  /** Go on to a position. @returns {boolean} whether a street or checkpoint stands differently now */
  pass(position) {
    const before = this.#standing;
    this.at = { lon: position.lon, lat: position.lat };
    this.walked.pass(position);
    if ((position.accuracy ?? 0) <= VAGUE)
      for (const { id, lon, lat } of this.grid.checkpoints)
        if (metres(position.lon, position.lat, lon, lat) <= PASSED) this.passed.add(id);
    return this.#standing !== before;
  }

  get #standing() {
    return `${this.passed.size}/${this.walked.percent}/${this.walked.ids.filter((id) => this.walked.of(id).turned)}`;
  }

  tick(thing, key, ticked) {
    if (ticked) this.ticks.add(`${thing}/${key}`);
    else this.ticks.delete(`${thing}/${key}`);
    if (thing === "street") this.walked.tick(key, ticked);
  }

  ticked(thing, key) {
    return this.ticks.has(`${thing}/${key}`);
  }

  /** Whether a checkpoint is still to be looked at. */
  isDue(checkpoint) {
    return (
      !this.passed.has(checkpoint.id) &&
      !this.ticked("checkpoint", checkpoint.id) &&
      isDue(checkpoint, this.today)
    );
  }

  stateOf(id) {
    return this.walked.of(id)?.state ?? "walked";
  }

  /** Whether a plan asks for a street today that was not walked today yet. */
  isPlanned(id) {
    return this.plans.some(({ left }) => left.includes(id));
  }

  /** The plans of today, each with the ids of its streets that are left to walk. */
  get plans() {
    return (this.grid.plans ?? []).map((plan) => {
      const left = plan.streets
        .filter((one) => !one.walked && !this.#walkedToday(one.id))
        .map(({ id }) => id);
      return { ...plan, left, done: plan.streets.length > 0 && left.length === 0 };
    });
  }

  #walkedToday(id) {
    const stands = this.walked.of(id);
    return Boolean(stands) && (stands.mine >= this.walked.enough || this.ticked("street", id));
  }

  /** What is due, what to go to next first. */
  get stops() {
    const checkpoints = this.grid.checkpoints.filter((one) => this.isDue(one));
    const planned = new Set(this.plans.flatMap(({ left }) => left));
    const known = {
      today: this.today,
      at: this.at,
      stateOf: (id) => this.stateOf(id),
      awayOf: (id) => this.walked.nearest(id, this.at),
      planned: (id) => planned.has(id),
    };
    return stops({ checkpoints, streets: this.grid.streets }, known);
  }

  /** How many streets and checkpoints are to be gone to. */
  get due() {
    const planned = new Set(this.plans.flatMap(({ left }) => left));
    const streets = this.grid.streets.filter(
      ({ id }) => planned.has(id) || this.stateOf(id) !== "walked",
    ).length;
    return { streets, checkpoints: this.grid.checkpoints.filter((one) => this.isDue(one)).length };
  }

  /** How the grid stood before, for a summary. */
  get standing() {
    const { covered, metres: all } = this.walked.total;
    return {
      covered,
      metres: all,
      states: Object.fromEntries(this.grid.streets.map((one) => [one.id, one.state])),
    };
  }
}

/** Metres along a way, without what lies between two parts of it. @param {object[]} way @param {number} silence ms */
export function lengthOf(way, silence) {
  let sum = 0;
  for (let index = 1; index < way.length; index++) {
    const [a, b] = [way[index - 1], way[index]];
    if (b.time - a.time <= silence) sum += metres(a.lon, a.lat, b.lon, b.lat);
  }
  return sum;
}

/**
 * What came of a patrol.
 *
 * @param {{patrol: object, way: object[], gaps: object[], ticks: Set<string>, reports: number}} recording
 * @param {Progress} progress with the bundle of before, or, `measured`, with the one of after
 * @param {{measured: boolean, silence: number}} how `silence` = ms that leave something unknown
 */
export function summaryOf({ patrol, way, gaps, ticks, reports }, progress, { measured, silence }) {
  const { total } = progress.walked;
  const { before } = patrol;
  const states = before?.states ?? {};
  const now = (id) =>
    measured ? progress.grid.streets.find((one) => one.id === id).state : progress.stateOf(id);
  const done = (state) => state === "walked";
  const streets = progress.grid.streets.map((street) => ({
    street,
    before: states[street.id],
    now: now(street.id),
  }));
  const percent = (part, whole) => (whole ? Math.floor((part / whole) * 100 + 1e-9) : 0);
  return {
    measured,
    minutes: Math.max(1, Math.round((patrol.ended_at - patrol.started_at) / 60_000)),
    metres: Math.round(lengthOf(way, silence)),
    before: percent(before?.covered ?? total.before, before?.metres ?? total.metres),
    after: percent(total.covered, total.metres),
    gained: streets.filter((row) => done(row.now) && !done(row.before)),
    unknown: streets.filter((row) => row.now === "unknown"),
    left: streets.filter((row) => !done(row.now) && row.now !== "unknown"),
    checkpoints: progress.grid.checkpoints.filter((one) => progress.isDue(one)),
    told: [...ticks],
    gaps: gaps.filter(({ from, to }) => (to ?? patrol.ended_at) - from >= 60_000),
    long: gaps.filter(({ from, to }) => (to ?? patrol.ended_at) - from > silence).length,
    reports,
    nothing: Boolean(patrol.nothing_at),
  };
}

/** Whether what was read is of another day than today. */
export const isOld = (bundle, today) => daysBetween(bundle.today, today) > 0;
