/** What the plan page says. */

import { enumerated, metres } from "../../lib/format.js";
import { gettext, interpolate, ngettext } from "../../lib/i18n.js";

/** A counted sentence: `text` is what ngettext chose. */
const counted = (text, count) => interpolate(text, { count });

/** The sentence on top. */
export function headline(plan, waiting) {
  if (!plan)
    return waiting
      ? counted(
          ngettext("%(count)s report waits for somebody", "%(count)s reports wait for somebody", waiting),
          waiting,
        )
      : gettext("No accepted report waits for dispatch");
  const { totals } = plan;
  if (plan.state === "making") return gettext("The plan is being made");
  if (plan.state === "committed")
    return enumerated(
      counted(
        ngettext("%(count)s report dispatched", "%(count)s reports dispatched", totals.dispatched),
        totals.dispatched,
      ),
      totals.offered
        ? counted(
            ngettext("%(count)s volunteer asked", "%(count)s volunteers asked", totals.offered),
            totals.offered,
          )
        : "",
      totals.moved
        ? counted(ngettext("%(count)s left out", "%(count)s left out", totals.moved), totals.moved)
        : "",
    );
  if (!totals.reports) return gettext("Nothing to plan: no accepted report waits for dispatch");
  return enumerated(
    interpolate(gettext("%(served)s of %(reports)s reports have somebody"), totals),
    totals.longest
      ? interpolate(gettext("the longest way %(metres)s"), { metres: metres(totals.longest) })
      : "",
  );
}

/** Totals as pairs of a label and a figure. */
export function totalsOf(plan) {
  const { totals, figures } = plan;
  const pairs = [
    [gettext("With somebody"), `${totals.served} / ${totals.reports}`],
    [gettext("Volunteers sent"), String(totals.people)],
    [gettext("All ways"), metres(totals.metres)],
    [gettext("Urgency × way"), metres(totals.weighted)],
    [gettext("Longest way"), totals.longest ? metres(totals.longest) : "—"],
    [gettext("Could be asked"), String(figures.volunteers ?? "—")],
  ];
  const other = comparison(figures);
  return other ? [...pairs, [gettext("Against one by one"), other]] : pairs;
}

/** What matching all at once is better by than sending one after the other, as it was proposed. */
function comparison({ best, one_by_one: other }) {
  if (!best || !other?.served) return "";
  if (best.served > other.served)
    return interpolate(gettext("%(count)s more with somebody"), { count: best.served - other.served });
  if (best.weight > other.weight) return gettext("more urgent ones with somebody");
  const less = Math.round(100 * (1 - best.cost / other.cost));
  return other.cost && less > 0
    ? interpolate(gettext("%(share)s less way"), { share: `${less} %` })
    : gettext("the same");
}

/** How far somebody goes, and from where. */
export const wayOf = (row) =>
  row.origin === "position"
    ? interpolate(gettext("%(way)s from their position"), { way: metres(row.metres) })
    : interpolate(gettext("%(way)s from their grid"), { way: metres(row.metres) });

/** Why nobody goes, and how far the nearest would have to. */
export function lackingOf(row) {
  if (row.person) return gettext("left out by hand");
  if (row.nearest === null) return row.lacking_label;
  return enumerated(
    row.lacking_label,
    interpolate(gettext("the nearest is %(way)s away"), { way: metres(row.nearest) }),
  );
}

/** What is asked before a plan is dispatched. */
export function confirmation({ totals }) {
  const sent = counted(
    ngettext("%(count)s report goes out", "%(count)s reports go out", totals.served),
    totals.served,
  );
  const people = counted(
    ngettext("to %(count)s volunteer", "to %(count)s volunteers", totals.people),
    totals.people,
  );
  const rest = totals.reports - totals.served;
  const waits = rest
    ? counted(ngettext("%(count)s goes on waiting", "%(count)s go on waiting", rest), rest)
    : gettext("nothing is left waiting");
  return interpolate(gettext("%(sent)s %(people)s, who are told at once; %(waits)s."), {
    sent,
    people,
    waits,
  });
}
