/** The mark of a place that was looked for: it cannot be moved, unlike the pin of the place picker. */

const SIGN = `<svg viewBox="-18 -40 36 44" width="36" height="44" aria-hidden="true" focusable="false">
<ellipse cx="0" cy="0" rx="6" ry="2.4" class="f-soft" opacity=".35"/>
<path d="M0 0C-2.6 -8 -12 -13 -12 -24A12 12 0 1 1 12 -24C12 -13 2.6 -8 0 0Z" class="f-ink s-card" stroke-width="2"/>
<circle cx="0" cy="-24" r="4.5" class="f-card"/></svg>`;
/** A building or a point is shown with what is around it. */
const CLOSEST = 18;
const PATIENCE = 900; // ms after which the map counts as arrived, also if it need not move

/**
 * @param {object} map from createMap
 * @param {{lat: number, lon: number}} at
 * @param {string} name
 * @returns {{show(box: number[], arrived: () => void): void, point(): {x: number, y: number}, remove(): void}}
 */
export function markPlace(map, at, name) {
  const { leaflet } = map;
  const marker = new L.Marker([at.lat, at.lon], {
    interactive: false,
    keyboard: false,
    alt: name,
    icon: new L.DivIcon({ className: "gw-mark", html: SIGN, iconSize: [36, 44], iconAnchor: [18, 40] }),
    zIndexOffset: 900,
  }).addTo(leaflet);
  const element = marker.getElement();
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", name);
  let stop = () => {};

  return {
    show([west, south, east, north], arrived) {
      let timer = 0;
      const done = () => {
        stop();
        arrived();
      };
      const off = map.on("view", done);
      timer = setTimeout(done, PATIENCE);
      stop = () => {
        off();
        clearTimeout(timer);
        stop = () => {};
      };
      map.fitBounds([west, south, east, north], { maxZoom: CLOSEST });
    },
    point() {
      const { x, y } = leaflet.latLngToContainerPoint(marker.getLatLng());
      return { x, y };
    },
    remove() {
      stop();
      marker.remove();
    },
  };
}
