/** What a list brought in, on the map. */

import { get } from "../lib/api.js";
import { pointsMap } from "../ui/points-map.js";
import { toast } from "../ui/toast.js";

const page = JSON.parse(document.getElementById("page-data").textContent);
const map = pointsMap(page.bounds);

try {
  map.put((await get(page.points)).points);
} catch (error) {
  toast(error.detail ?? String(error), { tone: "bad", seconds: 10 });
}
