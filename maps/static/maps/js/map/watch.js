/** What the map keeps an eye on; every watch returns the function that ends it. */

/** Runs once things have been quiet for `wait` ms. */
export function debounce(run, wait) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...args), wait);
  };
}

/** The pixel ratio changes when a window moves to another screen or the page is zoomed. */
export function watchRatio(onChange) {
  let query = null;
  const arm = () => {
    query?.removeEventListener("change", changed);
    query = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    query.addEventListener("change", changed);
  };
  const changed = () => {
    onChange();
    arm();
  };
  arm();
  return () => query.removeEventListener("change", changed);
}

/** The frame and the cross show for the keyboard only; Leaflet moves the focus on every press of a finger, too. */
export function watchKeyboardFocus(element) {
  let pointer = false;
  const update = (event) => {
    if (event.type === "pointerdown") pointer = true;
    if (event.type === "keydown") pointer = false;
    element.classList.toggle("gw-keys", !pointer && document.activeElement === element);
    if (event.type === "blur") pointer = false;
  };
  return listen(element, ["pointerdown", "keydown", "focus", "blur"], update, true);
}

/** Adds one listener for several events. */
export function listen(target, types, run, capture = false) {
  for (const type of types) target.addEventListener(type, run, capture);
  return () => {
    for (const type of types) target.removeEventListener(type, run, capture);
  };
}
