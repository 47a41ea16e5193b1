/** Turns taps, the mouse and the Enter key into feature events. */

import { debounce, listen, watchKeyboardFocus } from "./watch.js";

/**
 * @param {L.Map} map
 * @param {{hits: (latlng: L.LatLng, point: L.Point) => object[], centre: () => L.Point, silent: () => boolean,
 *   emit: (type: string, detail: object) => void}} options `centre` = where Enter points at, in the container's px
 * @returns {() => void} stops listening
 */
export function watchPointing(map, { hits, centre, silent, emit }) {
  const element = map.getContainer();
  let hovered = "";

  const choose = (latlng, point, keyboard) => {
    if (silent()) return;
    emit("feature:click", {
      features: hits(latlng, point),
      latlng: { lat: latlng.lat, lon: latlng.lng },
      point: { x: point.x, y: point.y },
      keyboard,
    });
  };

  const hover = debounce(({ latlng, containerPoint }) => {
    if (silent()) return;
    const features = hits(latlng, containerPoint);
    const key = features.map(({ layer, id }) => `${layer}/${id}`).join();
    if (key === hovered) return;
    hovered = key;
    const pointed = features.some(({ kind }) => kind !== "polygon");
    element.classList.toggle("gw-over-feature", pointed);
    emit("feature:hover", { features });
  }, 30);

  map.on("click", ({ latlng, containerPoint }) => choose(latlng, containerPoint, false));
  if (matchMedia("(hover: hover)").matches) map.on("mousemove", hover);
  const stops = [
    watchKeyboardFocus(element),
    listen(element, ["keydown"], (event) => {
      if (event.target !== element || (event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      const point = centre();
      choose(map.containerPointToLatLng(point), point, true);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
