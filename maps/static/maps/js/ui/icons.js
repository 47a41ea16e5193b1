/** The few drawn signs that scripts put on buttons; templates have theirs in maps/_icon.html. */

const PATHS = {
  camera: "M4 8h3l2-3h6l2 3h3v11H4zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8z",
  photos: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9h.01",
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  tick: "M5 12.5l4.5 4.5L19 7.5",
  outbox: "M4 14v5h16v-5M4 14h5l1.5 2h3L15 14h5M12 11V3M8.5 6.5L12 3l3.5 3.5",
  walk: "M13 6.5a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6zM9 21l2.5-6-2-3 1-4.5 3 .5 2 3 2.5 1M13 15l2.5 6M8 12l1-3 1.5-1",
  flag: "M6 21V4h11l-2.5 4L17 12H6",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
};

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 24 24",
    width: 24,
    height: 24,
    class: "icon",
    "aria-hidden": "true",
    focusable: "false",
  }))
    svg.setAttribute(key, value);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
