/**
 * Moving a report: sends a verb to the API and asks in a small dialog for what the verb needs.
 *
 * The server says which verbs this person may use now and what each needs (`verbs` of a report); nothing here knows
 * the state table.
 */

import { ApiError, get, NetworkError, newKey, post } from "../lib/api.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { similarName, similarWords } from "../lib/similar.js";
import { candidateList } from "./candidates.js";
import { element } from "./element.js";
import { PhotoPicker } from "./photo-picker.js";

const API = "/api/v1/reports";

/** Verbs that put a report back to where another verb took it from. */
const UNDOES = { dispatch: "recall", mark_duplicate: "reopen", hold: "resume", defer: "resume" };

export const load = (id, options) => get(`${API}/${id}`, options);
export const loadCandidates = (id, options) => get(`${API}/${id}/candidates`, options);

/**
 * Uses a verb. The state that the person saw goes along, so that a report that moved meanwhile is refused (409).
 *
 * @param {{id: string, state: string}} report as the person sees it
 * @param {string} verb
 * @param {{reason?: string, until?: string, original?: string, holder?: {kind: string, id: number}}} values
 * @param {string} key idempotency key; the same for a repetition
 * @returns {Promise<object>} the report afterwards
 */
export function send(report, verb, values = {}, key = newKey()) {
  const { holder, ...rest } = values;
  const body = { verb, expected: report.state, ...rest, ...(holder ? { [holder.kind]: holder.id } : {}) };
  return post(`${API}/${report.id}/transitions`, body, { key });
}

/** Did the report move before we did? */
export const isConflict = (error) => error instanceof ApiError && error.status === 409;

/** What to tell somebody whose step was not taken. @param {Error} problem */
export function problemWords(problem) {
  if (problem instanceof NetworkError && navigator.onLine === false)
    return gettext("No connection: this needs the network. Nothing was sent.");
  return problem.detail ?? String(problem);
}

/** What to send to undo a verb, or null when it cannot be undone by this person. @param {object} after the report */
export function undoOf(verb, after) {
  const offered = after.verbs.find((row) => row.verb === UNDOES[verb]);
  if (!offered || offered.needs.some((need) => need !== "reason")) return null;
  const values = offered.needs.includes("reason") ? { reason: gettext("Undone at once by who did it") } : {};
  return { verb: offered.verb, values };
}

/**
 * Uses an offered verb, asking first for what it needs. The dialog stays open while the server refuses.
 *
 * @param {object} report with `id`, `state`, `number`, `place`, `category`, `lon`, `lat`
 * @param {{verb: string, label: string, needs: string[]}} offered
 * @returns {Promise<object|null>} the report afterwards; null when the person thought better of it
 * @throws {ApiError|NetworkError} for verbs that need nothing, and for a report that moved meanwhile
 */
export function use(report, offered) {
  if (!offered.needs.length && !offered.takes?.length) return send(report, offered.verb);
  return ask(report, offered);
}

function ask(report, offered) {
  const beside = (offered.takes ?? []).filter((need) => !offered.needs.includes(need));
  const fields = [
    ...offered.needs.map((need) => FIELDS[need](report, true)),
    ...beside.map((need) => FIELDS[need](report, false)),
  ];
  const error = element("p.verb-error.bad", { role: "alert", hidden: true });
  const confirm = element("button.primary", { type: "submit" }, offered.label);
  const title = element("h2", { id: "verb-title" }, offered.label);
  const form = element(
    "form.verb-form",
    { method: "dialog", novalidate: true },
    title,
    element("p.soft", {}, `${report.category.name} · ${report.place || report.number}`),
    ...fields.map(({ node }) => node),
    error,
    element(
      "div.verb-buttons",
      {},
      element("button", { type: "button", onclick: () => dialog.close() }, gettext("Cancel")),
      confirm,
    ),
  );
  const dialog = element("dialog.verb-dialog", { "aria-labelledby": "verb-title" }, form);
  document.body.append(dialog);
  const key = newKey();

  return new Promise((resolve, reject) => {
    const say = (text) => {
      error.textContent = text;
      error.hidden = !text;
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (confirm.getAttribute("aria-busy")) return;
      const lacking = fields.find(({ problem }) => problem());
      say(lacking?.problem() ?? "");
      if (lacking) {
        lacking.node.querySelector("textarea, input")?.focus();
        return;
      }
      confirm.setAttribute("aria-busy", "true");
      try {
        for (const { before } of fields) await before?.();
        const values = Object.assign({}, ...fields.map(({ value }) => value()));
        resolve(await send(report, offered.verb, values, key));
        dialog.close();
      } catch (problem) {
        if (isConflict(problem)) {
          reject(problem);
          dialog.close();
        } else say(problemWords(problem));
      } finally {
        confirm.removeAttribute("aria-busy");
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(null);
    });
    dialog.showModal();
    form.querySelector("textarea, input")?.focus();
  });
}

function reasonField(report) {
  const input = element("textarea", { id: "verb-reason", rows: 3, maxlength: 500, required: true });
  const label = element("label", { for: "verb-reason" }, gettext("Reason"));
  // Why theirs was not taken on, whoever sent it reads by its number.
  const read = report.source === "resident" && report.kind === "problem" && report.state === "reported";
  const hint = element(
    "p.help",
    { id: "verb-reason-help" },
    gettext("The resident who sent it reads this; name nobody."),
  );
  if (read) input.setAttribute("aria-describedby", hint.id);
  return {
    node: element("div.verb-field", {}, label, input, read ? hint : null),
    problem: () => (input.value.trim() ? null : gettext("Say why, in a few words.")),
    value: () => ({ reason: input.value.trim() }),
  };
}

function untilField() {
  const tomorrow = new Date(Date.now() + 86_400_000);
  const least = new Date(tomorrow.getTime() - tomorrow.getTimezoneOffset() * 60_000)
    .toISOString()
    .slice(0, 10);
  const input = element("input", {
    id: "verb-until",
    type: "date",
    min: least,
    value: least,
    required: true,
  });
  return {
    node: element("div.verb-field", {}, element("label", { for: "verb-until" }, gettext("Until")), input),
    problem: () => (input.value >= least ? null : gettext("Choose a day after today.")),
    value: () => ({ until: input.value }),
  };
}

/** Who has it already is nobody to hand it over to. */
const holds = ({ kind, id }, { lead }) => kind === lead?.kind && id === lead?.id;

function holderField(report) {
  const list = candidateList({ name: "verb-holder", legend: gettext("Who deals with it?") });
  loadCandidates(report.id).then(
    (answer) => list.show({ ...answer, results: answer.results.filter((one) => !holds(one, report)) }),
    (problem) => list.fail(problem.detail),
  );
  return {
    node: element("div.verb-field", {}, list.node),
    problem: () => (list.chosen ? null : gettext("Choose who deals with it.")),
    value: () => ({ holder: list.chosen }),
  };
}

/** The report that this one repeats: what is likely by place and age, or what a search finds. */
function originalField(report) {
  const search = element("input", {
    id: "verb-original",
    type: "search",
    autocomplete: "off",
    maxlength: 60,
  });
  const list = element("div.verb-options", {
    role: "radiogroup",
    "aria-label": gettext("Which report does it repeat?"),
  });
  let latest = 0;
  const show = async (query) => {
    const turn = ++latest;
    list.setAttribute("aria-busy", "true");
    try {
      const { results } = await get(`${API}?${new URLSearchParams({ ...query, limit: "20" })}`);
      if (turn !== latest) return;
      const found = results.filter(({ id, state }) => id !== report.id && state !== "duplicate").slice(0, 6);
      list.replaceChildren(
        ...(found.length
          ? found.map(originalOption)
          : [element("p.soft", {}, gettext("No other report found."))]),
      );
    } catch (problem) {
      if (turn === latest) list.replaceChildren(element("p.bad", {}, problem.detail));
    } finally {
      if (turn === latest) list.removeAttribute("aria-busy");
    }
  };
  /** The likely ones, with distance and age; the first is chosen, so that Enter alone puts the two together. */
  async function nearby() {
    const turn = ++latest;
    list.setAttribute("aria-busy", "true");
    try {
      const { results } = await get(`${API}/${report.id}/similar`);
      if (turn !== latest) return;
      const found = results.filter((one) => one.report);
      list.replaceChildren(
        ...(found.length
          ? found.map(likelyOption)
          : [element("p.soft", {}, gettext("No other report found."))]),
      );
      const first = list.querySelector("input");
      if (!first) return;
      first.checked = true;
      if (!search.value) first.focus();
    } catch (problem) {
      if (turn === latest) list.replaceChildren(element("p.bad", {}, problem.detail));
    } finally {
      if (turn === latest) list.removeAttribute("aria-busy");
    }
  }
  list.addEventListener("keydown", ({ key }) => {
    const chosen = /^[1-9]$/.test(key) && list.querySelectorAll("input")[Number(key) - 1];
    if (!chosen) return;
    chosen.checked = true;
    chosen.form.requestSubmit();
  });
  let timer = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => (search.value.trim() ? show({ q: search.value.trim() }) : nearby()), 250);
  });
  nearby();
  const chosen = () => list.querySelector("input:checked")?.value;
  return {
    node: element(
      "div.verb-field",
      {},
      element("label", { for: "verb-original" }, gettext("Find the report it repeats by place or number")),
      search,
      list,
    ),
    problem: () => (chosen() ? null : gettext("Choose the report that it repeats.")),
    value: () => ({ original: chosen() }),
  };
}

const originalOption = (found) =>
  element(
    "label.verb-option",
    {},
    element("input", { type: "radio", name: "verb-original-choice", value: found.id }),
    element(
      "span",
      {},
      element("b", {}, found.category.name),
      element("span.soft", {}, [found.place, found.number, found.state_label].filter(Boolean).join(" · ")),
    ),
  );

const likelyOption = (one, index) =>
  element(
    "label.verb-option",
    {},
    element("input", { type: "radio", name: "verb-original-choice", value: one.report.id }),
    element("kbd", { "aria-hidden": "true" }, String(index + 1)),
    element(
      "span",
      {},
      element("b", {}, similarName(one)),
      element("span.soft", {}, `${similarWords(one)} · ${one.report.number}`),
    ),
  );

/** What it looks like now: sent before the step is, and not again when the step is tried again. */
function afterPhotoField(report, required) {
  const text = required ? gettext("Photo of after") : gettext("Photo of after (optional)");
  const place = element("div");
  const picker = new PhotoPicker(place);
  picker.start("after", [], { asksKind: false });
  const sent = new Set();
  return {
    node: element("div.verb-field", { role: "group", "aria-label": text }, element("b", {}, text), place),
    problem: () =>
      required && !picker.chosen.length ? gettext("Add a photo of what it looks like now.") : null,
    async before() {
      const { upload } = await import("../lib/upload.js");
      for (const { blob, name, kind } of picker.chosen) {
        if (sent.has(blob)) continue;
        const photo = new File([blob], name, { type: blob.type });
        await upload(`${API}/${report.id}/photos`, { photo, kind }, { key: newKey() });
        sent.add(blob);
      }
    },
    value: () => ({}),
  };
}

const FIELDS = {
  after_photo: afterPhotoField,
  reason: reasonField,
  until: untilField,
  holder: holderField,
  original: originalField,
};

/** "王五 dispatched it at 14:05": the last line of a report's history as a sentence. */
export function lastEventSentence(report, moment) {
  const event = report.events.at(-1);
  if (!event) return "";
  return interpolate(gettext("%(who)s: %(what)s, %(when)s"), {
    who: event.actor?.name ?? gettext("The system"),
    what: event.holder ? `${event.label} → ${event.holder.name}` : event.label,
    when: moment(event.recorded_at),
  });
}
