import assert from "node:assert/strict";
import test from "node:test";
import { showAreas } from "../../maps/static/maps/js/map/areas.js";
import { showDisc } from "../../maps/static/maps/js/map/ways.js";

/** Of Leaflet what names things: it writes a string as HTML, and a node as it is. */
class Layer {
  static said = [];
  addTo() {
    return this;
  }
  clearLayers() {}
  addLayer() {}
  bindTooltip(content) {
    Layer.said.push(content);
  }
}

test("a name that somebody wrote is text on the map, never markup", (context) => {
  globalThis.L = { FeatureGroup: Layer, GeoJSON: Layer, Circle: Layer };
  globalThis.document = { createTextNode: (text) => ({ nodeType: 3, textContent: text }) };
  context.after(() => {
    delete globalThis.L;
    delete globalThis.document;
  });
  const name = "<img src=x>";
  const leaflet = { getPane: () => ({}) };
  showAreas({ leaflet }).set([{ kind: "plan", name, geometry: { type: "Polygon", coordinates: [] } }]);
  showDisc({ leaflet: {} }, { lat: 40, lon: 111, radius: 50, name });
  assert.deepEqual(
    Layer.said.map(({ nodeType, textContent }) => [nodeType, textContent]),
    [
      [3, name],
      [3, name],
    ],
  );
});
