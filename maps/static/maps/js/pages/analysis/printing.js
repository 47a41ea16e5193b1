/** The map on paper: as wide as the sheet, with the legends of all it shows. */

import { forPaper } from "../../map/theme.js";

const PAPER = { width: 680, height: 540 };

/**
 * @param {import("../../map/map.js").GridMap} map
 * @param {{key: HTMLDetailsElement}} options the legend
 */
export function startPrinting(map, { key }) {
  const element = document.getElementById("map");
  const planner = document.getElementById("planner");
  const hotspots = document.getElementById("hotspots-legend");
  const home = hotspots.nextElementSibling;
  let before = null;

  // The dialog shows what is drawn in this moment: the map keeps its tiles, and pans at most.
  const lay = () => {
    if (before) return;
    before = { opened: key.open, shown: planner.dataset.show };
    key.open = true;
    // Where list and map take turns, paper has room for both.
    planner.dataset.show = "both";
    document.getElementById("hotspots-key").append(hotspots);
    forPaper(true);
    element.style.flex = "none";
    element.style.width = `${PAPER.width}px`;
    element.style.height = `${PAPER.height}px`;
    map.resize({ pan: true });
  };
  const clear = () => {
    if (!before) return;
    key.open = before.opened;
    planner.dataset.show = before.shown;
    before = null;
    home.before(hotspots);
    forPaper(false);
    for (const name of ["flex", "width", "height"]) element.style.removeProperty(name);
    map.resize({ pan: true });
  };
  addEventListener("beforeprint", lay);
  addEventListener("afterprint", clear);
  document.getElementById("print")?.addEventListener("click", async () => {
    // A sheet may show more of the map than a telephone did.
    lay();
    await map.settled();
    print();
  });
}
