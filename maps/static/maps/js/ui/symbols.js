/** Draw the symbols of a list as they are on the map. */

import { checkpointSvg, legendSvg, reportSvg } from "../lib/symbols-svg.js";

export function drawSymbols(root, now = Date.now() / 1000) {
  for (const mark of root.querySelectorAll(
    "[data-report].symbol, [data-checkpoint].symbol, [data-legend].symbol",
  )) {
    const { report, checkpoint, legend } = mark.dataset;
    if (report) mark.innerHTML = reportSvg(JSON.parse(report), { size: 40, now });
    else if (checkpoint) mark.innerHTML = checkpointSvg(JSON.parse(checkpoint), { size: 36 });
    else if (legend) mark.innerHTML = legendSvg(legend, { size: 36 });
    mark.dataset.drawn = "";
  }
}
