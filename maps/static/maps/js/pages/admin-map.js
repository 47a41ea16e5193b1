/** The geometry of a form in the administration: a map beside the field with its coordinates. */

import { bounds, parsed, written } from "../lib/geojson.js";
import { gettext } from "../lib/i18n.js";
import { canDraw, editGeometry } from "../map/editor.js";
import { createMap } from "../map/map.js";
import { mapOptions } from "../ui/map-options.js";

const ROOM = 0.0006; // degrees around a geometry, some 60 m

async function home(tiles) {
  const response = await fetch(`${tiles}/regions.json`).catch(() => null);
  return response?.ok ? ((await response.json()).bounds ?? null) : null;
}

function roomy([west, south, east, north]) {
  return [west - ROOM, south - ROOM, east + ROOM, north + ROOM];
}

async function start(field) {
  const text = document.getElementById(field.dataset.geometry);
  const container = field.querySelector(".gw-geometry-map");
  const help = field.querySelector(".gw-geometry-help");
  const details = field.querySelector("details");
  const editable = "editable" in field.dataset;
  const say = (words) => {
    help.textContent = words;
    help.hidden = !words;
  };
  const read = () => {
    try {
      const geometry = parsed(text.value);
      say(geometry || !editable ? "" : gettext("Draw it on the map, or write its coordinates below."));
      return geometry;
    } catch {
      say(gettext("The coordinates below cannot be read as a geometry."));
      return null;
    }
  };
  const geometry = read();
  const options = mapOptions(["regions", "ground", "grids"]);
  container.hidden = false;
  details.open = false;
  const map = createMap(container, {
    ...options,
    bounds: geometry ? roomy(bounds(geometry)) : await home(options.tiles),
    dim: false,
    controls: { locate: false, fit: false },
  });
  const editor = editGeometry(map, {
    kinds: field.dataset.kinds.split(" ").filter(Boolean),
    editable,
    language: options.language,
    onChange(drawn) {
      text.value = written(drawn);
      say("");
    },
  });
  if (editable && !canDraw()) details.open = true;
  editor.show(geometry);
  text.addEventListener("change", () => {
    const typed = read();
    editor.show(typed);
    if (typed) map.fitBounds(roomy(bounds(typed)));
  });
}

for (const field of document.querySelectorAll("[data-geometry]")) start(field);
