/** The colours and the font of the map, read from the CSS tokens of its element. */

const COLOURS = [
  "card",
  "ink",
  "soft",
  "line-strong",
  "accent",
  "accent-ink",
  "bad",
  "bad-ink",
  "warn",
  "warn-ink",
  "map-land",
  "map-street",
  "map-street-major",
  "map-casing",
  "map-casing-major",
  "map-path",
  "map-rail",
  "map-building",
  "map-building-edge",
  "map-water",
  "map-park",
  "map-school",
  "map-estate",
  "map-market",
  "map-place",
  "map-label",
  "map-label-strong",
  "map-label-water",
  "map-label-park",
  "map-halo",
  "map-dim",
  "map-mine",
  "map-edge",
  "heat-0",
  "heat-1",
  "heat-2",
  "heat-3",
  "heat-4",
  "heat-5",
  "less-2",
  "less-1",
  "same",
  "more-1",
  "more-2",
];

const PAPER = "theme:paper";

/** Paper is light whatever the screen is: maps are drawn in its colours, as the legend beside them is printed. */
export function forPaper(wanted) {
  document.documentElement.toggleAttribute("data-paper", wanted);
  document.dispatchEvent(new Event(PAPER));
}

/**
 * @typedef {{colour: Record<string, string>, font: string}} Theme
 * @param {Element} element
 * @returns {Theme} `colour` by token name without the dashes; `line` is the strong line of small strokes
 */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  const colour = Object.fromEntries(COLOURS.map((name) => [name, token(name)]));
  colour.line = colour["line-strong"];
  return { colour, font: token("font") || "sans-serif" };
}

/**
 * Calls back when the system's colour scheme or contrast changes.
 *
 * @returns {() => void} stop watching
 */
export function watchTheme(onChange) {
  const queries = ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"].map((query) =>
    matchMedia(query),
  );
  for (const query of queries) query.addEventListener("change", onChange);
  document.addEventListener(PAPER, onChange);
  return () => {
    document.removeEventListener(PAPER, onChange);
    for (const query of queries) query.removeEventListener("change", onChange);
  };
}
