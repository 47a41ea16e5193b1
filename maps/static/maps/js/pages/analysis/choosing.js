/** Cells chosen for something to be done: the bar that leads from them to a plan, a task or a campaign. */

import { get } from "../../lib/api.js";
import { sameSize } from "../../lib/hotspots.js";
import { gettext, interpolate, ngettext } from "../../lib/i18n.js";
import { showAreas } from "../../map/areas.js";
import { announce } from "../../ui/announce.js";

const by = (id) => document.getElementById(id);

/**
 * @typedef {{kind: "cells"|"grids", ids: string[], why: string}} Choice `why` is the reason as far as it is known
 */
export class Choosing {
  #form = by("choosing");
  #shown;
  #choice = { kind: "cells", ids: [], why: "" };
  #asking = null;

  /** @param {import("../../map/map.js").GridMap} map */
  constructor(map) {
    this.#shown = showAreas(map);
    by("choosing-none").addEventListener("click", () => this.set({ ...this.#choice, ids: [], why: "" }));
    // Whoever comes back from a form finds what they had chosen for it.
    const { chosen } = history.state ?? {};
    if (!chosen) return;
    by("choosing-several").checked = chosen.ids.length > 1;
    this.set(chosen);
  }

  /** Whether further cells are added to those that are chosen. */
  get several() {
    return by("choosing-several").checked;
  }

  get ids() {
    return this.#choice.ids;
  }

  /** @param {Choice} choice */
  set(choice) {
    this.#choice = choice;
    const { kind, ids, why } = choice;
    history.replaceState({ ...history.state, chosen: ids.length ? choice : null }, "");
    for (const name of ["cells", "grids", "why"]) {
      const field = this.#form.elements[name];
      field.value = name === "why" ? why : name === kind ? ids.join(",") : "";
      field.disabled = !field.value;
    }
    this.#form.hidden = !ids.length;
    if (!ids.length) {
      this.#shown.set([]);
      by("choosing-several").checked = false;
      return;
    }
    const text =
      kind === "grids"
        ? ngettext("%(count)s grid chosen", "%(count)s grids chosen", ids.length)
        : ngettext("%(count)s cell chosen", "%(count)s cells chosen", ids.length);
    by("choosing-count").textContent = interpolate(text, { count: ids.length });
    this.#outline();
  }

  /** Take a cell to those chosen, or off them; one of another size begins anew. */
  toggle(kind, id, why = "") {
    const { ids, kind: before } = this.#choice;
    const fits = kind === before && ids.every((one) => kind === "grids" || sameSize(one, id));
    if (!this.several || !fits) return this.set({ kind, ids: [id], why });
    const rest = ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id];
    return this.set({ kind, ids: rest, why: rest.length === 1 ? why : this.#choice.why });
  }

  /** Take one off those chosen. */
  without(id) {
    this.set({ ...this.#choice, ids: this.#choice.ids.filter((one) => one !== id) });
  }

  /** The ground of what is chosen, as the server reckons it, and what the place is called. */
  async #outline() {
    this.#asking?.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const { kind, ids } = this.#choice;
    const query = new URLSearchParams({ [kind]: ids.join(",") });
    try {
      const { areas, words } = await get(`${this.#form.dataset.area}?${query}`, { signal });
      if (signal.aborted) return;
      this.#shown.set(areas);
      by("choosing-place").textContent = words;
      announce(words);
    } catch (error) {
      if (signal.aborted) return;
      this.#shown.set([]);
      by("choosing-place").textContent = error.detail ?? gettext("The area could not be fetched.");
    }
  }
}

/** Patrol plans and campaigns in force, drawn on the map while their switch is on. */
export function bindPlanned(map, settings) {
  const shown = showAreas(map);
  const box = by("planned-shown");
  let region = settings().region;
  const draw = async () => {
    region = settings().region;
    if (!box.checked) return shown.set([]);
    const query = new URLSearchParams({ region });
    try {
      const { areas } = await get(`${box.dataset.areas}?${query}`);
      if (settings().region === region && box.checked) shown.set(areas);
    } catch (error) {
      announce(error.detail ?? String(error));
    }
    return undefined;
  };
  box.addEventListener("change", draw);
  document.addEventListener("analysis:filters", () => settings().region !== region && draw());
  draw();
}
