/** Lines and discs of one person's own that no tile holds: kept ways, and places with what lies around them. */

const WIDTH = 4;

/** A line with the halo that keeps it apart from streets. @param {number[][][]} lines of [lon, lat] */
function ribbon(lines, more) {
  const latlngs = lines.map((line) => line.map(([lon, lat]) => [lat, lon]));
  const plain = { interactive: false, smoothFactor: 1, lineCap: "round" };
  return [
    new L.Polyline(latlngs, { ...plain, className: "gw-way-halo", weight: WIDTH + 4 }),
    new L.Polyline(latlngs, { ...plain, className: "gw-way", weight: WIDTH, ...more }),
  ];
}

/** Bounds of lines as [west, south, east, north] with some room; null without any. @param {number[][][]} lines */
export function boundsOfLines(lines, room = 0.0006) {
  const points = lines.flat();
  if (!points.length) return null;
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of points) {
    box[0] = Math.min(box[0], lon - room);
    box[1] = Math.min(box[1], lat - room);
    box[2] = Math.max(box[2], lon + room);
    box[3] = Math.max(box[3], lat + room);
  }
  return box;
}

/**
 * Shows a kept way.
 *
 * @param {object} map from createMap
 * @param {{lines: number[][][], untimed: number[][][]}} way the second is dashed
 */
export function showWay(map, { lines, untimed }) {
  const layers = [...ribbon(untimed, { dashArray: "2 9" }), ...ribbon(lines, {})];
  for (const layer of layers) layer.addTo(map.leaflet);
}

/**
 * Shows a disc around a place.
 *
 * @param {object} map from createMap
 * @param {{lat: number, lon: number, radius: number, name?: string}} place radius in metres
 * @returns {{set(place: {lat: number, lon: number, radius: number}): void, box(): number[], remove(): void}}
 */
export function showDisc(map, place) {
  const disc = new L.Circle([place.lat, place.lon], {
    radius: place.radius,
    className: "gw-disc",
    weight: 2,
    interactive: false,
  }).addTo(map.leaflet);
  if (place.name)
    disc.bindTooltip(document.createTextNode(place.name), {
      permanent: true,
      direction: "center",
      className: "gw-disc-name",
    });
  return {
    set({ lat, lon, radius }) {
      disc.setLatLng([lat, lon]);
      disc.setRadius(radius);
    },
    box() {
      const bounds = disc.getBounds();
      return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    },
    remove: () => disc.remove(),
  };
}
