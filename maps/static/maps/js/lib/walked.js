/**
 * What a walk has covered so far, reckoned on the phone. Only provisional: the server measures exactly, and hears the
 * positions in the end. The same rules, so that the two seldom differ: a stretch within so many metres of the way is
 * covered, positions vaguer than 50 m or faster than believed do not count, and five silent minutes part the way.
 *
 * Streets are looked at in samples of at most `STEP` metres; no DOM.
 */

const STEP = 5;
const CELL = 40;
const VAGUE = 50;
export const SILENCE = 300;
/** In m/s. */
const BELIEVED = { walk: 3, bicycle: 12 };
const METRES = 111_195;

/** Degrees to metres around a place, good for a few kilometres. */
function planeAt([lon0, lat0]) {
  const squeeze = Math.cos((lat0 * Math.PI) / 180);
  return ([lon, lat]) => [(lon - lon0) * METRES * squeeze, (lat - lat0) * METRES];
}

/** Points at most `STEP` metres apart along a line, each with the metres it stands for. */
function* samplesAlong(line) {
  for (let index = 1; index < line.length; index++) {
    const [ax, ay] = line[index - 1];
    const [bx, by] = line[index];
    const length = Math.hypot(bx - ax, by - ay);
    const count = Math.max(1, Math.ceil(length / STEP));
    for (let turn = 0; turn < count; turn++) {
      const t = (turn + 0.5) / count;
      yield { x: ax + (bx - ax) * t, y: ay + (by - ay) * t, metres: length / count };
    }
  }
}

function distance(x, y, [ax, ay], [bx, by]) {
  const dx = bx - ax;
  const dy = by - ay;
  const span = dx * dx + dy * dy;
  const t = span ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / span)) : 0;
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

/**
 * @typedef {{id: number, metres: number, told: boolean, state: string, line: object, covered_line: object|null}} Street
 *   `line` and `covered_line` are MultiLineStrings in degrees: the street in the grid, and what was covered lately
 * @typedef {{time: number, lon: number, lat: number, accuracy: number|null}} Position `time` in epoch ms
 */
export class Walked {
  #streets = new Map();
  #cells = new Map();
  #project = null;
  #last = null;

  /**
   * @param {Street[]} streets
   * @param {{swath: number, enough: number}} rules metres beside the way, and the share that makes a street walked
   * @param {"walk"|"bicycle"} mode
   */
  constructor(streets, { swath, enough }, mode = "walk") {
    Object.assign(this, { swath, enough, mode });
    for (const street of streets) this.#take(street);
  }

  #take({ id, told, state, line, covered_line: covered }) {
    this.#project ??= planeAt(line.coordinates[0][0]);
    const lines = line.coordinates.map((part) => part.map(this.#project));
    const before = covered?.coordinates.map((part) => part.map(this.#project)) ?? [];
    const street = { id, told, state, samples: [], metres: 0, had: 0, mine: 0, both: 0, ticked: false };
    for (const part of lines)
      for (const sample of samplesAlong(part)) {
        const had = before.some((one) =>
          one.some((at, index) => index && distance(sample.x, sample.y, one[index - 1], at) < STEP),
        );
        const kept = { ...sample, street, had, mine: false };
        street.samples.push(kept);
        street.metres += sample.metres;
        if (had) {
          street.had += sample.metres;
          street.both += sample.metres;
        }
        const cell = this.#cell(sample.x, sample.y);
        if (!this.#cells.has(cell)) this.#cells.set(cell, []);
        this.#cells.get(cell).push(kept);
      }
    if (street.metres) this.#streets.set(id, street);
  }

  #cell(x, y) {
    return `${Math.floor(x / CELL)},${Math.floor(y / CELL)}`;
  }

  /**
   * Go on to a position.
   *
   * @param {Position} position
   * @returns {Set<number>} ids of the streets of which more is covered now
   */
  pass(position) {
    const changed = new Set();
    if (!this.#project || (position.accuracy ?? 0) > VAGUE) return changed;
    const here = { at: this.#project([position.lon, position.lat]), ...position };
    const from = this.#last;
    if (from && here.time <= from.time) return changed;
    const seconds = from ? (here.time - from.time) / 1000 : Infinity;
    const joined = seconds <= SILENCE;
    if (joined) {
      const slack = (from.accuracy ?? 10) + (here.accuracy ?? 10);
      const length = Math.hypot(here.at[0] - from.at[0], here.at[1] - from.at[1]);
      // Whether such a leap is an outlier or the truth, the server finds out from what comes after.
      if (Math.max(0, length - slack) / seconds > BELIEVED[this.mode]) {
        this.#last = { ...here, leapt: true };
        return changed;
      }
    }
    this.#last = here;
    this.#mark(joined && !from.leapt ? from.at : here.at, here.at, changed);
    return changed;
  }

  #mark(a, b, changed) {
    const low = [0, 1].map((axis) => Math.floor((Math.min(a[axis], b[axis]) - this.swath) / CELL));
    const high = [0, 1].map((axis) => Math.floor((Math.max(a[axis], b[axis]) + this.swath) / CELL));
    for (let cx = low[0]; cx <= high[0]; cx++)
      for (let cy = low[1]; cy <= high[1]; cy++)
        for (const sample of this.#cells.get(`${cx},${cy}`) ?? []) {
          if (sample.mine || distance(sample.x, sample.y, a, b) > this.swath) continue;
          sample.mine = true;
          const { street } = sample;
          street.mine += sample.metres;
          if (!sample.had) street.both += sample.metres;
          changed.add(street.id);
        }
  }

  /** Ticked by hand, or no longer. */
  tick(id, ticked) {
    const street = this.#streets.get(id);
    if (street) street.ticked = ticked;
  }

  /**
   * How a street stands.
   *
   * @returns {{state: string, before: string, covered: number, mine: number, told: boolean, turned: boolean}|null}
   *   `covered` and `mine` are shares: of all patrols lately with this one, and of this one alone; `turned` = it counts
   *   as walked now and did not before
   */
  of(id) {
    const street = this.#streets.get(id);
    if (!street) return null;
    const covered = street.both / street.metres;
    const mine = street.mine / street.metres;
    // What lies nearly a week back is due; walked enough today, it is not.
    const walked = street.ticked || mine >= this.enough || (covered >= this.enough && street.mine > 0);
    const state = walked ? "walked" : street.state;
    const told = street.told || street.ticked;
    return { state, before: street.state, covered, mine, told, turned: walked && street.state !== "walked" };
  }

  /** Ids of all streets. */
  get ids() {
    return [...this.#streets.keys()];
  }

  /** Metres of all streets, of what counts as covered, and of what did before this walk. */
  get total() {
    const sum = { metres: 0, covered: 0, before: 0 };
    for (const { metres, both, had, told, ticked } of this.#streets.values()) {
      sum.metres += metres;
      sum.covered += told || ticked ? metres : both;
      sum.before += told ? metres : had;
    }
    return sum;
  }

  /** Share covered in whole per cent, rounded down: nothing is finished before it is. */
  get percent() {
    const { metres, covered } = this.total;
    return metres ? Math.floor((covered / metres) * 100 + 1e-9) : 0;
  }

  /** Metres from a place to what of a street is not covered yet; Infinity when nothing is left. */
  nearest(id, { lon, lat }) {
    const street = this.#streets.get(id);
    if (!street) return Infinity;
    const [x, y] = this.#project([lon, lat]);
    let best = Infinity;
    for (const sample of street.samples)
      if (!sample.mine && !sample.had) best = Math.min(best, Math.hypot(sample.x - x, sample.y - y));
    return best;
  }
}
