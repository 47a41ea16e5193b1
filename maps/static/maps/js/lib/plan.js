/** A dispatch plan as the page turns it: who has what, who has nobody, and the change that undoes a change. */

/** Rows that are sent: somebody is proposed, and they are not left out. */
export const sentRows = (plan) => plan.rows.filter((row) => row.person && !row.left_out);

/** Rows that nobody goes to, or that are left out. */
export const leftRows = (plan) => plan.rows.filter((row) => !row.person || row.left_out);

/** @returns {{person: object, rows: object[], metres: number}[]} by volunteer, who goes to most first; rounds in order */
export function byPerson(plan) {
  const found = new Map(plan.people.map((person) => [person.id, { person, rows: [], metres: 0 }]));
  for (const row of sentRows(plan)) {
    const one = found.get(row.person.id);
    if (!one) continue;
    one.rows.push(row);
    one.metres += row.metres;
  }
  for (const { rows } of found.values())
    rows.sort((a, b) => (a.stop ?? Number.POSITIVE_INFINITY) - (b.stop ?? Number.POSITIVE_INFINITY) || 0);
  return [...found.values()]
    .filter(({ rows }) => rows.length)
    .sort((a, b) => b.rows.length - a.rows.length || b.metres - a.metres || a.person.id - b.person.id);
}

/** The change of a row that brings back what it is now. */
export function inverse(row) {
  return {
    report: row.report.id,
    person: row.person?.id ?? null,
    left_out: row.left_out,
    as_offer: row.as_offer,
  };
}

/** Rows that the map shows somebody's way to: what is proposed, or what is still to be done of what went out. */
const goingRows = (plan) =>
  sentRows(plan).filter(({ person, stop }) => (plan.state === "committed" ? stop : placeOf(plan, person)));

const placeOf = (plan, { id }) => {
  const person = plan.people.find((one) => one.id === id);
  return person?.lon === null || person?.lon === undefined ? null : [person.lat, person.lon];
};

/** Ids of the people whom the map shows. @returns {Set<number>} */
export const goingPeople = (plan) => new Set(goingRows(plan).map(({ person }) => person.id));

/**
 * Lines on the map: of a proposal from each start to each report, for every row whose start is known; of what went out
 * everybody's round, stop by stop, with the numbers of the stops. The first of a round has no line (`from` is null)
 * when nobody knows where it begins.
 *
 * @param {Set<string>} chosen ids of reports
 */
export function linksOf(plan, chosen = new Set()) {
  const committed = plan.state === "committed";
  const before = new Map(); // of a person: where the last line ended
  const rows = committed ? goingRows(plan).sort((a, b) => a.stop - b.stop) : goingRows(plan);
  return rows.map(({ person, report, origin, stop }) => {
    const to = [report.lat, report.lon];
    const last = before.get(person.id);
    if (committed) before.set(person.id, to);
    return {
      id: report.id,
      from: last ?? placeOf(plan, person),
      to,
      dashed: committed ? !last : origin === "grid",
      chosen: chosen.has(report.id),
      number: committed ? stop : null,
    };
  });
}

/** A report as the map draws it. @param {number} now epoch seconds */
export function mapReport({ report }, now) {
  const { due } = report;
  return { ...report, clock: { kind: "dispatch", started: null, due, late: due !== null && due < now } };
}
