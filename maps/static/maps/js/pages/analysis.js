/** The analysis page: where problems are, on a map and in lists that are the same thing. */

import { parseView } from "../lib/view.js";
import { createMap } from "../map/map.js";
import { mapOptions } from "../ui/map-options.js";
import { mapSearch } from "../ui/map-search.js";
import { startFilters } from "./analysis/filters.js";

const by = (id) => document.getElementById(id);
const settings = JSON.parse(by("analysis-data").textContent);
const planner = by("planner");

const map = createMap(by("map"), {
  ...mapOptions(["regions", "ground", "owners"]),
  view: parseView(location.hash),
  bounds: settings.bounds,
  patch: settings.bounds,
  controls: { locate: false },
  onView: ({ hash }) => history.replaceState(history.state, "", hash),
});
mapSearch(by("map-search"), map);
startFilters(by("filters"));

for (const button of planner.querySelectorAll(".list-or-map [data-show]"))
  button.addEventListener("click", () => {
    planner.dataset.show = button.dataset.show;
    for (const one of planner.querySelectorAll(".list-or-map [data-show]"))
      one.setAttribute("aria-pressed", String(one === button));
    if (button.dataset.show === "map") map.resize();
  });
document.body.classList.add("ready");
