/** What every page's map starts with: the site's settings and the map's words in the reader's language. */

import { gettext } from "../lib/i18n.js";

export function mapOptions() {
  const config = JSON.parse(document.getElementById("map-config").textContent);
  return {
    ...config,
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
