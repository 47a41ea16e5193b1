/** What every page's map starts with: the site's settings and the map's words in the reader's language. */

import { gettext } from "../lib/i18n.js";

/**
 * @param {(string|object)[]} wanted names of sources that the server declares, or whole layer options for the map; a
 *   name with more than its declaration is `{source, …more}`
 * @returns {object} options for `createMap`
 */
export function mapOptions(wanted) {
  const { sources, ...config } = JSON.parse(document.getElementById("map-config").textContent);
  const declared = (entry) => {
    if (typeof entry === "string") return sources[entry];
    const { source, ...more } = entry;
    return source ? { ...sources[source], ...more } : entry;
  };
  return {
    ...config,
    layers: wanted.map(declared),
    text: {
      map: gettext("Map"),
      zoomIn: gettext("Zoom in"),
      zoomOut: gettext("Zoom out"),
      locate: gettext("Show where I am"),
      fit: gettext("Show my patch"),
      tilesFailed: gettext("Part of the map did not load."),
      retry: gettext("Try again"),
      picker: gettext("The place; move it with the arrow keys or by dragging"),
      approval: gettext("Map approval number"),
    },
  };
}
