/** Asking volunteers for the chosen report: one, several, wave after wave or a team; and how it stands, live. */

import { get, newKey, post } from "../../lib/api.js";
import { span } from "../../lib/format.js";
import { gettext, interpolate, ngettext } from "../../lib/i18n.js";
import { announce } from "../../ui/announce.js";
import { element } from "../../ui/element.js";
import { toast } from "../../ui/toast.js";

/** What is in a slot already: the same report is only brought up to date, and a form in it stays. */
const slots = new WeakMap();
const EVERY_MS = 4000;
const WAITING = new Set(["reported", "reopened", "accepted", "sent_back"]);
const WAVES = [
  [1, 3, 8],
  [3, 8],
  [5, 10, 20],
];
const MINUTES = [3, 5, 10, 20];
const STANDS = [10, 15, 30, 60];
const address = (report) => `/api/v1/reports/${report.id}/offers`;
const minutes = (count) => interpolate(ngettext("%(count)s minute", "%(count)s minutes", count), { count });

/** Whether there is anything to show of calls for a report. */
export const concerns = (report) =>
  report.category.acts === "volunteer" && (WAITING.has(report.state) || report.lead?.kind === "person");

/**
 * @param {HTMLElement} slot in the panel; emptied with the report
 * @param {object} shown the report as the panel shows it
 * @param {{now: () => number, panel: import("../../ui/report-panel.js").ReportPanel, changed: () => void}} board
 *   `changed` is called when the report moved by asking, or by somebody's answer
 */
export async function showCalls(slot, shown, board) {
  const known = slots.get(slot);
  if (known) {
    await known(shown);
    return;
  }
  let report = shown;
  let call = null;
  let said = "";
  const status = element("div.call-status");
  const form = element("div.call-form");
  slot.replaceChildren(status, form);
  slots.set(slot, (latest) => {
    report = latest;
    return read().catch(() => {});
  });

  async function read() {
    const { results } = await get(address(report));
    const before = call;
    call = results[0] ?? null;
    draw(before);
  }

  function draw(before) {
    const open = call?.state === "open";
    status.replaceChildren(...(call ? words(call, board.now()) : []));
    if (open) status.append(withdrawButton());
    if (open || !WAITING.has(report.state)) form.replaceChildren();
    else if (!form.childElementCount) form.append(asking());
    const now = call ? headline(call) : "";
    if (before && now !== said) announce(now);
    said = now;
    if (before && (before.state !== call.state || before.taken.length !== call.taken.length)) board.changed();
  }

  function withdrawButton() {
    const button = element("button", { type: "button" }, gettext("Ask nobody any more"));
    button.addEventListener("click", () =>
      attempt(button, async () => {
        await post(`${address(report)}/withdraw`, {});
        toast(gettext("Nobody is asked any more; those who were are told."));
      }),
    );
    return button;
  }

  async function attempt(button, work) {
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    try {
      await work();
      board.changed();
    } catch (problem) {
      toast(problem.detail ?? String(problem), { tone: "bad", seconds: 10 });
    } finally {
      button.removeAttribute("aria-busy");
    }
    await read().catch(() => {});
  }

  function asking() {
    const how = select(gettext("Whom to ask"), [
      ["waves", gettext("Best first, then more and more")],
      ["chosen", gettext("The one chosen in the list")],
      ["several", gettext("Several from the list")],
      ["team", gettext("A team")],
    ]);
    const waves = select(
      gettext("How many at a time"),
      WAVES.map((sizes) => [sizes.join(), sizes.join(" → ")]),
    );
    const every = select(
      gettext("More are asked after"),
      MINUTES.map((count) => [count, minutes(count)]),
      5,
    );
    const stands = select(
      gettext("Time to answer"),
      STANDS.map((count) => [count, minutes(count)]),
      15,
    );
    const places = select(
      gettext("People needed"),
      [1, 2, 3, 4].map((count) => [count, String(count)]),
    );
    const people = element(
      "fieldset.call-people",
      {},
      element("legend", {}, gettext("Several from the list")),
    );
    const team = select(gettext("Team"), []);
    const button = element("button.primary", { type: "submit" }, gettext("Send the offer"));
    const parts = { waves: [waves, every], chosen: [], several: [people], team: [team] };

    async function adapt() {
      const chosen = how.value;
      for (const [name, nodes] of Object.entries(parts))
        for (const node of nodes) node.hidden = name !== chosen;
      if (chosen === "several")
        people.replaceChildren(
          people.firstElementChild,
          ...(board.panel.candidates?.people ?? []).map(checkbox),
        );
      if (chosen === "team" && !team.input.childElementCount) {
        const { results } = await get("/api/v1/teams?limit=100").catch(() => ({ results: [] }));
        team.input.append(...results.map(({ id, name }) => element("option", { value: id }, name)));
      }
    }

    function body() {
      const common = { stands_minutes: Number(stands.value), places: Number(places.value) };
      if (how.value === "waves")
        return {
          ...common,
          waves: waves.value.split(",").map(Number),
          wave_minutes: Number(every.value),
        };
      if (how.value === "team") return { ...common, team: Number(team.value) };
      const one = board.panel.candidates?.chosen;
      const ids =
        how.value === "chosen"
          ? [one].filter((candidate) => candidate?.kind === "person").map(({ id }) => id)
          : [...people.querySelectorAll("input:checked")].map(({ value }) => Number(value));
      return { ...common, people: ids };
    }

    const node = element(
      "details.call-ask",
      {},
      element("summary", {}, gettext("Ask volunteers who can go")),
      element("form", {}, how, waves, every, people, team, stands, places, button),
    );
    const key = { body: "", key: newKey() };
    node.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      const asked = body();
      if (asked.people && !asked.people.length) {
        toast(gettext("Choose a volunteer in the list first."), { tone: "bad" });
        return;
      }
      const text = JSON.stringify(asked);
      if (key.body !== text) Object.assign(key, { body: text, key: newKey() });
      attempt(button, async () => {
        const opened = await post(address(report), asked, { key: key.key });
        toast(headline(opened));
      });
    });
    how.input.addEventListener("change", adapt);
    adapt();
    return node;
  }

  await read().catch((problem) =>
    status.replaceChildren(element("p.bad", {}, problem.detail ?? String(problem))),
  );
  const timer = setInterval(() => {
    if (!slot.isConnected) clearInterval(timer);
    else if (call?.state === "open" && !document.hidden) read().catch(() => {});
  }, EVERY_MS);
}

/** How a call stands, in a line. */
export function headline(call) {
  if (call.state === "open")
    return interpolate(
      ngettext("Asking: %(count)s volunteer so far", "Asking: %(count)s volunteers so far", call.asked),
      { count: call.asked },
    );
  if (call.taken.length)
    return interpolate(gettext("Taken on by %(names)s"), {
      names: call.taken.map(({ person }) => person.name).join(gettext(", ")),
    });
  return call.state === "unanswered" ? gettext("Nobody came forward") : gettext("Nobody is asked any more");
}

function words(call, now) {
  const tone = call.state === "unanswered" ? "bad" : "";
  const facts = [
    interpolate(ngettext("%(count)s has seen it", "%(count)s have seen it", call.seen), { count: call.seen }),
    call.unavailable &&
      interpolate(ngettext("%(count)s is not available", "%(count)s are not available", call.unavailable), {
        count: call.unavailable,
      }),
    call.places > 1 &&
      interpolate(gettext("%(taken)s of %(places)s places taken"), {
        taken: call.taken.length,
        places: call.places,
      }),
    call.state === "open" && next(call, now),
  ];
  return [
    element("h3", {}, element("span.pill", { className: tone }, headline(call))),
    element("p.soft", {}, facts.filter(Boolean).join(" · ")),
    ...call.taken.map(({ person, state_label }) => element("p", {}, `${person.name} · ${state_label}`)),
  ];
}

function next(call, now) {
  const left = Math.max(0, Date.parse(call.next_at) / 1000 - now);
  const more = call.kind === "waves" && call.wave < call.waves.length;
  return interpolate(more ? gettext("more are asked in %(span)s") : gettext("ends in %(span)s"), {
    span: span(left),
  });
}

function select(label, options, chosen) {
  const input = element(
    "select",
    {},
    ...options.map(([value, text]) => element("option", { value, selected: value === chosen }, text)),
  );
  const node = element("label.call-field", {}, element("span", {}, label), input);
  node.input = input;
  Object.defineProperty(node, "value", { get: () => input.value });
  return node;
}

const checkbox = ({ id, name, why }) =>
  element(
    "label.call-person",
    {},
    element("input", { type: "checkbox", value: id }),
    element("span", {}, name, " ", element("span.soft", {}, why)),
  );
