/**
 * A sheet over the lower part of the screen with three heights: its tabs only, half, nearly all. Dragged by its
 * handle, or stepped through with the handle as a button and the arrow keys.
 */

const HEIGHTS = ["low", "half", "full"];

/**
 * @param {HTMLElement} sheet
 * @param {HTMLElement} handle
 * @param {{room: () => number, low: () => number, onChange?: (height: string) => void}} options `room` is the largest
 *   height in px, `low` the smallest
 */
export function bindSheet(sheet, handle, { room, low, onChange }) {
  let height = "half";

  const pixels = (name) => {
    const most = room();
    if (name === "low") return Math.min(low(), most);
    return name === "full" ? most : Math.min(most, Math.max(low(), Math.round(window.innerHeight * 0.38)));
  };

  const set = (name) => {
    height = name;
    sheet.style.setProperty("--sheet", `${pixels(name)}px`);
    sheet.dataset.height = name;
    handle.setAttribute("aria-expanded", String(name !== "low"));
    onChange?.(name);
  };

  let start = null;
  handle.addEventListener("pointerdown", (event) => {
    start = { y: event.clientY, height: sheet.offsetHeight, moved: false };
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointermove", (event) => {
    if (!start) return;
    const move = start.y - event.clientY;
    if (Math.abs(move) > 4) start.moved = true;
    if (!start.moved) return;
    sheet.classList.add("dragging");
    const wanted = Math.max(pixels("low"), Math.min(pixels("full"), start.height + move));
    sheet.style.setProperty("--sheet", `${wanted}px`);
  });
  const drop = () => {
    if (!start) return;
    sheet.classList.remove("dragging");
    if (start.moved) {
      const now = sheet.offsetHeight;
      set(
        HEIGHTS.reduce((best, name) =>
          Math.abs(pixels(name) - now) < Math.abs(pixels(best) - now) ? name : best,
        ),
      );
    }
    dragged = start.moved;
    start = null;
  };
  let dragged = false;
  handle.addEventListener("pointerup", drop);
  handle.addEventListener("pointercancel", drop);
  handle.addEventListener("click", () => {
    // The click that ends a drag is not a tap.
    if (dragged) dragged = false;
    else set(height === "half" ? "full" : "half");
  });
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    set(HEIGHTS[Math.max(0, Math.min(HEIGHTS.length - 1, HEIGHTS.indexOf(height) + step))]);
  });
  window.addEventListener("resize", () => set(height));
  set(height);

  return {
    set,
    get height() {
      return height;
    },
  };
}
