/** An area on a map beside what is said of it, and the print button. */

import { boxAround } from "../lib/area-box.js";
import { showAreas } from "../map/areas.js";
import { createMap } from "../map/map.js";
import { mapOptions } from "../ui/map-options.js";

const { areas } = JSON.parse(document.getElementById("area-data").textContent);
const bounds = boxAround(areas.map(({ geometry }) => geometry));
const map = createMap(document.getElementById("map"), {
  ...mapOptions(["regions", "ground", "grids"]),
  bounds,
  patch: bounds,
  controls: { locate: false, scale: true },
});
showAreas(map).set(areas);

const button = document.getElementById("print");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
document.body.classList.add("ready");
