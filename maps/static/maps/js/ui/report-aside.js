/** The part of a report's page that requests and tasks have: the contact, on demand, and the parts of others. */

import { get, newKey, post } from "../lib/api.js";
import { gettext, pgettext } from "../lib/i18n.js";
import { element } from "./element.js";

/** What one's own part can be reported as; leaving needs a reason. */
const LABELS = {
  working: () => gettext("Begin"),
  done: () => gettext("My part is done"),
  left: () => pgettext("part", "Leave"),
};

/**
 * @param {{id: string, parts: {id: number, may: string[]}[], may_ask: boolean}} report
 * @param {{onChange: () => Promise<void>, attempt: (work: () => Promise<void>) => Promise<void>}} page
 */
export function bindAside(report, page) {
  bindContact(report, page);
  for (const part of report.parts) bindPart(report, part, page);
  const place = document.getElementById("part-ask");
  if (place && report.may_ask) {
    const ask = element("button", { type: "button", onclick: () => offer(report, place, page) });
    ask.textContent = report.kind === "task" ? gettext("Ask another body") : gettext("Ask somebody to serve");
    place.replaceChildren(ask);
  }
}

function bindContact(report, { attempt }) {
  const button = document.getElementById("contact-show");
  if (!button) return;
  button.hidden = false;
  button.onclick = () =>
    attempt(async () => {
      const { name, phone, address } = await get(`/api/v1/reports/${report.id}/contact`);
      button.hidden = true;
      const call = phone ? element("a", { href: `tel:${phone.replace(/[^\d+]/g, "")}` }, phone) : null;
      const rows = [
        [gettext("Form of address"), name],
        [gettext("Phone"), call],
        [gettext("Door"), address],
      ];
      document
        .getElementById("contact-shown")
        .replaceChildren(
          element(
            "dl",
            {},
            ...rows
              .filter(([, value]) => value)
              .map(([label, value]) =>
                element("div.fact", {}, element("dt", {}, label), element("dd", {}, value)),
              ),
          ),
        );
    });
}

function bindPart(report, part, page) {
  const place = document.querySelector(`[data-part="${part.id}"] .part-verbs`);
  place?.replaceChildren(
    ...part.may.map((state) =>
      element(
        "button",
        { type: "button", onclick: () => (state === "left" ? leave(report, part, place, page) : say(state)) },
        LABELS[state](),
      ),
    ),
  );
  const say = (state) =>
    page.attempt(async () => {
      await post(`/api/v1/reports/${report.id}/parts/${part.id}`, { state }, { key: newKey() });
      await page.onChange();
    });
}

function leave(report, part, place, { attempt, onChange }) {
  const reason = element("input", { id: `part-reason-${part.id}`, maxlength: 500, required: true });
  const form = element(
    "form.part-reason",
    {},
    element("label", { for: reason.id }, gettext("Reason")),
    reason,
    element("button.primary", { type: "submit" }, LABELS.left()),
    element("button", { type: "button", onclick: () => onChange() }, gettext("Cancel")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const body = { state: "left", reason: reason.value };
      await post(`/api/v1/reports/${report.id}/parts/${part.id}`, body, { key: newKey() });
      await onChange();
    });
  });
  place.replaceChildren(form);
  reason.focus();
}

/** Shows whom to ask, and asks who is chosen. */
function offer(report, place, { attempt, onChange }) {
  return attempt(async () => {
    const { results } = await get(`/api/v1/reports/${report.id}/parts`);
    if (!results.length) {
      place.replaceChildren(
        element("p.soft", { role: "status" }, gettext("There is nobody left to ask here.")),
      );
      return;
    }
    const choice = element(
      "select",
      { id: "part-choice" },
      ...results.map(({ kind, id, name }) => element("option", { value: `${kind} ${id}` }, name)),
    );
    const form = element(
      "form.part-reason",
      {},
      element("label", { for: "part-choice" }, gettext("Whom to ask")),
      choice,
      element("button.primary", { type: "submit" }, gettext("Ask")),
      element("button", { type: "button", onclick: () => onChange() }, gettext("Cancel")),
    );
    const key = newKey();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      attempt(async () => {
        const [kind, id] = choice.value.split(" ");
        await post(`/api/v1/reports/${report.id}/parts`, { [kind]: Number(id) }, { key });
        await onChange();
      });
    });
    place.replaceChildren(form);
    choice.focus();
  });
}
