/** From what the map shows to what is done: choosing cells, hotspots, and what is planned already. */

import { readLooks } from "../../lib/heat-address.js";
import { interpolate, pgettext } from "../../lib/i18n.js";
import { bindPlanned, Choosing } from "./choosing.js";
import { Hotspots } from "./hotspots.js";

/** What the list says of a cell of heat, with the days it is counted over; nothing where it is not listed. */
function whyOfCell(id, { days }) {
  const row = document.querySelector(`#top [data-cell="${CSS.escape(id)}"] .analysis-figures`);
  if (!row) return "";
  const found = row.textContent.trim();
  return days?.since
    ? interpolate(pgettext("reason", "%(found)s from %(since)s to %(until)s."), { found, ...days })
    : found;
}

/**
 * @param {import("../../map/map.js").GridMap} map with the layer "hotspots"
 * @param {() => object} settings of the page as they are now
 */
export function startActing(map, settings) {
  const choosing = new Choosing(map);
  const hotspots = new Hotspots(map, { settings, choosing });
  bindPlanned(map, settings);
  // A link to a cell has it chosen, unless something else was.
  let last = readLooks(location.search).cell;
  if (last && !choosing.ids.length && !hotspots.expects) choosing.toggle("cells", last);
  document.addEventListener("analysis:looks", ({ detail: { cell = "" } }) => {
    if (cell === last) return;
    const before = last;
    last = cell;
    // Where hotspots lie over the heat, a finger means those.
    if (cell && hotspots.place) return;
    if (cell) choosing.toggle("cells", cell, whyOfCell(cell, settings()));
    else if (choosing.ids.includes(before)) choosing.without(before);
  });
}
