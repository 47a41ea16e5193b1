/** What the panel of a request or a task shows beside every report's: the contact, on demand, and who has a part. */

import { gettext, interpolate } from "../../lib/i18n.js";
import { element } from "../../ui/element.js";
import { bindAside } from "../../ui/report-aside.js";
import { toast } from "../../ui/toast.js";

/**
 * @param {HTMLElement} slot
 * @param {{id: string, kind: string, parts: object[], may_ask: boolean, contact_until: string|null}} report
 * @param {{onChange: () => Promise<void>}} page
 */
export function showAside(slot, report, { onChange }) {
  slot.replaceChildren(...[contact(report), parts(report)].filter(Boolean));
  bindAside(report, {
    onChange,
    async attempt(work) {
      try {
        await work();
      } catch (problem) {
        toast(problem.detail ?? String(problem), { tone: "bad", seconds: 10 });
      }
    },
  });
}

function contact({ contact_until: day }) {
  if (!day) return null;
  return element(
    "section.report-contact",
    {},
    element("h3", {}, gettext("Contact")),
    element("button", { type: "button", id: "contact-show", hidden: true }, gettext("Show the contact")),
    element("div", { id: "contact-shown", "aria-live": "polite" }),
    element("p.soft", {}, interpolate(gettext("Each look is noted. It is deleted on %(day)s."), { day })),
  );
}

function parts(report) {
  if (!report.parts.length && !report.may_ask) return null;
  return element(
    "section.report-parts",
    {},
    element("h3", {}, report.kind === "task" ? gettext("Responsible bodies") : gettext("Who serves")),
    element(
      "ul.part-list",
      {},
      ...report.parts.map((part) =>
        element(
          "li",
          { dataset: { part: part.id } },
          element("span.part-name", {}, part.holder.name),
          element("span.pill", {}, part.state_label),
          element("span.part-verbs"),
        ),
      ),
      !report.parts.length && element("li.soft", {}, gettext("Nobody yet.")),
    ),
    element("div.part-ask", { id: "part-ask" }),
  );
}
