/**
 * The dispatcher's queue as data: which rows a tab shows, what has just arrived, what the sentence on top says.
 *
 * @typedef {{now: number, counts: Record<string, number>, late: number, risk: number, results: object[]}} Queue as
 *   /dispatch/queue.json gives it: `late` counts all that waited past their time at `now`, `risk` all whose time nearly
 *   ran out, `results` are the most urgent rows of each tab
 */

/** Server and page may differ by what an answer takes; a change this much older than the last answer is no news. */
const SLACK_SECONDS = 10;

/** What the symbol of a report is drawn from, named as in the map's tiles. */
export function symbolOf(report) {
  return {
    id: report.id,
    glyph: report.category.glyph,
    hazard: report.category.hazard,
    state: report.state,
    late: report.clock.late,
    dispatched: report.clock.started,
    due: report.clock.due,
  };
}

/** A report as a GeoJSON point for the map's live layer. */
export function featureOf(report) {
  return {
    type: "Feature",
    id: report.id,
    geometry: { type: "Point", coordinates: [report.lon, report.lat] },
    properties: report.category ? symbolOf(report) : report,
  };
}

const fold = (text) => text.toLocaleLowerCase();

/** Does a row contain every word of the search, in place, category, number, grid or name of its holder? */
export function matches(report, search) {
  const words = fold(search).split(/\s+/).filter(Boolean);
  const text = fold(
    [report.place, report.category.name, report.number, report.grid?.name, report.lead?.name]
      .filter(Boolean)
      .join(" "),
  );
  return words.every((word) => text.includes(word));
}

/** @returns {object[]} the rows of a tab, most urgent first as the server ordered them */
export function rowsOf(queue, tab, search = "") {
  return queue.results.filter((report) => report.tab === tab && matches(report, search));
}

export const find = (queue, id) => queue.results.find((report) => report.id === id) ?? null;

/** Rows that came into the tabs since an earlier answer: not there before, or in another tab, and changed since. */
export function arrivals(before, after, tabs) {
  const known = new Map(before.results.map((report) => [report.id, report.tab]));
  const recent = before.now - SLACK_SECONDS;
  return after.results.filter(
    (report) =>
      tabs.includes(report.tab) &&
      known.get(report.id) !== report.tab &&
      Date.parse(report.changed_at) / 1000 >= recent,
  );
}

/** How many more clocks are at risk than when the server counted; those that ran out meanwhile are late instead. */
function riskSince(queue, now) {
  const atRisk = ({ risk, due }, when) => Boolean(risk) && risk <= when && due >= when;
  return queue.results.reduce(
    (more, { clock }) => more + Number(atRisk(clock, now)) - Number(atRisk(clock, queue.now)),
    0,
  );
}

/** @returns {{waiting: number, late: number, left: number|null, risk: number, sentBack: number}} `left` in seconds, below 0 when late */
export function summary(queue, now) {
  const dues = queue.results
    .filter((report) => report.tab === "waiting" && report.clock.due)
    .map((report) => report.clock.due);
  return {
    waiting: queue.counts.waiting,
    // The server counts those that no row shows; clocks run out without its saying so again.
    late: queue.late + dues.filter((due) => due >= queue.now && due < now).length,
    risk: queue.risk + riskSince(queue, now),
    left: dues.length ? Math.min(...dues) - now : null,
    sentBack: queue.counts.sent_back,
  };
}
