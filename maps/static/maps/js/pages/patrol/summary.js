/** What came of a patrol, as a page to read: what is covered now, what stays unknown, what is left. */

import { metres } from "../../lib/format.js";
import { gettext, interpolate, ngettext } from "../../lib/i18n.js";
import { gapWords, share, streetName } from "../../lib/patrol-words.js";
import { legendSvg } from "../../lib/symbols-svg.js";
import { element, symbol } from "../../ui/element.js";

const counted = (text, count) => interpolate(text, { count });

function section(title, rows) {
  if (!rows.length) return null;
  return element("section.summary-part", {}, element("h3", {}, title), element("ul", {}, rows));
}

const street = ({ street: one, now }) =>
  element(
    "li",
    {},
    symbol(legendSvg(`street-${now}`, { size: 32 })),
    element("span", {}, streetName(one)),
    element("span.soft", {}, metres(one.metres)),
  );

/**
 * @param {ReturnType<typeof import("../../lib/patrol-progress.js").summaryOf>} summary
 * @param {{waiting: number}} state entries that are not sent yet
 * @returns {Node[]}
 */
export function summaryNodes(summary, { waiting }) {
  const { before, after, gained, left, unknown, checkpoints, gaps, told, reports, nothing } = summary;
  const facts = [
    counted(ngettext("%(count)s min", "%(count)s min", summary.minutes), summary.minutes),
    summary.metres > 0 && metres(summary.metres),
    reports > 0 && counted(ngettext("%(count)s report filed", "%(count)s reports filed", reports), reports),
    nothing && gettext("nothing found"),
    told.length > 0 &&
      counted(ngettext("%(count)s told by hand", "%(count)s told by hand", told.length), told.length),
  ].filter(Boolean);
  const standing = summary.measured
    ? gettext("Measured by the server.")
    : waiting
      ? gettext("Provisional: not everything is sent yet. The server measures it afterwards.")
      : gettext("Provisional: the server is measuring.");
  return [
    element(
      "p.summary-share",
      { dataset: { measured: String(summary.measured) } },
      element(
        "b",
        {},
        interpolate(gettext("%(before)s → %(after)s covered"), {
          before: share(before),
          after: share(after),
        }),
      ),
      element("span.soft", {}, standing),
    ),
    element("p", {}, facts.join(" · ")),
    section(gettext("Walked in this patrol"), gained.map(street)),
    section(gettext("Stays unknown"), unknown.map(street)),
    section(
      gettext("Signal lost"),
      gaps.map((gap) => element("li", {}, gapWords(gap, Date.now()))),
    ),
    summary.long > 0 &&
      element(
        "p.soft",
        {},
        gettext("After five minutes without a signal nobody knows what was walked: it counts as unknown."),
      ),
    section(gettext("Left to walk"), left.map(street)),
    section(
      gettext("Checkpoints left"),
      checkpoints.map(({ name }) => element("li", {}, name)),
    ),
    !left.length &&
      !unknown.length &&
      element("p", {}, gettext("Every street of the grid was walked within seven days.")),
  ].filter(Boolean);
}
