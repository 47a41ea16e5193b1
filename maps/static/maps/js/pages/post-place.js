/** The place of a post: tap, drag, arrow keys, or search; two hidden fields carry it. */

import { createMap } from "../map/map.js";
import { mapOptions } from "../ui/map-options.js";
import { mapSearch } from "../ui/map-search.js";

const CLOSE = 17;
const { at, bounds } = JSON.parse(document.getElementById("posts-data").textContent);
const [lon, lat] = ["post-lon", "post-lat"].map((id) => document.getElementById(id));
const map = createMap(document.getElementById("map"), {
  ...mapOptions(["regions", "ground", "grids"]),
  view: at ? { z: CLOSE, ...at } : null,
  bounds,
  patch: bounds,
});
const write = (place) => {
  lon.value = place.lon.toFixed(7);
  lat.value = place.lat.toFixed(7);
};
let picker = null;

function pick(place) {
  if (picker) picker.set(place);
  else picker = map.startPicker(place, { onChange: write });
}

if (at) pick(at);
else {
  // Nothing is chosen until somebody taps: a pin in the middle of the view would be a guess.
  map.on("feature:click", ({ latlng }) => pick(latlng));
}
mapSearch(document.getElementById("map-search"), map, { onShow: (place) => pick(place) });
map.on("locate", (place) => pick(place));
