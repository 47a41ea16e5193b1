/** What the board says about its queue. */

import { enumerated, span } from "../../lib/format.js";
import { gettext, interpolate, ngettext, pgettext } from "../../lib/i18n.js";
import { summary } from "../../lib/queue.js";
import { element } from "../../ui/element.js";

const PRESSING = 30 * 60; // seconds; what is due sooner stands out in the sentence on top

/** The sentence on top, as maps/pages/dispatch.py writes it. @returns {(Node|string)[]} */
export function headline(queue, now, patrolling = 0) {
  const { waiting, late, left, risk, sentBack } = summary(queue, now);
  const nodes = [
    waiting
      ? interpolate(gettext("%(count)s to dispatch"), { count: waiting })
      : gettext("Nothing waits for dispatch"),
  ];
  const say = (separator, text, tone) => nodes.push(separator, tone ? element(`b.${tone}`, {}, text) : text);
  if (left !== null) {
    const [text, tone] = late
      ? [gettext("%(count)s late, the longest by %(span)s"), "bad"]
      : [gettext("the most urgent has %(span)s left"), left < PRESSING ? "bad" : ""];
    say(pgettext("sentence", ", "), interpolate(text, { count: late, span: span(left) }), tone);
  }
  if (risk)
    say(pgettext("sentence", "; "), interpolate(gettext("%(count)s at risk"), { count: risk }), "warn");
  if (sentBack)
    say(pgettext("sentence", "; "), interpolate(gettext("%(count)s sent back"), { count: sentBack }), "warn");
  if (patrolling)
    say(
      pgettext("sentence", "; "),
      interpolate(ngettext("%(count)s volunteer on patrol", "%(count)s volunteers on patrol", patrolling), {
        count: patrolling,
      }),
      "",
    );
  return nodes;
}

/** Why a part of the queue is empty, and what to do. @returns {(Node|string)[]} */
export function emptyWords(tab, search) {
  if (search) {
    const address = `/reports/?${new URLSearchParams({ q: search })}`;
    return [
      element("b", {}, gettext("Nothing in this part of the queue matches.")),
      element("a", { href: address }, gettext("Search in all reports")),
    ];
  }
  const words = {
    waiting: gettext("New reports appear here by themselves."),
    sent_back: gettext("What a body or a volunteer returns to you appears here."),
    handling: gettext("Dispatch a report and it appears here with its clock."),
    verify: gettext("What was handled waits here for somebody else to verify it."),
    parked: gettext("What you put on hold or defer waits here for its day."),
  };
  return [element("b", {}, gettext("Nothing here now.")), words[tab]];
}

/** What has just come, for who does not see it. */
export function arrivalWords(came) {
  const [first] = came;
  if (came.length > 1)
    return interpolate(ngettext("%(count)s new report", "%(count)s new reports", came.length), {
      count: came.length,
    });
  const what = enumerated(first.category.name, first.place || first.number);
  return interpolate(gettext("New: %(what)s (%(state)s)"), { what, state: first.state_label });
}

/** What is not shown because it is less urgent than what is. */
export const beyondWords = (count) =>
  interpolate(ngettext("%(count)s more, less urgent", "%(count)s more, less urgent", count), { count });

/** What came in above the part of the queue in view. */
export const aboveWords = (count) =>
  interpolate(ngettext("%(count)s new above", "%(count)s new above", count), { count });
