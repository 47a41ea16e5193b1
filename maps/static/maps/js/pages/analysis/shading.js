/** The grids of the region shaded by how far they were walked or by who carries much. */

import { get } from "../../lib/api.js";
import { gettext } from "../../lib/i18n.js";
import { toast } from "../../ui/toast.js";
import { shadingLegend } from "./key.js";

export class Shading {
  #map;
  #legend;
  #key = "";

  constructor(map, legend) {
    this.#map = map;
    this.#legend = legend;
  }

  /** @param {""|"coverage"|"load"} by @param {object} settings of the page */
  async show(by, { region, shades, period }) {
    const query = new URLSearchParams({ by, region, ...period });
    const key = by && String(query);
    if (key === this.#key) return;
    this.#key = key;
    this.#map.setVisible("coverage", by === "coverage");
    document.getElementById("streets-legend").hidden = by !== "coverage";
    if (!by) {
      this.#map.setShades(null);
      shadingLegend(this.#legend, null);
      return;
    }
    try {
      const found = await get(`${shades}?${query}`);
      if (this.#key !== key) return;
      this.#map.setShades(found.grids);
      shadingLegend(this.#legend, found);
    } catch (error) {
      if (this.#key !== key) return;
      this.#key = "";
      toast(`${gettext("The shades of the grids could not be fetched.")} ${error.detail ?? ""}`, {
        tone: "bad",
      });
    }
  }
}
