/** Several maps that always show the same place at the same scale. */

/**
 * @param {import("./map.js").GridMap[]} gridMaps
 * @returns {() => void} lets each go its own way again
 */
export function linkMaps(gridMaps) {
  const maps = gridMaps.map(({ leaflet }) => leaflet);
  let leading = false; // what follows must not lead back
  const offs = maps.map((map) => {
    const lead = () => {
      if (leading) return;
      leading = true;
      for (const other of maps)
        if (other !== map) other.setView(map.getCenter(), map.getZoom(), { animate: false });
      leading = false;
    };
    map.on("move zoomend", lead);
    return () => map.off("move zoomend", lead);
  });
  return () => {
    for (const off of offs) off();
  };
}
