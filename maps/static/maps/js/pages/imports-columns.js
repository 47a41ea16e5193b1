/** Where the rows would be on the map with the chosen coordinates, before anything is decided. */

import { get } from "../lib/api.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { pointsMap } from "../ui/points-map.js";

const page = JSON.parse(document.getElementById("page-data").textContent);
const words = document.getElementById("import-points");
const form = document.getElementById("columns");
const map = pointsMap(page.bounds);
let asking = null;

async function look() {
  asking?.abort();
  asking = new AbortController();
  const chosen = new URLSearchParams({
    crs: form.elements.crs.value,
    swapped: form.elements.swapped.value,
  });
  try {
    const found = await get(`${page.points}?${chosen}`, { signal: asking.signal });
    map.put(found.points);
    words.textContent = sentence(found);
  } catch (error) {
    if (error.name !== "AbortError") words.textContent = error.detail ?? String(error);
  }
}

function sentence({ count, inside, outside }) {
  if (!count && !inside) return gettext("No row has coordinates: every place is looked for later.");
  const text = outside
    ? gettext("%(inside)s rows lie in the region, %(outside)s outside of it.")
    : gettext("%(inside)s rows lie in the region. Do they stand where they should?");
  return interpolate(text, { inside, outside });
}

form.addEventListener("change", (event) => {
  if (["crs", "swapped"].includes(event.target.name)) look();
});
look();
