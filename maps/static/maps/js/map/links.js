/** Lines between people and what they are sent to: a chosen one stands out, one from a grid is dashed. */

/**
 * Keeps lines on a map, with a number beside the end of each that has one.
 *
 * @param {object} map from createMap
 * @returns {{show(links: {id: string, from: [number, number]|null, to: [number, number], dashed: boolean,
 *   chosen?: boolean, number?: number|null}[]): void}} places are [lat, lon]
 */
export function linksOnMap(map) {
  const { leaflet } = map;
  let shown = [];
  return {
    show(links) {
      for (const each of shown) each.remove();
      shown = links.flatMap(({ from, to, dashed, chosen = false, number = null }) => [
        ...(from ? [line(from, to, dashed, chosen)] : []),
        ...(number ? [badge(to, number, chosen)] : []),
      ]);
      for (const each of shown) each.addTo(leaflet);
    },
  };
}

const line = (from, to, dashed, chosen) =>
  new L.Polyline([from, to], {
    className: `gw-link${chosen ? " chosen" : ""}`,
    dashArray: dashed ? "6 6" : null,
    weight: chosen ? 5 : 3,
    interactive: false,
  });

/** A number at the upper right of a symbol, which stays to be clicked. */
function badge(place, number, chosen) {
  const html = document.createElement("span");
  html.textContent = String(number);
  const icon = new L.DivIcon({
    className: `gw-stop beside${chosen ? " chosen" : ""}`,
    html,
    iconSize: [22, 22],
    iconAnchor: [-6, 28],
  });
  return new L.Marker(place, { icon, keyboard: false, interactive: false, zIndexOffset: 900 });
}

/**
 * Keeps one way through several places on a map, with the numbers of the stops.
 *
 * @param {object} map from createMap
 * @returns {{show(places: [number, number][]): void}} places are [lat, lon], the start first
 */
export function roundOnMap(map) {
  const { leaflet } = map;
  let shown = [];
  return {
    show(places) {
      for (const each of shown) each.remove();
      shown =
        places.length > 1
          ? [new L.Polyline(places, { className: "gw-link", weight: 4, interactive: false })]
          : [];
      places.forEach((place, number) => {
        const html = document.createElement("span");
        html.textContent = number === 0 ? "●" : String(number);
        const icon = new L.DivIcon({ className: "gw-stop", html, iconSize: [28, 28], iconAnchor: [14, 14] });
        shown.push(new L.Marker(place, { icon, keyboard: false, interactive: false, zIndexOffset: 900 }));
      });
      for (const each of shown) each.addTo(leaflet);
    },
  };
}
