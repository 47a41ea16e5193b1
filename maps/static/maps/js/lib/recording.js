/**
 * Recording a patrol: every position is written down as it comes and handed to the outbox in batches, so that neither
 * a lost network nor a page that dies loses one. Started under an id of the phone's own, so that it needs no network.
 *
 * Events: `change` (state, gaps or counts), `fix` {position}, `gap` {gap}. No DOM; whoever watches the phone calls
 * `fix`, `silent` and `beat`.
 *
 * @typedef {{time: number, lon: number, lat: number, accuracy: number|null, speed: number|null, course: number|null,
 *   altitude: number|null}} Position time in epoch ms, metres, m/s, degrees
 * @typedef {{from: number, to: number|null, why: "hidden"|"signal"|"closed"|"refused"}} Gap epoch ms; open without `to`
 */

import { newId } from "./api.js";
import { Emitter } from "./emitter.js";

export const BATCH = { every: 30_000, fixes: 50, most: 1000 };
/** From so many ms without a position on it is said that there is a gap. */
export const QUIET = 60_000;
/** For so long, in ms, an end is kept back to be undone; without a network, until it is sent. */
export const UNDO_END = 10_000;
/** How often what the page knows is written down, in ms; positions are at once. */
const KEEP_EVERY = 5000;
/** The way for drawing: a position this near to the last and this soon after says nothing new, in metres and ms. */
const THIN = { near: 4, soon: 8000 };

const url = (id, verb = "") => `/api/v1/patrols/${id}${verb}`;
const near = (one, other) =>
  Math.hypot((one.lat - other.lat) * 111_195, (one.lon - other.lon) * 111_195 * Math.cos(one.lat / 57.3)) <
  THIN.near;

export class Recording extends Emitter {
  #lastBatch = 0;
  #lastKept = 0;
  #batching = null;

  /** The patrol that is or was recorded last; null before the first. */
  patrol = null;
  /** @type {Position[]} the way so far, thinned */
  way = [];
  /** @type {Gap[]} */
  gaps = [];
  /** @type {Position|null} */
  last = null;
  /** Things ticked by hand in this patrol, as "street/7". @type {Set<string>} */
  ticks = new Set();
  /** Reports filed in this patrol. */
  reports = 0;
  /** Positions that are not in the outbox yet. */
  loose = 0;
  /** Whether the page was hidden since the last position; the page says so. */
  hidden = false;

  /**
   * @param {{person: string, database: import("./database.js").Database, outbox: import("./outbox.js").Outbox,
   *   now?: () => number}} options `now` in epoch ms
   */
  constructor({ person, database, outbox, now = Date.now }) {
    super();
    Object.assign(this, { person: String(person), database, outbox, now });
  }

  /** Whether a patrol is under way. */
  get active() {
    return Boolean(this.patrol) && !this.patrol.ended_at;
  }

  /** The gap that is open now, or null. */
  get gap() {
    const last = this.gaps.at(-1);
    return last && last.to === null ? last : null;
  }

  get #why() {
    return this.hidden ? "hidden" : "signal";
  }

  get #slot() {
    return `patrol:${this.person}`;
  }

  /** Take up what this phone recorded before the page was opened. @returns {Promise<boolean>} whether there is some */
  async load() {
    const kept = await this.database.get("kept", this.#slot);
    if (!kept || kept.person !== this.person) return false;
    this.patrol = kept.patrol;
    this.way = kept.way;
    this.gaps = kept.gaps;
    this.ticks = new Set(kept.ticks);
    this.reports = kept.reports;
    this.last = kept.last;
    const rows = await this.#rows();
    this.loose = rows.length;
    // What came after the page was written down last.
    for (const row of rows) if (!this.last || row.time > this.last.time) this.#walk(positionOf(row));
    if (this.active) this.silent("closed", this.last?.time ?? this.patrol.started_at);
    this.#changed();
    return true;
  }

  /**
   * Start a patrol, or go on with one that the server knows to be under way.
   *
   * @param {{grid: number, mode: "walk"|"bicycle", name: string, before?: object, needs?: string[],
   *   known?: {id: string, started_at: number}, instead?: {id: string, started_at: number, name: string}}} how
   *   `name` is what to call it in the outbox, `before` how the grid stood, `needs` entries of the outbox that must be
   *   sent first, `instead` the patrol that ends as this one starts
   */
  async start({ grid, mode, name, before = null, needs = [], known = null, instead = null }) {
    // The clock of the phone that started the other one may be ahead, and the server's is finer than a millisecond.
    const at = known?.started_at ?? Math.max(this.now(), instead ? instead.started_at + 1 : 0);
    this.patrol = {
      id: known?.id ?? newId(at),
      grid,
      mode,
      name,
      before,
      started_at: at,
      ended_at: null,
      nothing_at: null,
    };
    Object.assign(this, { way: [], gaps: [], last: null, ticks: new Set(), reports: 0, loose: 0 });
    this.#lastBatch = this.now();
    await this.keep();
    const { id } = this.patrol;
    const moment = new Date(at).toISOString();
    // One that was just ended may still be taken back, and is not sent before that is over.
    const ending = this.outbox.entries.filter(({ kind, state }) => kind === "end" && state === "waiting");
    const first = [...needs, ...ending.map((entry) => entry.id)];
    const ends = instead && {
      id: newId(at),
      kind: "end",
      url: url(instead.id, "/end"),
      body: { at: moment },
      name: instead.name,
    };
    const starts = {
      kind: "patrol",
      url: "/api/v1/patrols",
      look: url(id),
      body: { id, grid, mode, started_at: moment },
      name,
      needs: ends ? [...first, ends.id] : first,
    };
    if (!known) await this.outbox.add(ends ? [ends, starts] : starts);
    this.#changed();
  }

  /**
   * The patrol that the server knows to be under way, if this phone neither records it nor is about to end it: begun
   * on another phone, or this one forgot.
   */
  elsewhere(known) {
    if (!known || this.active || this.patrol?.id === known.id) return null;
    const ends = this.outbox.entries.some(({ kind, url }) => kind === "end" && url.includes(known.id));
    return ends ? null : known;
  }

  /** A position came. @param {Position} position */
  async fix(position) {
    if (!this.active || position.time < this.patrol.started_at - 1000) return;
    if (this.last && position.time <= this.last.time) return;
    const { id } = this.patrol;
    const before = this.last?.time ?? this.patrol.started_at;
    if (this.gap) this.gap.to = position.time;
    else if (position.time - before >= QUIET)
      this.gaps.push({ from: before, to: position.time, why: this.#why });
    this.hidden = false;
    this.#walk(position);
    this.loose += 1;
    await this.database.put("fixes", { patrol: id, person: this.person, ...position });
    this.emit("fix", { position });
    if (this.loose >= BATCH.fixes) await this.batch();
    if (this.now() - this.#lastKept >= KEEP_EVERY) await this.keep();
    this.#changed();
  }

  #walk(position) {
    const { last } = this;
    this.last = position;
    if (last && position.time - last.time < THIN.soon && near(last, position) && this.way.length > 1)
      this.way[this.way.length - 1] = position;
    else this.way.push(position);
  }

  /** Nothing comes since a moment, and why; a gap that is open keeps its beginning. */
  silent(why, since = this.last?.time ?? this.patrol?.started_at) {
    if (!this.active || this.gap) return;
    this.gaps.push({ from: since, to: null, why });
    this.emit("gap", { gap: this.gap });
    this.#changed();
  }

  /** To be called every second or so: sends what has waited long enough, and notices that nothing comes. */
  async beat() {
    if (!this.active) return;
    const since = this.last?.time ?? this.patrol.started_at;
    if (!this.gap && this.now() - since >= QUIET) this.silent(this.#why, since);
    if (this.loose && this.now() - this.#lastBatch >= BATCH.every) await this.batch();
    if (this.now() - this.#lastKept >= KEEP_EVERY) await this.keep();
  }

  /** Hand positions to the outbox, one batch at a time: what cannot be sent would pile up there. */
  batch() {
    this.#batching ??= this.#batch().finally(() => {
      this.#batching = null;
    });
    return this.#batching;
  }

  async #batch() {
    this.#lastBatch = this.now();
    const { id } = this.patrol;
    const waiting = (await this.outbox.list()).some(({ kind, patrol }) => kind === "fixes" && patrol === id);
    if (!waiting || !this.active) await this.#hand((await this.#rows()).slice(0, BATCH.most));
  }

  /** Into the outbox, then out of the table: what a dying page leaves in both is stored once by the server. */
  /** Hand all positions to the outbox, from whatever page: whoever signs out would lose them. */
  static async handOver(parts) {
    const recording = new Recording(parts);
    if (await recording.load()) await recording.#handAll();
  }

  async #handAll() {
    await this.#batching;
    for (let rows = await this.#rows(); rows.length; rows = await this.#rows())
      await this.#hand(rows.slice(0, BATCH.most));
  }

  async #hand(rows) {
    if (!rows.length) return null;
    const { id, name } = this.patrol;
    const fixes = rows.map(rowOf);
    const [entry] = await this.outbox.add({
      kind: "fixes",
      url: url(id, "/fixes"),
      body: { fixes },
      name,
      patrol: id,
      needs: [id],
    });
    await this.database.drop("fixes", ...rows.map(({ patrol, time }) => [patrol, time]));
    this.loose = Math.max(0, this.loose - rows.length);
    this.#changed();
    return entry;
  }

  async #rows() {
    const rows = await this.database.all("fixes", this.person);
    return rows.filter(({ patrol }) => patrol === this.patrol.id).sort((one, other) => one.time - other.time);
  }

  /**
   * Tick something by hand (自报), or take it back. @param {{thing: string, key: number, name: string, undo?: number}} what
   *   `undo` = for how many ms the outbox keeps it to be taken back
   * @returns {Promise<string>} the outbox entry's id
   */
  async tick({ thing, key, name, ticked = true, undo = 0 }) {
    const { id } = this.patrol;
    if (ticked) this.ticks.add(`${thing}/${key}`);
    else this.ticks.delete(`${thing}/${key}`);
    await this.keep();
    const at = new Date(this.patrol.ended_at ?? this.now()).toISOString();
    const body = { thing, key, at, ...(ticked ? {} : { ticked: false }) };
    const after = undo ? this.now() + undo : 0;
    const [entry] = await this.outbox.add({
      kind: "tick",
      url: url(id, "/ticks"),
      body,
      name,
      after,
      needs: [id],
    });
    this.#changed();
    return entry;
  }

  /** A tick was taken back before it was sent. */
  async unticked(thing, key) {
    this.ticks.delete(`${thing}/${key}`);
    await this.keep();
    this.#changed();
  }

  /** Say that nothing was found so far, or take it back. @returns {Promise<void>} */
  async nothing(said, name) {
    const { id } = this.patrol;
    this.patrol.nothing_at = said ? this.now() : null;
    await this.keep();
    const body = { said, at: new Date(this.now()).toISOString() };
    await this.outbox.add({ kind: "nothing", url: url(id, "/nothing"), body, name, needs: [id] });
    this.#changed();
  }

  /** A report was filed on the way. */
  async filed() {
    if (!this.active) return;
    this.reports += 1;
    await this.keep();
    this.#changed();
  }

  /** End the patrol; for a while it can be taken back. */
  async end() {
    if (!this.active) return;
    const at = this.now();
    if (this.gap) this.gap.to = at;
    this.patrol.ended_at = at;
    await this.#handAll();
    const { id, name } = this.patrol;
    const [entry] = await this.outbox.add({
      kind: "end",
      url: url(id, "/end"),
      body: { at: new Date(at).toISOString() },
      name,
      after: at + UNDO_END,
      needs: [id],
    });
    this.patrol.ending = entry;
    await this.keep();
    this.#changed();
  }

  /** Go on after all. @returns {Promise<boolean>} false when the end is sent already */
  async resume() {
    const entry = this.patrol?.ending;
    if (!entry || !(await this.outbox.drop(entry))) return false;
    const since = this.patrol.ended_at;
    this.patrol.ended_at = null;
    this.patrol.ending = null;
    this.silent("closed", since);
    await this.keep();
    this.#changed();
    return true;
  }

  /** Forget what was kept of a patrol that is over. */
  async forget() {
    this.patrol = this.last = null;
    Object.assign(this, { way: [], gaps: [], ticks: new Set(), reports: 0, loose: 0 });
    await this.database.drop("kept", this.#slot);
    this.#changed();
  }

  /** Write down what the page knows; also before it goes. */
  keep() {
    this.#lastKept = this.now();
    if (!this.patrol) return Promise.resolve();
    const { patrol, way, gaps, last, reports } = this;
    return this.database.put("kept", {
      key: this.#slot,
      person: this.person,
      patrol: { ...patrol },
      way: [...way],
      gaps: gaps.map((gap) => ({ ...gap })),
      ticks: [...this.ticks],
      last,
      reports,
    });
  }

  #changed() {
    this.emit("change", this);
  }
}

const positionOf = ({ time, lon, lat, accuracy, speed, course, altitude }) => ({
  time,
  lon,
  lat,
  accuracy,
  speed,
  course,
  altitude,
});

/** As the API takes it: milliseconds, longitude, latitude, accuracy, speed, course, altitude. */
const rowOf = ({ time, lon, lat, accuracy, speed, course, altitude }) => {
  const round = (value, digits) => (Number.isFinite(value) ? Number(value.toFixed(digits)) : null);
  return [
    Math.round(time),
    round(lon, 7),
    round(lat, 7),
    round(accuracy, 1),
    round(speed, 2),
    round(course, 1),
    round(altitude, 1),
  ];
};
