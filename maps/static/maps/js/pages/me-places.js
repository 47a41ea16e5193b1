/** Private places: those that are marked as discs, and a pin with its disc for the next one. */

import { gettext } from "../lib/i18n.js";
import { createMap } from "../map/map.js";
import { showDisc } from "../map/ways.js";
import { mapOptions } from "../ui/map-options.js";
import { mapSearch } from "../ui/map-search.js";

const { bounds, places } = JSON.parse(document.getElementById("places-data").textContent);
const by = (id) => document.getElementById(id);
const form = by("mark");

const map = createMap(by("map"), { ...mapOptions(["regions", "ground"]), bounds, patch: bounds });
const discs = new Map(places.map((place) => [String(place.id), showDisc(map, place)]));
let picker = null;
let disc = null;

function moved({ lat, lon }) {
  by("lat").value = lat.toFixed(6);
  by("lon").value = lon.toFixed(6);
  const place = { lat, lon, radius: Number(by("radius").value) };
  if (disc) disc.set(place);
  else disc = showDisc(map, place);
  by("mark-place").disabled = false;
  by("place-words").textContent = gettext(
    "What lies in the disc is cut out. Move the pin by dragging or with the arrow keys.",
  );
}

function pick(at) {
  if (picker) picker.set(at);
  else picker = map.startPicker(at, { onChange: moved, label: gettext("The private place") });
}

if (form) {
  map.on("feature:click", ({ latlng }) => pick(latlng));
  map.on("locate", pick);
  by("radius").addEventListener("change", () => picker && moved(picker.get()));
  form.addEventListener("submit", () => {
    by("mark-place").disabled = true;
  });
}
mapSearch(by("map-search"), map, {
  onShow: (place) => form && pick({ lat: place.lat, lon: place.lon }),
});

for (const button of document.querySelectorAll("[data-show]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    map.fitBounds(discs.get(button.dataset.show).box());
    by("map").scrollIntoView({ block: "nearest" });
  });
}
