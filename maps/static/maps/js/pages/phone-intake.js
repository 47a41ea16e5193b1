/** Taking in a call: from field to field by Tab, what may be the same beside it, saved by Ctrl Enter or the button. */

import { get, newId, newKey, request } from "../lib/api.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { followedWords } from "../lib/similar.js";
import { momentOf, useZone } from "../lib/times.js";
import { announce } from "../ui/announce.js";
import { categoryField } from "../ui/category-field.js";
import { element } from "../ui/element.js";
import { placeSearch } from "../ui/place-search.js";
import { Similar } from "../ui/similar.js";

const WAIT = 250; // ms after the last change before what may be the same is looked up
const $ = (id) => document.getElementById(id);
const page = JSON.parse($("page").textContent);
const form = $("intake-form");
const error = $("intake-error");
useZone(page.zone);
let place = null; // lon, lat, and the stairwell where it is one
let category = null;
let timer = 0;
let key = newKey();
let id = newId();

const similar = new Similar($("intake-similar"), { evenOwn: true, onSame: (one) => save(one.handle) });
const categories = categoryField($("intake-category"), $("intake-categories"), page.categories, (chosen) => {
  category = chosen;
  look();
});
placeSearch($("intake-place"), { onChoose: choosePlace });
$("intake-place").addEventListener("input", () => {
  // What is typed over is another place.
  place = null;
  $("intake-where").textContent = "";
  $("intake-stairwells").hidden = true;
  look();
});

// Whoever is quicker than the list means what fits best; where that is, is said below the field.
$("intake-place").addEventListener("change", async () => {
  const text = $("intake-place").value.trim();
  if (place || !text) return;
  const { results } = await get(
    `/api/v1/places/search?${new URLSearchParams({ q: text, limit: "1" })}`,
  ).catch(() => ({ results: [] }));
  if (place || !results.length || $("intake-place").value.trim() !== text) return;
  $("intake-place").value = results[0].name;
  choosePlace(results[0]);
});

async function choosePlace(found) {
  fits($("intake-place"));
  place = { lon: found.lon, lat: found.lat, stairwell: found.source === "stairwell" ? found.id : null };
  $("intake-where").textContent = [found.kind_label, found.context, found.grid?.name]
    .filter(Boolean)
    .join(" · ");
  $("intake-stairwells").hidden = true;
  look();
  if (found.source !== "building") return;
  const mine = place;
  const near = await get(`/api/v1/places/near?lon=${found.lon}&lat=${found.lat}`).catch(() => null);
  if (place !== mine || !near?.stairwells.length) return;
  $("intake-stairwell-list").replaceChildren(
    ...[...near.stairwells, { id: "", label: gettext("not sure") }].map(({ id: value, label }) =>
      element(
        "label.choice",
        {},
        element("input", {
          type: "radio",
          name: "stairwell",
          value: String(value),
          onchange: chooseStairwell,
        }),
        label,
      ),
    ),
  );
  $("intake-stairwells").hidden = false;
}

function chooseStairwell({ target }) {
  place.stairwell = target.value ? Number(target.value) : null;
  look();
}

function look() {
  clearTimeout(timer);
  if (!place || !category) return similar.clear();
  timer = setTimeout(() => place && category && similar.look(subject()), WAIT);
}

function subject() {
  const { lon, lat, stairwell } = place;
  return { category: category.code, lon, lat, ...(stairwell ? { stairwell } : {}) };
}

/** What went wrong with saving stands above the button. */
function say(text) {
  error.textContent = text;
  error.hidden = !text;
  if (text) $("intake-save").focus();
}

/** What a field lacks stands below it, until something else is typed there. */
function lacks(field, text) {
  const words = $(`${field.id}-error`);
  words.textContent = text;
  words.hidden = false;
  field.setAttribute("aria-invalid", "true");
  field.addEventListener("input", () => fits(field), { once: true });
  field.focus();
}

function fits(field) {
  $(`${field.id}-error`).hidden = true;
  field.removeAttribute("aria-invalid");
}

/** @param {string|null} handle of the report that this one is */
async function save(handle = null) {
  say("");
  if (!place)
    return lacks($("intake-place"), gettext("Choose a place from the list: type its name and press Enter."));
  if (!category)
    return lacks($("intake-category"), gettext("Choose a category: type its first letters and press Enter."));
  if (form.getAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  const due = $("intake-due").value;
  const body = {
    id,
    ...subject(),
    source: $("intake-source").value,
    place: $("intake-place").value.trim(),
    description: $("intake-words").value.trim(),
    outside_number: $("intake-number").value.trim(),
    ...(due ? { outside_due_at: momentOf(due).toISOString() } : {}),
  };
  try {
    const url = handle ? "/api/v1/reports/follow" : "/api/v1/reports";
    const answer = await request(url, { method: "POST", body: handle ? { ...body, handle } : body, key });
    saved(handle ? answer.report : answer, handle ? answer : null);
  } catch (problem) {
    // Another try is another request, unless this one may have arrived.
    if (!problem.temporary) key = newKey();
    const words = problem.detail ?? String(problem);
    say(problem.temporary ? `${words} ${gettext("All of it still stands here: save it again.")}` : words);
  } finally {
    form.removeAttribute("aria-busy");
  }
}

function saved(report, followed) {
  const words = followed
    ? followedWords(followed, category.name)
    : interpolate(gettext("Saved: %(name)s %(number)s"), { name: category.name, number: report.number });
  const item = element("li", {}, element("span", {}, words));
  if (report) item.append(element("a", { href: `/reports/${report.id}/` }, gettext("Open the report")));
  $("intake-saved").prepend(item);
  $("intake-none").hidden = true;
  announce(words);
  const source = $("intake-source").value;
  form.reset();
  $("intake-source").value = source;
  categories.clear();
  similar.clear();
  [place, category, key, id] = [null, null, newKey(), newId()];
  $("intake-where").textContent = "";
  $("intake-stairwells").hidden = true;
  $("intake-number").focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    save();
  }
});
$("intake-number").focus();
