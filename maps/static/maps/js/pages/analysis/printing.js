/** The map on paper: as wide as the sheet, with its legend open. */

const PAPER = { width: 680, height: 620 };

/**
 * @param {import("../../map/map.js").GridMap} map
 * @param {{key: HTMLDetailsElement}} options the legend
 */
export function startPrinting(map, { key }) {
  const element = document.getElementById("map");
  const planner = document.getElementById("planner");
  let opened = key.open;
  let shown = planner.dataset.show;
  // What is in the middle stays there.
  const resized = () => {
    const view = map.getView();
    map.resize();
    map.setView(view, { animate: false });
  };
  addEventListener("beforeprint", () => {
    opened = key.open;
    key.open = true;
    // Where list and map take turns, paper has room for both.
    shown = planner.dataset.show;
    planner.dataset.show = "both";
    element.style.flex = "none";
    element.style.width = `${PAPER.width}px`;
    element.style.height = `${PAPER.height}px`;
    resized();
  });
  addEventListener("afterprint", () => {
    key.open = opened;
    planner.dataset.show = shown;
    for (const name of ["flex", "width", "height"]) element.style.removeProperty(name);
    resized();
  });
  document.getElementById("print")?.addEventListener("click", () => print());
}
