/** One patrol of one's own: its kept way on the map. */

import { createMap } from "../map/map.js";
import { boundsOfLines, showWay } from "../map/ways.js";
import { mapOptions } from "../ui/map-options.js";

const way = JSON.parse(document.getElementById("way-data").textContent);
const bounds = boundsOfLines([...way.lines, ...way.untimed]);

const map = createMap(document.getElementById("map"), {
  ...mapOptions(["regions", "ground"]),
  bounds,
  patch: bounds,
  controls: { locate: false },
});
showWay(map, way);
