/** The list of reports: the symbols as on the map, and the map beside the list on a wide screen. */

import { reportSvg } from "../lib/symbols-svg.js";
import { bulkChoice } from "../ui/bulk-choice.js";
import { refreshClocks } from "../ui/clocks.js";
import { mapSearch } from "../ui/map-search.js";
import { reportsMap } from "../ui/reports-map.js";

const data = JSON.parse(document.getElementById("list-data").textContent);
const offset = data.now - Date.now() / 1000;
const now = () => Date.now() / 1000 + offset;
const rows = new Map(data.results.map((report) => [report.id, report]));
const list = document.getElementById("reports");
const wide = matchMedia("(min-width: 1000px)");
let map = null;

for (const item of list?.children ?? []) {
  const mark = item.querySelector(".symbol");
  mark.innerHTML = reportSvg(rows.get(item.dataset.id), { size: 40, now: now() });
  mark.dataset.drawn = "";
}

function select(id, { scroll = false } = {}) {
  for (const item of list.children) item.classList.toggle("selected", item.dataset.id === id);
  map?.choose(id);
  if (scroll) {
    const row = document.getElementById(`r-${id}`);
    row?.scrollIntoView({ block: "center" });
    row?.querySelector("a").focus({ preventScroll: true });
  }
}

/** The map costs data and memory: only where it is seen. */
function showMap() {
  if (map || !wide.matches) return;
  map = reportsMap(document.getElementById("map"), {
    reports: data.results,
    bounds: data.bounds,
    now,
    onChoose: (id) => select(id, { scroll: true }),
  });
  mapSearch(document.getElementById("map-search"), map.map);
}

/** What the pointer or the focus is on is chosen on the map. */
const point = (event) => {
  const item = event.target.closest("li[data-id]");
  if (item) select(item.dataset.id);
};
list?.addEventListener("pointerover", point);
list?.addEventListener("focusin", point);
wide.addEventListener("change", showMap);
const ticks = document.getElementById("bulk");
if (ticks && list) bulkChoice(ticks, list);
showMap();
if (list) setInterval(() => refreshClocks(list, now()), 30_000);
