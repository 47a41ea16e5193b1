/** The posts of a region: the list beside the map; select in one, see it in the other. */

import { boundsOf, postFeature } from "../lib/placing.js";
import { createMap } from "../map/map.js";
import { mapOptions } from "../ui/map-options.js";
import { mapSearch } from "../ui/map-search.js";

const NO_TILES = 30;
const { posts, bounds } = JSON.parse(document.getElementById("posts-data").textContent);
const list = document.getElementById("posts");
const map = createMap(document.getElementById("map"), {
  ...mapOptions(["regions", "ground", "grids", { name: "posts", minzoom: NO_TILES, maxzoom: NO_TILES }]),
  bounds: boundsOf(posts) ?? bounds,
  patch: boundsOf(posts) ?? bounds,
  controls: { locate: false },
});
mapSearch(document.getElementById("map-search"), map);
map.setLive("posts", posts.map(postFeature));

function select(id, { scroll = false } = {}) {
  for (const item of list.children) item.classList.toggle("selected", item.dataset.id === id);
  map.select(id ? "posts" : null, id);
  if (scroll) document.getElementById(`post-${id}`)?.scrollIntoView({ block: "center" });
}

map.on("feature:click", ({ features }) => {
  const hit = features.find(({ layer }) => layer === "posts");
  if (hit) select(hit.id, { scroll: true });
});

/** What the pointer or the focus is on is chosen on the map. */
const point = (event) => {
  const item = event.target.closest("li[data-id]");
  if (item) select(item.dataset.id);
};
list?.addEventListener("pointerover", point);
list?.addEventListener("focusin", point);
