/**
 * A proposal of grids on a map: areas to choose from, their labels, blocks, vertices to drag and a line to draw.
 * Drawn as SVG in the page's tokens; all of it also works from the list and by keyboard.
 */

import { innermostPoint, polygonContains, polygonsOf, ringArea } from "../lib/geometry.js";
import { worldParts } from "../lib/live.js";
import { project, unproject } from "../lib/tilemath.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MOST_VERTICES = 150; // more than that cannot be told apart with a finger

/** Where a label stands: as far inside an area as can be. */
function innermost(geometry) {
  const { parts } = worldParts(geometry);
  const size = (polygon) => Math.abs(ringArea(polygon[0]));
  const [largest] = polygonsOf(parts).sort((a, b) => size(b) - size(a));
  const { x, y } = innermostPoint(largest);
  const [lon, lat] = unproject(x, y);
  return [lat, lon];
}

function label(at, { text, more, mark }) {
  const box = document.createElement("span");
  box.className = "gw-split-label";
  if (mark) box.dataset.mark = "";
  const first = document.createElement("b");
  first.textContent = text;
  const second = document.createElement("span");
  second.textContent = more;
  box.append(first, second);
  return new L.Marker(at, {
    icon: new L.DivIcon({ className: "gw-split-tag", html: box, iconSize: null }),
    interactive: false,
    keyboard: false,
  });
}

/**
 * @param {import("./map.js").GridMap} gridMap
 * @param {{onArea?: (kind: "grid"|"block", id: any) => void}} options called for what lies at a tap, or at the middle of
 *   the map with Enter; blocks, where they are shown, before grids
 */
export function proposalLayer(gridMap, { onArea = () => {} } = {}) {
  const map = gridMap.leaflet;
  const areas = new L.FeatureGroup().addTo(map);
  const level = new L.FeatureGroup().addTo(map);
  const blocks = new L.FeatureGroup().addTo(map);
  const tags = new L.FeatureGroup().addTo(map);
  const handles = new L.FeatureGroup().addTo(map);
  const places = new L.GeoJSON(null, { interactive: false, style: { className: "gw-split-repair" } }).addTo(
    map,
  );
  const shapes = new Map();
  const shown = { grid: [], block: [] };
  let stopLine = null;
  let blocksOf = "";
  let bringHandles = () => {};
  let focusedHandle = () => undefined;

  function fill(group, features, kind, className) {
    group.clearLayers();
    for (const key of [...shapes.keys()]) if (key.startsWith(`${kind}/`)) shapes.delete(key);
    shown[kind] = features.map(({ id, geometry }) => ({ id, rings: worldParts(geometry).parts }));
    for (const feature of features) {
      const unit = feature.properties.kind === "unit" ? " gw-split-unit" : "";
      const style = { className: className + unit };
      const shape = new L.GeoJSON(feature, { interactive: false, style }).getLayers()[0];
      group.addLayer(shape);
      shapes.set(`${kind}/${feature.id}`, shape);
    }
  }

  gridMap.on("feature:click", ({ latlng }) => {
    if (stopLine) return; // a tap is a point of the line
    const [x, y] = project(latlng.lon, latlng.lat);
    for (const kind of ["block", "grid"]) {
      const hit = shown[kind].find(({ rings }) => polygonContains(x, y, rings));
      if (hit) {
        onArea(kind, hit.id);
        return;
      }
    }
  });

  const layer = {
    /**
     * @param {object[]} features grids with polygons
     * @param {(feature: object) => {text: string, more: string, mark?: boolean}|null} tag what stands in each
     */
    show(features, tag = () => null) {
      fill(areas, features, "grid", "gw-split-grid");
      tags.clearLayers();
      for (const feature of features) {
        const words = tag(feature);
        if (words) tags.addLayer(label(innermost(feature.geometry), words));
      }
      layer.crowd();
    },
    /** Places worth a look, such as what was repaired; an empty list takes them away. */
    showPlaces(geometries) {
      places.clearLayers();
      for (const geometry of geometries) places.addData(geometry);
    },
    /** Outlines of the other level of grids, to be seen only: unit grids `within`, or service grids `around`. */
    showLevel(features, side) {
      level.clearLayers();
      const style = { className: `gw-split-${side}` };
      for (const feature of features) level.addLayer(new L.GeoJSON(feature, { interactive: false, style }));
    },
    /** Labels only, at given places; for areas that the tiles draw. */
    showTags(entries) {
      tags.clearLayers();
      for (const { lat, lon, ...words } of entries) tags.addLayer(label([lat, lon], words));
      layer.crowd();
    },
    /** Blocks over the grids; an empty list takes them away. */
    showBlocks(features) {
      blocksOf = "";
      fill(blocks, features, "block", "gw-split-block");
    },
    /** The same, drawn again only when `version` is another one. */
    showBlocksOnce(features, version) {
      if (blocksOf !== version) layer.showBlocks(features);
      blocksOf = version;
    },
    /** Marks what is chosen: keys such as "grid/3" or "block/17"; the first is `chosen`, others are `beside` it. */
    mark(chosen, beside = []) {
      for (const [key, shape] of shapes) {
        const path = shape.getElement();
        path?.classList.toggle("chosen", key === chosen);
        path?.classList.toggle("beside", beside.includes(key));
        if (key === chosen) shape.bringToFront();
      }
    },
    /** Labels that do not fit are left out rather than piled up; again after every zoom. */
    crowd() {
      const taken = [];
      tags.eachLayer((tag) => {
        const node = tag.getElement()?.firstElementChild;
        if (!node) return;
        const { x, y } = map.latLngToContainerPoint(tag.getLatLng());
        const [w, h] = [node.offsetWidth / 2, node.offsetHeight / 2];
        const box = [x - w, y - h, x + w, y + h];
        const free = taken.every((t) => box[2] < t[0] || box[0] > t[2] || box[3] < t[1] || box[1] > t[3]);
        node.classList.toggle("crowded", !free);
        if (free) taken.push(box);
      });
    },
    /**
     * Vertices to drag, or to move with the arrow keys (Enter sets them down, Escape puts them back). Those in view have
     * a handle, at most as many as a finger can tell apart; others get theirs when they come into view. The handle that
     * had the focus has it again.
     *
     * @param {[number, number][]} positions longitude and latitude; an empty list takes them away
     * @param {{name: (index: number, of: number) => string, onMove: (from: number[], to: number[]) => void}} options
     */
    showVertices(positions, { name = () => "", onMove = () => {} } = {}) {
      const focused = focusedHandle();
      handles.clearLayers();
      const held = new Map();
      bringHandles = () => {
        const view = map.getBounds().pad(0.05);
        for (const [index, from] of positions.entries()) {
          const inView = view.contains([from[1], from[0]]);
          if (inView && !held.has(index) && held.size < MOST_VERTICES) {
            held.set(index, vertex(map, from, name(index + 1, positions.length), onMove));
            handles.addLayer(held.get(index));
          } else if (!inView && held.has(index)) {
            handles.removeLayer(held.get(index));
            held.delete(index);
          }
        }
      };
      bringHandles();
      held.get(focused)?.getElement().focus({ preventScroll: true });
      focusedHandle = () =>
        [...held.keys()].find((index) => held.get(index).getElement() === document.activeElement);
    },
    /**
     * Lets a line be drawn: a tap, or Enter at the middle of the map, sets a point.
     *
     * @param {{onChange: (points: number[][]) => void}} options
     * @returns {{undo(): void, stop(): void}}
     */
    startLine({ onChange }) {
      stopLine?.();
      const points = [];
      const line = new L.Polyline([], { className: "gw-split-line", interactive: false }).addTo(map);
      const dots = new L.FeatureGroup().addTo(map);
      const draw = () => {
        line.setLatLngs(points);
        dots.clearLayers();
        for (const at of points)
          dots.addLayer(
            new L.CircleMarker(at, { radius: 5, className: "gw-split-line-dot", interactive: false }),
          );
        onChange(points.map(({ lat, lng }) => [lng, lat]));
      };
      const off = gridMap.on("feature:click", ({ latlng }) => {
        points.push(L.latLng(latlng.lat, latlng.lon));
        draw();
      });
      map.doubleClickZoom.disable();
      map.getContainer().classList.add("gw-drawing");
      stopLine = () => {
        off();
        line.remove();
        dots.remove();
        map.doubleClickZoom.enable();
        map.getContainer().classList.remove("gw-drawing");
        stopLine = null;
      };
      return {
        undo() {
          points.pop();
          draw();
        },
        stop: () => stopLine?.(),
      };
    },
    clear() {
      stopLine?.();
      layer.show([]);
      layer.showLevel([], "within");
      layer.showBlocks([]);
      layer.showPlaces([]);
      layer.showVertices([]);
    },
  };
  map.on("zoomend", layer.crowd);
  map.on("moveend", () => bringHandles());
  return layer;
}

function vertex(map, from, name, onMove) {
  const home = L.latLng(from[1], from[0]);
  const marker = new L.Marker(home, {
    draggable: true,
    keyboard: true,
    icon: new L.DivIcon({ className: "gw-split-vertex", iconSize: [28, 28] }),
  });
  const put = () => {
    const { lat, lng } = marker.getLatLng();
    if (lat !== home.lat || lng !== home.lng) onMove(from, [lng, lat]);
  };
  const onKey = (event) => {
    const step = STEPS[event.key];
    if (event.key === "Escape") marker.setLatLng(home);
    else if (event.key === "Enter") put();
    else if (step) {
      const length = event.shiftKey ? 16 : 2;
      const at = map.latLngToContainerPoint(marker.getLatLng()).add([step[0] * length, step[1] * length]);
      marker.setLatLng(map.containerPointToLatLng(at));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  marker.on("dragend", put);
  marker.on("add", () => {
    const node = marker.getElement();
    node.setAttribute("role", "button");
    node.setAttribute("aria-label", name);
    node.addEventListener("keydown", onKey);
  });
  return marker;
}
