/** Heat on the page: the layer of the map, its legend, the list of places and the steps of time say the same thing. */

import { reportsAddress } from "../../lib/heat-address.js";
import { thresholds } from "../../lib/heat-classes.js";
import { daysBetween } from "../../lib/heat-time.js";
import { gettext } from "../../lib/i18n.js";
import { unproject } from "../../lib/tilemath.js";
import { fadeLayer, heatLayer } from "../../map/heat.js";
import { announce } from "../../ui/announce.js";
import { cellCard } from "./card.js";
import { series, topCells } from "./figures.js";
import { heatLegend } from "./key.js";
import { daysWords, timeSlider } from "./time.js";
import { countWords, Top } from "./top.js";

const ROWS = 10;
/** Each report is shown when there are no more than this in view; a few more before they go again. */
const FEW = 250;
const STILL_FEW = 350;
/** From which zoom of the tiles on places are near enough to tell reports apart. */
const NEAR = 13;
const BURST_MS = 250;
/** A zoom whose cells are some blocks large. */
const BLOCKS = 13;

const by = (id) => document.getElementById(id);

export class HeatView {
  #map;
  #heat;
  #top;
  #card;
  #time;
  #onLooks;
  #settings;
  #looks;
  #seen = null;
  #scale = { key: "", least: [1], hectares: 1 };
  #points = false;
  #beneath = false;
  #timer = 0;
  #asking = null;
  #chosen = null;

  /**
   * @param {import("../../map/map.js").GridMap} map with the layers "heat" and "reports"
   * @param {{settings: object, looks: object, onLooks: (change: object) => void}} options
   */
  constructor(map, { settings, looks, onLooks }) {
    this.#map = map;
    this.#settings = settings;
    this.#looks = looks;
    this.#onLooks = onLooks;
    this.#heat = heatLayer(map, { onSeen: (seen) => this.#onSeen(seen) });
    this.#top = new Top(by("top"), {
      onChoose: (cell) => this.#choose(cell),
      onHover: (id) => this.#heat.hover(id),
    });
    this.#card = cellCard(by("card"), {
      onClose: () => this.#choose(null),
      onNearer: ({ bounds }) => map.fitBounds(bounds, { maxZoom: 19 }),
    });
    this.#time = timeSlider(by("time"), {
      onStep: (step, next) => this.#showStep(step, next),
      onKind: (step) => {
        this.#onLooks({ step, at: "" });
        this.#askTime();
      },
    });
    map.on("feature:click", (event) => this.#onClick(event));
    map.on("feature:hover", ({ features }) => this.#onHover(features));
    map.on("view", () => this.#askSoon());
    // Classes of hotspots and steps of heat are not to be taken for one another.
    document.addEventListener("analysis:hotspots", ({ detail }) => {
      this.#beneath = detail;
      this.#heat.setFaint(this.#points || this.#beneath);
    });
  }

  /** Whether two periods are compared: not while a step of time is shown. */
  get comparing() {
    return Boolean(this.#settings.before) && !this.#time.step;
  }

  /** Length of the period by that of the compared one. */
  get #share() {
    if (!this.comparing) return null;
    const { days, before } = this.#settings;
    if (!days.since) return 1;
    return daysBetween(days.since, days.until) / daysBetween(before.since, before.until);
  }

  get #days() {
    const { step } = this.#time;
    return step ? { since: step.since, until: step.until } : this.#settings.days;
  }

  /** What tiles and figures are asked with. */
  #params(days = this.#days) {
    const { filters, before } = this.#settings;
    const params = { ...filters, ...days };
    if (this.comparing) Object.assign(params, { versus_since: before.since, versus_until: before.until });
    return params;
  }

  /** When that is, in words. */
  get #when() {
    const { since, until } = this.#days;
    return since ? daysWords(since, until) : gettext("All time");
  }

  /** Other filters. */
  ask(settings, looks) {
    this.#settings = settings;
    this.#looks = looks;
    this.#time.hide();
    this.look(looks);
    this.#load();
    this.#askTime();
  }

  /** The same figures, shown in another way. */
  look(looks) {
    this.#looks = looks;
    this.#heat.show(looks.heat);
    this.#heat.set({ smooth: looks.draw === "smooth" });
    by("legend").hidden = !looks.heat;
    this.#settle();
  }

  #load() {
    const { points } = this.#settings;
    this.#map.setParams("heat", this.#params());
    this.#map.setParams("reports", { ...points, ...this.#days });
    this.#heat.set({ share: this.#share });
    this.#askSoon();
  }

  async #askTime() {
    const { days, bounds, filters } = this.#settings;
    const kind = this.#time.kindFor(this.#looks.step, days);
    try {
      const steps = await series(kind, bounds, { ...filters, ...days });
      if (days !== this.#settings.days) return;
      const known = steps.filter(({ n }) => n);
      const whole = days.since ? days : { since: known[0]?.start, until: this.#settings.today };
      if (!whole.since) return;
      const step = this.#time.show(whole, kind, steps, this.#looks.at);
      if (step) this.#load();
      else this.#askSoon();
    } catch (error) {
      // The map and the list do without; the slider is not there.
      console.warn(error);
      this.#time.hide();
    }
  }

  async #showStep(step, next) {
    this.#onLooks({ at: step?.since ?? "", step: step ? by("time-step").value : "" });
    this.#load();
    await new Promise(requestAnimationFrame);
    await this.#heat.settled();
    if (next) this.#heat.prefetch({ ...this.#settings.filters, since: next.since, until: next.until });
  }

  // --- what is in view -------------------------------------------------------------------------------------------

  #onSeen(seen) {
    const before = this.#seen;
    this.#seen = seen;
    if (before?.zoom !== seen.zoom) this.#askSoon();
    this.#settle();
    const [first] = seen.cells;
    const { cell } = this.#looks;
    // Cells of another size took its place.
    if (cell && first && first.id[1] !== cell[1]) this.#choose(null);
    else if (cell && first && this.#chosen?.id !== cell) this.#bringBack(cell);
  }

  /** Points when there are few enough of them. */
  #settle() {
    if (!this.#seen) return;
    const { count, zoom, whole } = this.#seen;
    const most = this.#points ? STILL_FEW : FEW;
    const few = count <= most && (whole || this.#points);
    // Before the counts are there nobody knows whether there are few: reports of a whole district are megabytes.
    const points = this.#looks.heat && !this.comparing && zoom >= NEAR && few;
    if (points !== this.#points) {
      this.#points = points;
      fadeLayer(this.#map, "reports", points);
      this.#heat.setFaint(points || this.#beneath);
    }
    this.#showLegend();
  }

  #showLegend() {
    const { least, hectares } = this.#scale;
    const about = { least, hectares, share: this.#share, points: this.#points };
    const key = JSON.stringify(about);
    if (by("legend").dataset.key === key) return;
    by("legend").dataset.key = key;
    heatLegend(by("legend"), about);
  }

  #askSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), BURST_MS);
  }

  /** What the list is about: the map's view, and where no map is shown the whole region in cells of some blocks. */
  get #where() {
    const bbox = this.#heat.bounds();
    if (bbox && this.#seen) return { bbox, zoom: this.#seen.zoom };
    return { bbox: this.#settings.bounds, zoom: this.#seen?.zoom ?? BLOCKS, whole: true };
  }

  async #ask() {
    this.#asking?.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const { bbox, zoom, whole } = this.#where;
    this.#top.busy();
    try {
      const [cells] = await Promise.all([
        topCells({ bbox, zoom, limit: ROWS }, this.#params(), signal),
        this.#rescale(zoom, signal),
      ]);
      if (signal.aborted) return;
      const where = whole ? gettext("In the whole region") : gettext("In the map's view");
      by("top-note").textContent = `${where} · ${this.#when}`;
      this.#top.show(cells, { share: this.#share, empty: this.#emptyWords() });
      this.#top.choose(this.#looks.cell);
      this.#renew(cells);
    } catch (error) {
      if (signal.aborted) return;
      console.warn(error);
      this.#top.fail(error.detail ?? gettext("The places could not be fetched."), () => this.#ask());
    }
  }

  #emptyWords() {
    return this.#settings.total
      ? gettext("Nothing was found here in this period. Move the map, or choose a longer period.")
      : gettext("Nothing was found in this period. Choose a longer period, or fewer filters.");
  }

  /** Classes of the whole region, so that a colour means the same wherever one looks, and in every step of time. */
  async #rescale(zoom, signal) {
    const { bounds, region } = this.#settings;
    const busiest = this.#time.step && this.#time.busiest;
    const days = busiest ? { since: busiest.since, until: busiest.until } : this.#days;
    const params = this.#params(days);
    const key = JSON.stringify([region, zoom, params]);
    if (this.#scale.key === key) return;
    const [most] = await topCells({ bbox: bounds, zoom, limit: 1 }, params, signal);
    if (signal.aborted) return;
    const hectares = most ? most.ha : (this.#seen?.cells[0]?.ha ?? 1);
    this.#scale = { key, least: thresholds(most?.n ?? 0), hectares };
    this.#heat.set({ least: this.#scale.least, hectares });
    this.#showLegend();
  }

  // --- one cell --------------------------------------------------------------------------------------------------

  #onClick({ features }) {
    const reports = features.filter(({ layer }) => layer === "reports");
    if (reports.length) {
      this.#card.showReports(reports, this.#settings);
      return;
    }
    const hit = this.#looks.heat && features.find(({ layer }) => layer === "heat");
    this.#choose(hit ? this.#asCell(hit) : null, hit && { lat: hit.lat, lon: hit.lon });
  }

  #onHover(features) {
    const hit = this.#looks.heat && features.find(({ layer }) => layer === "heat");
    this.#heat.hover(hit?.id ?? null);
    if (this.#looks.cell) return;
    if (hit) this.#show(this.#asCell(hit), false);
    else this.#card.hide();
  }

  #asCell({ id, properties: { n, was, ha } }) {
    return { id, n, was: was ?? 0, ha, density: n / ha };
  }

  #show(cell, chosen) {
    this.#card.show(cell, {
      when: this.#when,
      before: this.#settings.before
        ? daysWords(this.#settings.before.since, this.#settings.before.until)
        : "",
      share: this.#share,
      chosen,
      reports:
        cell.bounds &&
        reportsAddress(this.#settings.reports, {
          bounds: cell.bounds,
          days: this.#days,
          // Requests and tasks say nothing about what is wrong where, and are not counted.
          filters: { kind: "problem", ...this.#settings.filters },
        }),
    });
  }

  async #choose(cell, at = null) {
    const again = at && !at.first && cell?.id === this.#looks.cell;
    this.#chosen = again ? null : cell;
    const id = this.#chosen?.id ?? "";
    if (id !== this.#looks.cell) this.#onLooks({ cell: id });
    this.#heat.select(id || null);
    this.#top.choose(id);
    if (!id) {
      this.#card.hide();
      return;
    }
    this.#show(cell, true);
    // On a phone list and map take turns; what was chosen stands on the map.
    if (!this.#heat.bounds()) document.querySelector(".list-or-map [data-show=map]").click();
    announce([cell.name, countWords(cell.n)].filter(Boolean).join(" · "));
    if (!cell.bounds && at) await this.#learn(cell, at);
  }

  /** Asks for a cell's name and bounds, which no tile has. */
  async #learn(cell, { lat, lon }) {
    const bbox = [lon - 1e-5, lat - 1e-5, lon + 1e-5, lat + 1e-5];
    try {
      const cells = await topCells({ bbox, zoom: this.#seen.zoom, limit: ROWS }, this.#params());
      const known = cells.find(({ id }) => id === cell.id);
      if (known && this.#chosen?.id === cell.id) {
        this.#chosen = known;
        this.#show(known, true);
      }
    } catch (error) {
      console.warn(error);
    }
  }

  /** What is chosen, as it is in the days that are shown now; its bounds and name stay. */
  #renew(cells) {
    if (!this.#chosen?.bounds || this.#chosen.id !== this.#looks.cell) return;
    const { id, ha } = this.#chosen;
    const same = (one) => one.id === id;
    const now = cells.find(same) ?? this.#seen?.cells.find(same) ?? { n: 0, was: 0 };
    this.#chosen = { ...this.#chosen, n: now.n, was: now.was ?? 0, density: now.n / ha };
    this.#show(this.#chosen, true);
  }

  /** The cell that the address names, once it is there. */
  #bringBack(id) {
    const seen = this.#seen.cells.find((one) => one.id === id);
    if (!seen) return;
    const [lon, lat] = unproject(seen.x, seen.y);
    this.#chosen = { id };
    this.#choose({ ...seen, was: seen.was ?? 0, density: seen.n / seen.ha }, { lat, lon, first: true });
  }
}
