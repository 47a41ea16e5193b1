/** The planner's view of coverage: the table and the map are the same grids, and the streets show where nobody was. */

import { gettext, interpolate } from "../lib/i18n.js";
import { parseView } from "../lib/view.js";
import { createMap } from "../map/map.js";
import { proposalLayer } from "../map/proposal.js";
import { announce } from "../ui/announce.js";
import { bindCoverageKey } from "../ui/coverage-key.js";
import { mapOptions } from "../ui/map-options.js";
import { mapSearch } from "../ui/map-search.js";

const by = (id) => document.getElementById(id);
const settings = JSON.parse(by("coverage-data").textContent);
const planner = by("planner");
const form = by("period");
const view = parseView(location.hash);

const map = createMap(by("map"), {
  // From afar the shades say enough.
  ...mapOptions(["regions", "ground", "owners", { source: "coverage", minzoom: 15 }]),
  view,
  bounds: settings.bounds,
  patch: settings.bounds,
  controls: { locate: false },
  onView: ({ hash }) => history.replaceState(history.state, "", hash),
});
map.setShades(settings.grids.map(({ id, shade }) => [id, shade]));
proposalLayer(map).showTags(
  settings.grids.map(({ lat, lon, text, more, shade }) => ({ lat, lon, text, more, mark: shade === null })),
);
mapSearch(by("map-search"), map);
bindCoverageKey(by("coverage-key"), map, { shown: true });

// --- the same grid in the table and on the map ----------------------------------------------------------------

function choose(id, { fromMap = false } = {}) {
  for (const row of document.querySelectorAll("#coverage [data-grid]")) {
    const chosen = row.dataset.grid === String(id);
    row.toggleAttribute("data-selected", chosen);
    row.querySelector("[data-choose]").setAttribute("aria-pressed", String(chosen));
    if (chosen && fromMap) row.scrollIntoView({ block: "nearest" });
  }
  const grid = settings.grids.find((one) => String(one.id) === String(id));
  const address = new URL(location.href);
  if (grid) address.searchParams.set("grid", grid.code);
  else address.searchParams.delete("grid");
  history.replaceState(history.state, "", address);
  if (!grid) map.select(null);
  else if (fromMap) map.select("grids", grid.id);
  else map.focusFeature("grids", grid.id, { lat: grid.lat, lon: grid.lon });
  if (grid) announce(interpolate(gettext("%(grid)s: %(share)s"), { grid: grid.label, share: grid.text }));
}

by("coverage")?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-choose]");
  if (button) choose(button.dataset.choose);
});
map.on("feature:click", ({ features }) => {
  const hit = features.find(({ layer }) => layer === "grids");
  if (hit && settings.grids.some(({ id }) => String(id) === hit.id)) choose(hit.id, { fromMap: true });
});
const first = settings.grids.find(({ code }) => code === settings.chosen);
if (first) {
  map.select("grids", first.id);
  if (!view) map.setView({ z: 16, lat: first.lat, lon: first.lon }, { animate: false });
}

// --- the page around it ---------------------------------------------------------------------------------------

/** The days are asked for only where they count; the list then leads there at once. */
function fix() {
  form.toggleAttribute("data-fixed", form.period.value !== "own");
}
form.addEventListener("change", ({ target }) => {
  fix();
  if (target.name === "region" || (target.name === "period" && target.value !== "own")) form.submit();
});
fix();

for (const button of planner.querySelectorAll(".list-or-map [data-show]"))
  button.addEventListener("click", () => {
    planner.dataset.show = button.dataset.show;
    for (const one of planner.querySelectorAll(".list-or-map [data-show]"))
      one.setAttribute("aria-pressed", String(one === button));
    if (button.dataset.show === "map") map.resize();
  });
document.body.classList.add("ready");
