/** The forms of a new proposal: computed, or from a file. What is started goes on as a job. */

import { gettext, interpolate } from "../../lib/i18n.js";
import { fromGrids, start } from "./wire.js";

const by = (id) => document.getElementById(id);

/** Whole numbers of the form; null for what is none or out of its field's range. */
function numberOf(field) {
  const value = Number(field.value);
  const fits = field.value.trim() !== "" && Number.isInteger(value);
  return fits && value >= Number(field.min) && value <= Number(field.max) ? value : null;
}

function refuse(problem, words, field = null) {
  problem.textContent = words;
  problem.hidden = !words;
  field?.setAttribute("aria-invalid", String(Boolean(words)));
  if (words) field?.focus();
}

function wanted(form, community) {
  const problem = by("new-problem");
  const data = new FormData(form);
  const size = data.get("size");
  const nested = data.has("nested");
  for (const name of ["households", "number", "unit_area", "seed"]) refuse(problem, "", form.elements[name]);
  const parameters = {
    region: community,
    mode: nested ? "nested" : "service",
    barriers: data.getAll("barriers").flatMap((kinds) => kinds.split(" ")),
    setting: Number(data.get("setting")),
  };
  for (const name of [size, ...(nested ? ["unit_area"] : []), "seed"]) {
    const field = form.elements[name];
    parameters[name] = numberOf(field);
    if (parameters[name] !== null) continue;
    const label = form.querySelector(`label[for=${name}]`).textContent;
    const range = { label, least: field.min, most: field.max };
    refuse(
      problem,
      interpolate(gettext("%(label)s: a whole number from %(least)s to %(most)s."), range),
      field,
    );
    return null;
  }
  return parameters;
}

/** Where a job is followed, which has the focus then; the page is loaded anew, so that it is there however one comes back. */
const toJob = (community, { id }) =>
  location.assign(`?community=${community}&view=proposals#job-${encodeURIComponent(id)}`);

async function send(button, problem, work) {
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  refuse(problem, "");
  try {
    await work();
  } catch (error) {
    refuse(problem, error.detail ?? String(error));
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** A proposal is computed from the settings of the form. */
function computing(form, community) {
  const sizes = () => {
    const data = new FormData(form);
    const size = data.get("size");
    for (const part of form.querySelectorAll("[data-size]")) part.hidden = part.dataset.size !== size;
    form.querySelector("[data-nested]").hidden = !data.has("nested");
  };
  form.addEventListener("change", sizes);
  sizes();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const parameters = wanted(form, community);
    if (!parameters) return;
    send(form.querySelector("[type=submit]"), by("new-problem"), async () => {
      toJob(community, await start(parameters));
    });
  });
}

/** The grids of today, or of the day that the form names, become a proposal at once. */
function beginning(form, community, onMade) {
  const { on, task } = form.dataset;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form.querySelector("[type=submit]"), form.querySelector("[role=alert]"), async () => {
      onMade(await fromGrids(community, on), task);
    });
  });
}

/** A file is sent once, however often the button is pressed. */
function bringing(form) {
  const button = form.querySelector("[type=submit]");
  form.addEventListener("submit", (event) => {
    if (button.getAttribute("aria-busy")) event.preventDefault();
    button.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => button.removeAttribute("aria-busy"));
}

/** @param {{community: string, onMade: (split: object, task: string) => void}} options `onMade` for a proposal
 *   that is there at once, with what is to be done with it */
export function startForms({ community, onMade }) {
  for (const [id, begin] of [
    ["new-proposal", computing],
    ["from-today", beginning],
    ["go-back", beginning],
    ["bring-grids", bringing],
  ])
    if (by(id)) begin(by(id), community, onMade);
}
