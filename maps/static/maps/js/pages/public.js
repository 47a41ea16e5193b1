/** The public map: the list and the map are the same places; a tap says how many, and where a report would begin. */

import { gettext, interpolate, ngettext } from "../lib/i18n.js";
import { parseView } from "../lib/view.js";
import { createMap } from "../map/map.js";
import { mapOptions } from "../ui/map-options.js";
import { mapSearch } from "../ui/map-search.js";

const by = (id) => document.getElementById(id);
const { bounds, params } = JSON.parse(by("public-data").textContent);
const report = by("report-here");
const cell = by("cell");
const CELL_METRES = 100;

const map = createMap(by("map"), {
  ...mapOptions(["regions", "ground", { source: "problems", params }]),
  view: parseView(location.hash),
  bounds,
  patch: bounds,
  onView: ({ hash }) => history.replaceState(history.state, "", hash),
});
mapSearch(by("map-search"), map, { source: "/public/places.json", onShow: reportAt });

/** A report that is begun now begins there. */
function reportAt({ lon, lat }) {
  const address = new URL(report.href);
  address.searchParams.set("lon", lon.toFixed(6));
  address.searchParams.set("lat", lat.toFixed(6));
  report.href = address;
}

function tell({ open, closed, cells }) {
  const counts = [
    interpolate(ngettext("%(count)s being dealt with", "%(count)s being dealt with", open), { count: open }),
    interpolate(ngettext("%(count)s solved within a year", "%(count)s solved within a year", closed), {
      count: closed,
    }),
  ].filter((_words, index) => [open, closed][index]);
  const where = interpolate(gettext("In a square of about %(metres)s m"), { metres: cells * CELL_METRES });
  cell.textContent = `${where}: ${counts.join(gettext(", "))}`;
  cell.hidden = false;
}

map.on("feature:click", ({ features, latlng }) => {
  const hit = features.find(({ layer }) => layer === "problems");
  if (hit) {
    map.select("problems", hit.id);
    tell(hit.properties);
  } else {
    map.select(null);
    cell.hidden = true;
  }
  reportAt(latlng);
});
map.on("locate", reportAt);

by("places")?.addEventListener("click", (event) => {
  const box = event.target.closest("[data-box]")?.dataset.box;
  if (!box) return;
  event.preventDefault();
  map.fitBounds(box.split(",").map(Number), { maxZoom: 17 });
  by("map").scrollIntoView({ block: "nearest" });
});
const filters = by("filters");
filters.addEventListener("change", () => {
  filters.requestSubmit();
});
filters.setAttribute("data-live", "");
document.body.classList.add("ready");
