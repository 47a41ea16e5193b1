/** Areas that no tile holds: what was chosen, where patrols are planned, where a campaign is. */

const STYLES = {
  chosen: { className: "gw-area gw-area-chosen", weight: 3 },
  plan: { className: "gw-area gw-area-plan", weight: 3, dashArray: "8 5" },
  campaign: { className: "gw-area gw-area-campaign", weight: 3, dashArray: "2 6" },
};

/**
 * Shows areas, and lets them be another.
 *
 * @param {object} map from createMap
 * @returns {{set(areas: {kind: "chosen"|"plan"|"campaign", name: string, geometry: object}[]): void,
 *   box(): number[]|null, remove(): void}}
 */
export function showAreas(map) {
  const { leaflet } = map;
  if (!leaflet.getPane("gw-areas")) {
    // Over heat and hotspots, under names and symbols.
    const pane = leaflet.createPane("gw-areas");
    pane.style.zIndex = "444";
    pane.style.pointerEvents = "none";
  }
  const group = new L.FeatureGroup().addTo(leaflet);
  return {
    set(areas) {
      group.clearLayers();
      for (const { kind, name, geometry } of areas) {
        const style = { interactive: false, ...STYLES[kind] };
        const layer = new L.GeoJSON(geometry, { pane: "gw-areas", style });
        if (name)
          layer.bindTooltip(document.createTextNode(name), {
            permanent: true,
            direction: "center",
            // A campaign where there is a plan too has its name below.
            offset: kind === "campaign" ? [0, 26] : [0, 0],
            className: "gw-disc-name",
          });
        group.addLayer(layer);
      }
    },
    box() {
      const bounds = group.getBounds();
      if (!bounds.isValid()) return null;
      return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    },
    remove: () => group.remove(),
  };
}
