/**
 * What changed in the dispatcher's queue, put into what is known of it.
 *
 * The rows known of a tab are always its most urgent ones, without a gap. A changed row that belongs behind the last of
 * them is left out, unless all of the tab are known: then it is the last.
 */

const FEWEST = 30; // rows of a tab on show; below that, and with more behind them, the whole is asked for
const MOST = 60; // as maps/pages/queue.py sends of a tab

/** The address that asks for what changed since an answer. */
export function sinceAddress(address, queue) {
  return queue.cursor ? `${address}?${new URLSearchParams({ since: queue.cursor })}` : address;
}

const order = (one, other) => (one < other ? -1 : Number(one > other));

/** Most urgent first, as the server orders a tab: what has no time comes last. */
export function byUrgency(one, other) {
  return (
    order(one.urgency ?? Number.POSITIVE_INFINITY, other.urgency ?? Number.POSITIVE_INFINITY) ||
    order(one.recorded_at, other.recorded_at) ||
    order(one.id, other.id)
  );
}

/**
 * @param {object} queue what is known
 * @param {object} answer of the server: the whole queue, or what changed in it
 * @returns {object|null} the queue by now; null when only the whole can tell it
 */
export function merged(queue, answer) {
  if (!answer.changed) return answer;
  const touched = new Set([...answer.left, ...answer.changed.map(({ id }) => id)]);
  const kept = queue.results.filter(({ id }) => !touched.has(id));
  const results = [];
  for (const [tab, count] of Object.entries(answer.counts)) {
    const rows = mergedTab(
      kept.filter((row) => row.tab === tab),
      answer.changed.filter((row) => row.tab === tab),
      count,
    );
    if (!rows) return null;
    results.push(...rows);
  }
  const { changed, left, ...rest } = answer;
  return { ...queue, ...rest, results };
}

function mergedTab(known, changed, count) {
  const all = [...known, ...changed].sort(byUrgency);
  if (all.length > count) return null; // somebody else's by now
  const last = known.at(-1);
  const rows = all.length === count ? all : all.filter((row) => last && byUrgency(row, last) <= 0);
  if (rows.length < Math.min(FEWEST, count)) return null;
  return rows.slice(0, MOST);
}
