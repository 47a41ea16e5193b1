/** Drawing one geometry on a map with leaflet-geoman: the other side of a text field with GeoJSON in it. */

import { joined } from "../lib/geojson.js";
import { pinIcon } from "./picker.js";

const SINGLE = { Point: "drawMarker", LineString: "drawPolyline", Polygon: "drawPolygon" };
const NONE = {
  drawMarker: false,
  drawPolyline: false,
  drawPolygon: false,
  drawRectangle: false,
  drawCircle: false,
  drawCircleMarker: false,
  drawText: false,
  dragMode: false,
  cutPolygon: false,
  rotateMode: false,
};

/** Whether the drawing library is on the page. */
export const canDraw = () => Boolean(globalThis.L?.PM);

/**
 * @param {import("./map.js").GridMap} gridMap
 * @param {{kinds: string[], editable: boolean, language: string, onChange?: (geometry: object|null) => void}} options
 *   `kinds`: GeoJSON types that may be drawn; with a multi type among them a geometry may have several parts
 * @returns {{show(geometry: object|null): void}}
 */
export function editGeometry(gridMap, { kinds, editable, language, onChange = () => {} }) {
  const map = gridMap.leaflet;
  const group = new L.GeoJSON(null, {
    style: () => ({ className: "gw-drawn", weight: 3 }),
    pointToLayer: (_feature, latlng) => new L.Marker(latlng, { icon: pinIcon() }),
  }).addTo(map);
  const changed = () => onChange(joined(group.getLayers().map((layer) => layer.toGeoJSON().geometry)));
  const watch = (layer) => layer.on("pm:edit", changed);
  if (editable && canDraw()) {
    map.pm.setLang(language.startsWith("en") ? "en" : "zh");
    map.pm.setGlobalOptions({
      layerGroup: group,
      allowSelfIntersection: false,
      markerStyle: { icon: pinIcon() },
      templineStyle: { className: "gw-drawn", weight: 3 },
      hintlineStyle: { className: "gw-drawn", weight: 2, dashArray: "6 6" },
      pathOptions: { className: "gw-drawn", weight: 3 },
    });
    const draw = Object.fromEntries(kinds.filter((kind) => SINGLE[kind]).map((kind) => [SINGLE[kind], true]));
    map.pm.addControls({ position: "topleft", ...NONE, ...draw, editMode: true, removalMode: true });
    // The library says what a button does in its frame's title only.
    for (const button of map.getContainer().querySelectorAll(".leaflet-buttons-control-button"))
      button.setAttribute("aria-label", button.closest("[title]")?.title ?? "");
    map.on("pm:create", ({ layer }) => {
      const kind = layer.toGeoJSON().geometry.type;
      for (const other of group.getLayers()) {
        const alike = other.toGeoJSON().geometry.type.replace("Multi", "") === kind;
        if (other !== layer && !(alike && kinds.includes(`Multi${kind}`))) group.removeLayer(other);
      }
      if (!group.hasLayer(layer)) group.addLayer(layer);
      watch(layer);
      map.pm.disableDraw();
      changed();
    });
    map.on("pm:remove", ({ layer }) => {
      group.removeLayer(layer);
      changed();
    });
  }
  return {
    show(geometry) {
      group.clearLayers();
      if (!geometry) return;
      group.addData(geometry);
      for (const layer of group.getLayers()) watch(layer);
    },
  };
}
