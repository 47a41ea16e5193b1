/** Hotspots on the analysis page: a run on the map and as a list, what to do at a place, and what became of it since. */

import { get } from "../../lib/api.js";
import { CLASSES, classMark, classWords } from "../../lib/hotspots.js";
import { gettext, interpolate, pgettext } from "../../lib/i18n.js";
import { hotspotLayer } from "../../map/paint-hotspots.js";
import { announce } from "../../ui/announce.js";
import { element } from "../../ui/element.js";
import { changeRow, placeRow, recurrenceRow, showPlace, whyOf } from "./hotspot-places.js";
import { Runs } from "./hotspot-runs.js";

const by = (id) => document.getElementById(id);
const MOST = 60;
/** What a choice of the list asks for. */
const ASKS = {
  hot: { class: "3,2,1" },
  unknown: { effort: "unknown" },
  cold: { class: "-3,-2,-1" },
};

const address = (run, part) => `/api/v1/hotspots/${encodeURIComponent(run)}/${part}`;

export class Hotspots {
  #map;
  #layer;
  #runs;
  #settings;
  #choosing;
  #run = null;
  #places = [];
  #place = null;
  #turn = 0;
  #expected = "";

  /**
   * @param {import("../../map/map.js").GridMap} map with the layer "hotspots"
   * @param {{settings: () => object, choosing: import("./choosing.js").Choosing}} options
   */
  constructor(map, { settings, choosing }) {
    this.#map = map;
    this.#settings = settings;
    this.#choosing = choosing;
    this.#layer = hotspotLayer(map);
    this.#runs = new Runs({
      form: by("hotspots-form"),
      select: by("hotspots-runs"),
      box: by("hotspots-job"),
      region: () => settings().region,
      onChoose: (run) => this.#show(run),
    });
    by("hotspots-shown").addEventListener("change", () => this.#draw());
    by("hotspots-which").addEventListener("change", () => this.#list());
    by("hotspots-with").addEventListener("change", () => this.#compare());
    by("hotspots-list").addEventListener("click", ({ target }) => {
      const row = target.closest("[data-place]");
      if (row) this.#choose(this.#places.find(({ id }) => String(id) === row.dataset.place));
    });
    by("hotspots-again").addEventListener("click", ({ target }) => {
      const { lon, lat } = target.closest("button")?.dataset ?? {};
      if (lon) map.setView({ lon: Number(lon), lat: Number(lat), z: 18 });
    });
    map.on("feature:click", ({ features }) => this.#onMap(features));
    this.#legend();
    const asked = () => new URLSearchParams(location.search);
    this.load(asked().get("run") ?? "", asked().get("place") ?? "");
    addEventListener("popstate", () => {
      const run = asked().get("run");
      if (run && run !== this.#run?.id) this.load(run, asked().get("place") ?? "");
    });
    let { region } = settings();
    document.addEventListener("analysis:filters", () => {
      if (settings().region === region) return this.#remember();
      region = settings().region;
      return this.load();
    });
  }

  /** The place that is chosen, if any. */
  get place() {
    return this.#place;
  }

  /** Whether the address names a place that is not there yet. */
  get expects() {
    return Boolean(this.#expected);
  }

  /** Show a run, or the newest, and one of its places by its key where one is given. */
  async load(wanted = "", place = "") {
    this.#expected = place;
    try {
      await this.#runs.load(wanted);
    } catch (error) {
      by("hotspots-sentence").textContent = error.detail ?? String(error);
    }
  }

  #show(run) {
    this.#run = run;
    this.#turn += 1;
    const done = run?.state === "done";
    const nothing = run
      ? run.error || gettext("This run has no answer yet.")
      : gettext("No run has been made here yet.");
    by("hotspots-sentence").textContent = done ? run.sentence : nothing;
    by("hotspots-notes").replaceChildren(...(done ? run.notes : []).map((text) => element("li", {}, text)));
    by("hotspots-result").hidden = !done;
    this.#first(null);
    const key = done ? this.#expected : "";
    this.#expected = "";
    this.#choose(null);
    this.#draw();
    if (!done) return;
    this.#list();
    this.#again();
    this.#others();
    if (key) this.#bringBack(key);
  }

  /** The place that the address names, with what is chosen and the map's view as they were. */
  async #bringBack(key) {
    const turn = this.#turn;
    const [place] = await this.#ask({ key });
    if (!place || turn !== this.#turn || this.#place) return;
    this.#choose(place, { again: true });
  }

  /** Places of the run by what the API filters them by; none where they cannot be fetched. */
  async #ask(filters) {
    const query = new URLSearchParams({ ...filters, limit: 5 });
    const { results } = await get(`${address(this.#run.id, "cells")}?${query}`).catch(() => ({
      results: [],
    }));
    return results;
  }

  /** The run and the place stand in the address, so that whoever gets it sees the same. */
  #remember() {
    const search = new URLSearchParams(location.search);
    const put = (name, value) => (value ? search.set(name, value) : search.delete(name));
    put("run", this.#run?.id);
    put("place", this.#place?.key);
    const query = String(search);
    history.replaceState(
      history.state,
      "",
      `${location.pathname}${query ? `?${query}` : ""}${location.hash}`,
    );
  }

  #draw() {
    const shown = by("hotspots-shown").checked && this.#run?.state === "done";
    this.#layer.show(shown ? this.#run.id : null);
    this.#layer.choose(this.#place ? [this.#place.id] : []);
    by("hotspots-legend").hidden = !shown;
    document.dispatchEvent(new CustomEvent("analysis:hotspots", { detail: shown }));
  }

  async #list() {
    const turn = this.#turn;
    const which = by("hotspots-which").value;
    const list = by("hotspots-list");
    list.setAttribute("aria-busy", "true");
    const query = new URLSearchParams({ ...ASKS[which], limit: MOST });
    try {
      const { results, next } = await get(`${address(this.#run.id, "cells")}?${query}`);
      if (turn !== this.#turn || which !== by("hotspots-which").value) return;
      this.#places = results;
      this.#fill();
      by("hotspots-more").hidden = !next;
      if (which === "hot") this.#first(results[0]);
    } catch (error) {
      if (turn === this.#turn)
        list.replaceChildren(element("li.notice.bad", {}, error.detail ?? String(error)));
    } finally {
      list.removeAttribute("aria-busy");
    }
  }

  /** What to do first, of the hottest place; nothing where none is hot. */
  #first(place) {
    by("hotspots-first").hidden = !place;
    if (!place) return;
    by("hotspots-first").textContent = interpolate(pgettext("place and what to do", "%(place)s: %(todo)s"), {
      place: place.place || gettext("a place without a name"),
      todo: place.reasons[0],
    });
  }

  #fill() {
    const held = document.activeElement?.closest("[data-place]")?.dataset.place;
    by("hotspots-list").replaceChildren(
      ...(this.#places.length
        ? this.#places.map((place) => placeRow(place, place.id === this.#place?.id))
        : [element("li.empty", {}, gettext("There is no such place in this run."))]),
    );
    if (held)
      by("hotspots-list").querySelector(`[data-place="${held}"] button`)?.focus({ preventScroll: true });
  }

  #choose(place, { again = false } = {}) {
    this.#place = place ?? null;
    this.#remember();
    showPlace(by("hotspots-place"), this.#place, {
      onClose: () => this.#choose(null),
      onShow: () => this.#map.fitBounds(place.bbox, { maxZoom: 17 }),
    });
    this.#fill();
    if (!place) {
      this.#layer.choose([]);
      return;
    }
    const kind = this.#run.unit === "grids" ? "grids" : "cells";
    if (!again || !this.#choosing.ids.length) this.#choosing.toggle(kind, place.key, whyOf(place));
    this.#layer.choose([place.id]);
    if (again) by("hotspots-place").scrollIntoView({ block: "nearest" });
    else this.#map.fitBounds(place.bbox, { maxZoom: 16 });
    announce(place.reasons[0]);
  }

  async #onMap(features) {
    const hit = features.find(({ layer }) => layer === "hotspots");
    if (!hit || !this.#run) return;
    const known = this.#places.find(({ id }) => String(id) === String(hit.id));
    if (known) return this.#choose(known);
    // A place that the list does not hold, such as one among many: asked for by where it lies.
    const box = [hit.lon - 1e-6, hit.lat - 1e-6, hit.lon + 1e-6, hit.lat + 1e-6].join(",");
    const turn = this.#turn;
    const place = (await this.#ask({ bbox: box })).find(({ id }) => String(id) === String(hit.id));
    if (place && turn === this.#turn) this.#choose(place);
    return undefined;
  }

  async #again() {
    const turn = this.#turn;
    const { results } = await get(`${address(this.#run.id, "recurrences")}?limit=${MOST}`).catch(() => ({
      results: [],
    }));
    if (turn !== this.#turn) return;
    const { reports } = this.#settings();
    by("hotspots-again").replaceChildren(
      ...(results.length
        ? results.map((row) => recurrenceRow(row, reports))
        : [element("li.soft", {}, gettext("Nothing came back three times in 90 days within 30 metres."))]),
    );
  }

  /** Runs that this one can be compared with: over places of the same kind. */
  #others() {
    const { id, unit, resolution } = this.#run;
    const like = this.#runs.all.filter(
      (one) => one.id !== id && one.state === "done" && one.unit === unit && one.resolution === resolution,
    );
    by("hotspots-with").replaceChildren(
      element("option", { value: "" }, gettext("choose another run")),
      ...like.map((one) => element("option", { value: one.id }, one.title)),
    );
    by("hotspots-compare").hidden = !like.length;
    by("hotspots-changes").replaceChildren();
    by("hotspots-changed").textContent = "";
  }

  async #compare() {
    const other = by("hotspots-with").value;
    const turn = this.#turn;
    by("hotspots-changes").replaceChildren();
    by("hotspots-changed").textContent = "";
    if (!other) return;
    try {
      const told = await get(`${address(this.#run.id, "compare")}?with=${encodeURIComponent(other)}`);
      if (turn !== this.#turn) return;
      by("hotspots-changed").textContent = told.sentence;
      by("hotspots-changes").replaceChildren(...told.results.slice(0, MOST).map(changeRow));
    } catch (error) {
      by("hotspots-changed").textContent = error.detail ?? String(error);
    }
  }

  #legend() {
    const line = (level, mark, text) =>
      element(
        "li",
        {},
        element("span.hotspot-mark", { dataset: { level }, "aria-hidden": "true" }, mark),
        element("span", {}, text),
      );
    by("hotspots-legend").replaceChildren(
      ...CLASSES.map((level) => line(String(level), classMark(level), classWords(level))),
      line("unknown", "", gettext("unknown: walked too little to compare")),
    );
  }
}
