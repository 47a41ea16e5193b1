/** Steps of time: days, weeks from Monday, months; and playing them one after the other. Days are "2026-11-03". */

const DAY = 86_400_000;
export const STEPS = ["day", "week", "month"];
const MOST_STEPS = 120;

const moment = (day) => Date.parse(`${day}T00:00:00Z`);
const dayOf = (time) => new Date(time).toISOString().slice(0, 10);

/** The day some days later. */
export const plusDays = (day, days) => dayOf(moment(day) + days * DAY);

/** How many days from one to another, both included. */
export const daysBetween = (since, until) => Math.round((moment(until) - moment(since)) / DAY) + 1;

/** The first day of the step that a day lies in. */
export function stepStart(day, step) {
  if (step === "month") return `${day.slice(0, 7)}-01`;
  if (step === "week") return plusDays(day, -((new Date(moment(day)).getUTCDay() + 6) % 7));
  return day;
}

/** The last day of the step that begins on a day. */
export function stepEnd(start, step) {
  if (step === "month") {
    const [year, month] = start.split("-").map(Number);
    return dayOf(Date.UTC(year, month, 0));
  }
  return step === "week" ? plusDays(start, 6) : start;
}

/** The step that suits a length of time: some dozens at most, and more than a few. */
export function usualStep(since, until) {
  const days = daysBetween(since, until);
  return days <= 45 ? "day" : days <= 200 ? "week" : "month";
}

/**
 * The steps of a period, cut to it, with what was found in each.
 *
 * @param {{start: string, n: number}[]} counted by the first day of their step; those with nothing may be left out
 * @returns {{since: string, until: string, n: number}[]} the latest ones when there are too many
 */
export function stepsOf(since, until, step, counted = []) {
  const found = new Map(counted.map(({ start, n }) => [stepStart(start, step), n]));
  const steps = [];
  for (let start = stepStart(since, step); start <= until; start = plusDays(stepEnd(start, step), 1))
    steps.push({
      since: start < since ? since : start,
      until: stepEnd(start, step) > until ? until : stepEnd(start, step),
      n: found.get(start) ?? 0,
    });
  return steps.slice(-MOST_STEPS);
}

/** The step in an address: the one that a day lies in, -1 for none. */
export const stepAt = (steps, day) => steps.findIndex(({ since, until }) => day >= since && day <= until);

/**
 * Plays steps: shows one, waits until it can be seen, waits for a while, shows the next; stops after the last.
 */
export class Player {
  #timer = 0;
  #run = 0;

  /**
   * @param {{count: () => number, at: () => number, show: (index: number) => Promise<void>|void,
   *   onChange: (playing: boolean) => void, pause?: number, wait?: (run: () => void, ms: number) => any,
   *   stop?: (timer: any) => void}} options `at` is -1 while no step is shown
   */
  constructor(options) {
    this.options = {
      pause: 1200,
      wait: (run, ms) => setTimeout(run, ms),
      stop: (timer) => clearTimeout(timer),
      ...options,
    };
    this.playing = false;
  }

  /** Begin with the next step; after the last with the first. */
  play() {
    if (this.playing || !this.options.count()) return;
    this.playing = true;
    this.options.onChange(true);
    const next = this.options.at() + 1;
    this.#show(next < this.options.count() ? next : 0);
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.#run += 1;
    this.options.stop(this.#timer);
    this.options.onChange(false);
  }

  async #show(index) {
    this.#run += 1;
    const run = this.#run;
    await this.options.show(index);
    if (!this.playing || run !== this.#run) return;
    if (index + 1 >= this.options.count()) {
      this.pause();
      return;
    }
    this.#timer = this.options.wait(() => this.#show(index + 1), this.options.pause);
  }
}
