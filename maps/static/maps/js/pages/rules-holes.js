/** Where nobody gets which problems: the list beside the map; select in one, see it in the other. */

import { createMap } from "../map/map.js";
import { proposalLayer } from "../map/proposal.js";
import { mapOptions } from "../ui/map-options.js";

const { features, bounds } = JSON.parse(document.getElementById("holes-data").textContent);
const list = document.getElementById("holes");
const map = createMap(document.getElementById("map"), {
  ...mapOptions(["regions", "ground", "grids"]),
  bounds,
  patch: bounds,
  controls: { locate: false },
});
const layer = proposalLayer(map, { onArea: (_kind, id) => select(id, { scroll: true }) });
let chosen = null;

/** Holes lie over each other, so that only the chosen one is drawn with its number. */
function select(id, { scroll = false } = {}) {
  if (id === chosen) return;
  chosen = id;
  for (const item of list.children) item.classList.toggle("selected", item.dataset.id === id);
  const found = features.filter((feature) => feature.id === id);
  layer.show(found, () => ({ text: id, more: "" }));
  if (scroll) document.getElementById(`hole-${id}`)?.scrollIntoView({ block: "center" });
}

const point = (event) => {
  const item = event.target.closest("li[data-id]");
  if (item) select(item.dataset.id);
};
list.addEventListener("pointerover", point);
list.addEventListener("focusin", point);
if (features.length) select(features[0].id);
