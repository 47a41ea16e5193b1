/**
 * Moving a report: sends a verb to the API and asks in a small dialog for what the verb needs.
 *
 * The server says which verbs this person may use now and what each needs (`verbs` of a report); nothing here knows
 * the state table.
 */

import { ApiError, get, newKey, post } from "../lib/api.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { candidateList } from "./candidates.js";
import { element } from "./element.js";

const API = "/api/v1/reports";

/** Verbs that put a report back to where another verb took it from. */
const UNDOES = { dispatch: "recall", hold: "resume", defer: "resume" };

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
  if (!offered.needs.length) return send(report, offered.verb);
  return ask(report, offered);
}

function ask(report, offered) {
  const fields = offered.needs.map((need) => FIELDS[need](report));
  const error = element("p.verb-error.bad", { role: "alert", hidden: true });
  const confirm = element("button.primary", { type: "submit" }, offered.label);
  const title = element("h2", { id: "verb-title" }, offered.label);
  const form = element(
    "form.verb-form",
    { method: "dialog" },
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
      const missing = fields.map(({ problem }) => problem()).find(Boolean);
      say(missing ?? "");
      if (missing) return;
      confirm.setAttribute("aria-busy", "true");
      try {
        const values = Object.assign({}, ...fields.map(({ value }) => value()));
        resolve(await send(report, offered.verb, values, key));
        dialog.close();
      } catch (problem) {
        if (isConflict(problem)) {
          reject(problem);
          dialog.close();
        } else say(problem.detail ?? String(problem));
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

function reasonField() {
  const input = element("textarea", { id: "verb-reason", rows: 3, maxlength: 500, required: true });
  return {
    node: element("div.verb-field", {}, element("label", { for: "verb-reason" }, gettext("Reason")), input),
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

function holderField(report) {
  const list = candidateList({ name: "verb-holder", legend: gettext("Who deals with it?") });
  loadCandidates(report.id).then(
    (answer) => list.show(answer),
    (problem) => list.fail(problem.detail),
  );
  return {
    node: element("div.verb-field", {}, list.node),
    problem: () => (list.chosen ? null : gettext("Choose who deals with it.")),
    value: () => ({ holder: list.chosen }),
  };
}

const DEGREES_NEARBY = 0.004; // some 400 m: where the same thing may have been reported twice

/** The report that this one repeats: what lies near in the same category, or what a search finds. */
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
  const [west, south] = [report.lon - DEGREES_NEARBY, report.lat - DEGREES_NEARBY];
  const [east, north] = [report.lon + DEGREES_NEARBY, report.lat + DEGREES_NEARBY];
  const nearby = () => show({ bbox: [west, south, east, north].join(), category: report.category.code });
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

const FIELDS = { reason: reasonField, until: untilField, holder: holderField, original: originalField };

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
