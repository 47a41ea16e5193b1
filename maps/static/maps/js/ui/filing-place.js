/**
 * The place of a report: where the pin stands, how it got there, and its words.
 */

import { get } from "../lib/api.js";
import { metres } from "../lib/format.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { metres as between } from "../lib/shift.js";
import { currentPosition } from "./position.js";

/** A position that is worse than this says less than the middle of the map. */
const USEFUL_ACCURACY = 80;
/** Farther from the patch than this, a position is not where the report is. */
const NEAR = 3000;

export class PlaceChoice {
  /**
   * @param {object} map
   * @param {{input: HTMLInputElement, note: HTMLElement, grid: {id: string, box: number[]}}} parts
   * @param {(near: object|null) => void} onNear gets the answer of places/near
   */
  constructor(map, { input, note, grid }, onNear) {
    Object.assign(this, { map, input, note, grid, onNear });
    this.picker = null;
    this.typed = false;
    this.how = "";
    input.addEventListener("input", () => {
      this.typed = input.value !== "";
    });
  }

  /** @param {{lat: number, lon: number, name?: string}|null} at a tapped or found place; without one the phone's position */
  start(at) {
    this.typed = false;
    this.input.value = "";
    this.near = null;
    this.touched = Boolean(at);
    this.how = at ? "tapped" : "middle";
    const begun = {};
    this.begun = begun;
    this.placing = true;
    this.picker = this.map.startPicker(at, { onChange: () => this.#moved() });
    this.placing = false;
    this.#show(this.picker.get());
    if (at?.name) this.#call(at.name);
    if (!at) this.#useDevice(begun);
  }

  /** Where the pin stands, null while nothing is filed. */
  get at() {
    return this.picker?.get() ?? null;
  }

  /** Put the pin on a place that was searched for. @param {{lat: number, lon: number, name: string}} place */
  choose(place) {
    if (!this.picker) return;
    this.picker.set(place);
    this.#call(place.name);
    this.#show(place);
  }

  /** The words of the place are its name, whatever stands beside it. */
  #call(name) {
    this.typed = true;
    this.input.value = name.slice(0, this.input.maxLength);
  }

  /** Put the pin where a picture was taken. */
  takeFrom(position) {
    if (!this.picker) return;
    this.touched = true;
    this.how = "picture";
    this.placing = true;
    this.picker.set(position);
    this.placing = false;
    this.#show(position);
  }

  stop() {
    this.begun = null;
    this.asked?.abort();
    clearTimeout(this.timer);
    this.picker?.stop();
    this.picker = null;
  }

  get() {
    return this.picker.get();
  }

  /** Resolves when the words of the place are known, or after so many ms. */
  settled(most) {
    return Promise.race([this.asking, new Promise((resolve) => setTimeout(resolve, most))]);
  }

  get words() {
    return this.input.value.trim();
  }

  async #useDevice(begun) {
    const position = await currentPosition();
    if (this.begun !== begun || this.touched || !position) return;
    this.map.showPosition(position);
    const [west, south, east, north] = this.grid.box;
    const away = between(position.lon, position.lat, (west + east) / 2, (south + north) / 2);
    if (position.accuracy > USEFUL_ACCURACY || away > NEAR) return;
    this.how = "device";
    this.accuracy = position.accuracy;
    this.placing = true;
    this.picker.set(position);
    this.placing = false;
    this.#show(position);
  }

  /** Near enough to tell one entrance from the next. */
  #show({ lat, lon }) {
    this.map.fitBounds([lon, lat, lon, lat], { maxZoom: 18 });
  }

  #moved() {
    if (!this.placing) {
      this.touched = true;
      this.how = "chosen";
    }
    this.near = null;
    this.#describe();
    clearTimeout(this.timer);
    this.asking = new Promise((resolve) => {
      this.timer = setTimeout(() => resolve(this.#ask()), this.placing ? 0 : 300);
    });
  }

  async #ask() {
    this.asked?.abort();
    this.asked = new AbortController();
    const { lat, lon } = this.picker.get();
    try {
      const near = await get(`/api/v1/places/near?lon=${lon.toFixed(7)}&lat=${lat.toFixed(7)}`, {
        signal: this.asked.signal,
      });
      this.near = near;
      if (!this.typed) this.input.value = near.place ?? "";
    } catch (error) {
      if (error.name === "AbortError" || !this.picker) return;
      // Without the words of a place a report is still a report.
      this.near = null;
      if (!this.typed) this.input.value = "";
    }
    if (!this.picker) return;
    this.#describe();
    this.onNear(this.near);
  }

  #describe() {
    const how = {
      tapped: gettext("the place you tapped"),
      chosen: gettext("the place you chose"),
      middle: gettext("the middle of the map"),
      picture: gettext("where the picture was taken"),
      device: interpolate(gettext("your position, ±%(metres)s"), { metres: metres(this.accuracy ?? 0) }),
    }[this.how];
    const grid = this.near?.grid;
    let where = "";
    if (this.near && !grid) where = gettext("outside every grid");
    else if (grid && String(grid.id) !== this.grid.id)
      where = interpolate(gettext("in %(grid)s, not this one"), { grid: grid.name });
    this.note.textContent = [how, gettext("drag the pin or tap the map to change it")].join(" · ");
    if (!where) return;
    const warning = document.createElement("b");
    warning.className = "warn";
    warning.textContent = where;
    this.note.prepend(warning, " · ");
  }
}
