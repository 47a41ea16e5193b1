/** A map's search box: goes to the place that was chosen and marks it. */

import { gettext, interpolate } from "../lib/i18n.js";
import { markPlace } from "../map/mark.js";
import { announce } from "./announce.js";
import { placeSearchLater } from "./place-search-later.js";

/**
 * @param {HTMLInputElement|null} input null where a page shows no box
 * @param {object} map from createMap
 * @param {{onShow?: (place: object, point: {x: number, y: number}) => void, before?: () => void, source?: string}}
 *   [handlers] `onShow` when the map has arrived: the place and where it is in the map's container; `before` makes room
 *   for it; `source` as of placeSearch
 */
export function mapSearch(input, map, { onShow, before, source } = {}) {
  if (!input) return;
  let mark = null;

  function clear() {
    mark?.remove();
    mark = null;
  }

  placeSearchLater(input, {
    near: () => map.getView(),
    source,
    onChoose(place) {
      clear();
      before?.();
      mark = markPlace(map, place, place.name);
      announce(interpolate(gettext("The map shows %(name)s"), { name: place.name }));
      mark.show(place.box, () => onShow?.(place, mark.point()));
    },
  });
  input.addEventListener("input", () => {
    if (!input.value) clear();
  });
}
