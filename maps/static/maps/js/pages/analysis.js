/** The analysis page: where problems are, on a map and in lists that are the same thing. */

import { readLooks, writeLooks } from "../lib/heat-address.js";
import { parseView } from "../lib/view.js";
import { createMap } from "../map/map.js";
import { mapOptions } from "../ui/map-options.js";
import { mapSearch } from "../ui/map-search.js";
import { drawSymbols } from "../ui/symbols.js";
import { startActing } from "./analysis/acting.js";
import { copyFilters, startFilters } from "./analysis/filters.js";
import { HeatView } from "./analysis/heat-view.js";
import { bindSwitches } from "./analysis/key.js";
import { startPrinting } from "./analysis/printing.js";
import { Shading } from "./analysis/shading.js";
import { swap } from "./analysis/swap.js";

const by = (id) => document.getElementById(id);
const planner = by("planner");
const form = by("filters");
let settings = JSON.parse(by("analysis-data").textContent);
let looks = readLooks(location.search);
let asking = null;

const map = createMap(by("map"), {
  ...mapOptions([
    "regions",
    "ground",
    "owners",
    { source: "coverage", minzoom: 15, visible: false },
    "heat",
    { source: "hotspots", visible: false, interactive: true },
    { source: "reports", visible: false, params: settings.points },
  ]),
  view: parseView(location.hash),
  bounds: settings.bounds,
  patch: settings.bounds,
  controls: { locate: false },
  onView: ({ hash }) => history.replaceState(history.state, "", location.search + hash),
});
mapSearch(by("map-search"), map);

const view = new HeatView(map, { settings, looks, onLooks: change });
const shading = new Shading(map, by("shading-legend"));
const switches = bindSwitches(by("key"), looks, change);

/** What the map shows changes, and the address with it. */
function change(part) {
  looks = { ...looks, ...part };
  history.replaceState(history.state, "", writeLooks(location.search, looks) + location.hash);
  view.look(looks);
  switches.show(looks, view.comparing);
  shading.show(looks.shading, settings);
  document.dispatchEvent(new CustomEvent("analysis:looks", { detail: looks }));
}

/** Other filters: the server says the sentence, and the map stays where it is unless the region is another. */
async function refilter(search, { keep = false } = {}) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  by("side").setAttribute("aria-busy", "true");
  try {
    const { settings: fresh, form: asked } = await swap(search, signal);
    const moved = fresh.region !== settings.region;
    settings = fresh;
    looks = { ...looks, at: "", step: "", cell: moved ? "" : looks.cell };
    if (keep) {
      copyFilters(form, asked);
      looks = readLooks(location.search);
      filters.fix();
    } else history.pushState(history.state, "", writeLooks(search, looks) + location.hash);
    if (moved) {
      map.setPatch(fresh.bounds);
      map.fitBounds(fresh.bounds);
    }
    view.ask(settings, looks);
    switches.show(looks, view.comparing);
    shading.show(looks.shading, settings);
    document.dispatchEvent(new CustomEvent("analysis:filters", { detail: settings }));
  } catch (error) {
    if (signal.aborted) return;
    // Whatever it is, the page itself says it better.
    console.warn(error);
    location.assign(`${location.pathname}${search}`);
  } finally {
    if (!signal.aborted) by("side").removeAttribute("aria-busy");
  }
}

const filters = startFilters(form, refilter);
startActing(map, () => settings);
addEventListener("popstate", () => refilter(location.search, { keep: true }));

for (const button of planner.querySelectorAll(".list-or-map [data-show]"))
  button.addEventListener("click", () => {
    planner.dataset.show = button.dataset.show;
    for (const one of planner.querySelectorAll(".list-or-map [data-show]"))
      one.setAttribute("aria-pressed", String(one === button));
    if (button.dataset.show === "map") map.resize();
  });
// On a phone the legend would hide the map that it explains.
if (matchMedia("(width < 1000px)").matches) by("key").open = false;
drawSymbols(by("streets-legend"));
startPrinting(map, { key: by("key") });
view.ask(settings, looks);
switches.show(looks, view.comparing);
shading.show(looks.shading, settings);
document.body.classList.add("ready");
