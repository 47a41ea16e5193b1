/** Runs that look for hotspots: asking for one, following how far it is, and the ones there are. */

import { get, post } from "../../lib/api.js";
import { gettext } from "../../lib/i18n.js";
import { element } from "../../ui/element.js";
import { follow, stateLabel } from "../../ui/job.js";
import { toast } from "../../ui/toast.js";

const RUNS = "/api/v1/hotspots";
const MOST = 20;
const OVER = new Set(["done", "failed", "cancelled"]);

/** What js/ui/job.js keeps up to date. */
function jobBox({ job, title, state }) {
  return element(
    "div.job",
    { role: "group", tabindex: "-1", dataset: { job: `/api/v1/jobs/${job}`, state } },
    element(
      "div.job-head",
      {},
      element("p.job-title", {}, title),
      element("span.pill.soft", { dataset: { stateLabel: "" } }, stateLabel(state)),
    ),
    element(
      "div.job-progress",
      { dataset: { progress: "" } },
      element("progress", { max: "100", "aria-label": title }),
      element("span.job-percent", { dataset: { percent: "" }, "aria-hidden": "true" }),
    ),
    element("p.job-step.soft", { dataset: { step: "" } }),
    element("p.job-summary", { dataset: { summary: "" }, hidden: true }),
    element("p.job-error", { dataset: { error: "" }, hidden: true }),
    element(
      "div.job-actions",
      {},
      element("a.button", { dataset: { result: "" }, hidden: true }, gettext("See the result")),
      element("form", { dataset: { cancel: "" } }, element("button", { type: "submit" }, gettext("Cancel"))),
    ),
  );
}

/** What a form of a run asks for, as the API takes it. */
export function questionOf(form, region) {
  const { since, until, unit, category, source, corrected } = form.elements;
  const [kind, resolution] = unit.value.split("-");
  return {
    region,
    since: since.value,
    until: until.value,
    unit: kind,
    ...(resolution ? { resolution: Number(resolution) } : {}),
    categories: category.value ? [category.value] : [],
    source: source.value,
    corrected: corrected.checked,
  };
}

export class Runs {
  #select;
  #box;
  #region;
  #onChoose;
  #following = null;
  #runs = [];

  /**
   * @param {{form: HTMLFormElement, select: HTMLSelectElement, box: HTMLElement, region: () => string,
   *   onChoose: (run: object|null) => void}} options `box` = where progress is shown
   */
  constructor({ form, select, box, region, onChoose }) {
    this.#select = select;
    this.#box = box;
    this.#region = region;
    this.#onChoose = onChoose;
    select.addEventListener("change", () => this.choose(select.value));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("[type=submit]");
      if (button.getAttribute("aria-busy")) return;
      button.setAttribute("aria-busy", "true");
      try {
        const run = await post(RUNS, questionOf(form, region()));
        form.closest("details").open = false;
        await this.load(run.id);
      } catch (error) {
        toast(error.detail ?? String(error), { tone: "bad", seconds: 10 });
      } finally {
        button.removeAttribute("aria-busy");
      }
    });
  }

  get all() {
    return this.#runs;
  }

  /** Read the runs of the region, and choose one: that which is asked for, or the newest that is done. */
  async load(wanted = "") {
    const query = new URLSearchParams({ region: this.#region(), limit: MOST });
    const { results } = await get(`${RUNS}?${query}`);
    if (wanted && !results.some(({ id }) => id === wanted)) {
      const one = await get(`${RUNS}/${encodeURIComponent(wanted)}`).catch(() => null);
      if (one) results.push(one);
    }
    this.#runs = results;
    this.#select.replaceChildren(
      ...results.map(({ id, title, state, created_at: made }) => {
        const when = new Date(made).toLocaleString(document.documentElement.lang, {
          dateStyle: "short",
          timeStyle: "short",
        });
        const text = state === "done" ? `${title} · ${when}` : `${title} · ${when} · ${stateLabel(state)}`;
        return element("option", { value: id }, text);
      }),
    );
    this.#select.parentElement.hidden = !results.length;
    const going = results.find(({ state }) => !OVER.has(state));
    this.#follow(going ?? null);
    const first = results.find(({ id }) => id === wanted) ?? results.find(({ state }) => state === "done");
    this.choose(first?.id ?? "");
  }

  choose(id) {
    const run = this.#runs.find((one) => one.id === id) ?? null;
    if (run) this.#select.value = run.id;
    this.#onChoose(run);
  }

  #follow(run) {
    this.#following?.stop();
    this.#following = null;
    this.#box.replaceChildren();
    if (!run?.job) return;
    const box = jobBox(run);
    this.#box.append(box);
    this.#following = follow(box, { onEnd: () => this.load(run.id).catch(() => {}) });
  }
}
