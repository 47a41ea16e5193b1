/**
 * Filing a report: the place is already there, one tap chooses the category, one sends. What was fixed on the spot
 * needs the category only.
 */

import { newId } from "../lib/api.js";
import { metres } from "../lib/format.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { metres as between } from "../lib/shift.js";
import { announce } from "./announce.js";
import { PlaceChoice } from "./filing-place.js";
import { PhotoPicker } from "./photo-picker.js";
import { placeSearchLater } from "./place-search-later.js";
import { bindVoice } from "./voice.js";

const $ = (id) => document.getElementById(id);
/** A picture taken this near to the pin (metres) says nothing new. */
const SAME_PLACE = 15;

export class Filing {
  /**
   * @param {object} map
   * @param {{grid: object}} page
   * @param {{onSubmit: (draft: {body: object, name: string, spot: boolean, photos: object[], instead: string[],
   *   handle: string|null, looked: boolean}) => void, onOpen: () => void,
   *   onClose: (how: {filed: boolean}) => void}} handlers
   */
  constructor(map, page, handlers) {
    this.map = map;
    this.handlers = handlers;
    this.panel = $("filing");
    this.mode = null;
    this.code = null;
    this.place = new PlaceChoice(
      map,
      { input: $("filing-place"), note: $("filing-where"), grid: page.grid },
      (near) => {
        this.#offerStairwells(near);
        this.#look();
      },
    );
    $("filing-stairwell-list").addEventListener("change", () => this.#look());
    placeSearchLater($("filing-place"), {
      free: true,
      near: () => this.place.at,
      onChoose: (place) => this.place.choose(place),
    });
    this.voice = bindVoice($("filing-voice"), $("filing-description"));
    this.photos = new PhotoPicker($("filing-photos"), { onPlace: (place) => this.#offerPlace(place) });
    $("filing-picture-place")
      .querySelector("button")
      .addEventListener("click", () => {
        this.place.takeFrom(this.offered);
        $("filing-picture-place").hidden = true;
        $("filing-place").focus({ preventScroll: true });
      });
    this.buttons = [...this.panel.querySelectorAll(".glyph")];
    for (const button of this.buttons) button.addEventListener("click", () => this.#choose(button));
    $("filing-search").addEventListener("input", () => this.#filter());
    $("filing-search").addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const shown = this.buttons.filter((button) => !button.parentElement.hidden);
      if (shown.length) this.#choose(shown[0]);
    });
    $("filing-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.panel.querySelector("[data-filing=cancel]").addEventListener("click", () => this.close());
    this.panel.querySelector("[data-filing=change]").addEventListener("click", () => this.#showChoice(true));
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  get isOpen() {
    return this.mode !== null;
  }

  /** @param {"report"|"spot"} mode @param {{lat: number, lon: number}|null} at */
  open(mode, at = null, photos = []) {
    if (this.isOpen) this.close({ quietly: true });
    this.opener = document.activeElement;
    this.mode = mode;
    this.code = null;
    this.near = null;
    this.instead = [];
    this.panel.hidden = false;
    const title = $("filing-title");
    title.textContent = title.dataset[mode];
    $("filing-error").hidden = true;
    $("filing-description").value = "";
    $("filing-search").value = "";
    $("filing-picture-place").hidden = true;
    this.#filter();
    this.#showChoice(false);
    this.photos.start(mode === "spot" ? "after" : "before", photos);
    this.handlers.onOpen();
    this.place.start(at);
    title.focus({ preventScroll: true });
  }

  close({ quietly = false, filed = false } = {}) {
    if (!this.isOpen) return;
    this.mode = null;
    this.place.stop();
    this.photos.stop();
    this.voice.stop();
    this.similar?.clear();
    this.panel.hidden = true;
    this.handlers.onClose({ filed });
    if (!quietly && this.opener?.isConnected) this.opener.focus({ preventScroll: true });
  }

  /**
   * Show again what the server did not take, with its reason.
   *
   * @param {object} entry of the outbox, which what is submitted replaces
   * @param {{blob: Blob, name: string, kind: string}[]} photos
   */
  reopen({ id, body, error: reason }, photos) {
    this.open(body.on_the_spot ? "spot" : "report", { lat: body.lat, lon: body.lon }, photos);
    this.instead = [id];
    const button = this.buttons.find((one) => one.dataset.code === body.category);
    if (body.place) {
      $("filing-place").value = body.place;
      this.place.typed = true;
    }
    if (button && !body.on_the_spot) this.#pick(button);
    $("filing-description").value = body.description ?? "";
    const error = $("filing-error");
    error.textContent = reason;
    error.hidden = false;
    $("filing-body").scrollTop = 0;
  }

  #filter() {
    const wanted = $("filing-search").value.trim().toLowerCase();
    let shown = 0;
    for (const button of this.buttons) {
      const fits = this.mode !== "spot" || "spot" in button.dataset;
      const found = button.dataset.words.toLowerCase().includes(wanted);
      button.parentElement.hidden = !(fits && found);
      if (fits && found) shown += 1;
    }
    $("filing-none").hidden = shown > 0;
    if (wanted) announce(interpolate(gettext("%(count)s categories"), { count: shown }));
  }

  async #choose(button) {
    if (!this.isOpen) return;
    this.#pick(button);
    if (this.forStairwells && this.mode === "spot") {
      // Two taps are fewer than three, but not at the price of the stairwell.
      await this.place.settled(1500);
      if (!this.isOpen || this.code !== button.dataset.code) return;
    }
    const { near } = this.place;
    const stairs = this.forStairwells && (near === null || near.stairwells.length > 0);
    if (this.mode === "spot" && !stairs) this.#submit();
    else if (!stairs) $("filing-send").focus({ preventScroll: true });
  }

  #pick(button) {
    this.code = button.dataset.code;
    this.name = button.dataset.name;
    this.forStairwells = "stairwell" in button.dataset;
    $("filing-glyph").textContent = button.dataset.glyph;
    $("filing-name").textContent = button.dataset.name;
    $("filing-acts").textContent = button.dataset.acts;
    this.#offerStairwells(this.near);
    $("filing-choose").hidden = true;
    $("filing-detail").hidden = false;
    $("filing-bar").hidden = false;
    $("filing-body").scrollTop = 0;
    announce(interpolate(gettext("%(name)s chosen"), { name: this.name }));
    this.#look();
  }

  /** Ask what may be the same one, as soon as it is known what and where; nothing waits for the answer. */
  async #look() {
    if (!this.isOpen || this.mode === "spot" || !this.code) return;
    try {
      const { Similar } = await import("./similar.js");
      this.similar ??= new Similar($("filing-similar"), { onSame: ({ handle }) => this.#submit(handle) });
    } catch {
      return; // without a network, and never fetched before
    }
    if (this.isOpen && this.code) this.similar.look(this.#subject());
  }

  /** What is filed and where. */
  #subject() {
    const { lat, lon } = this.place.get();
    const stairwell = $("filing-stairwell-list").querySelector(":checked")?.value;
    const subject = { category: this.code, lon: Number(lon.toFixed(7)), lat: Number(lat.toFixed(7)) };
    return stairwell ? { ...subject, stairwell: Number(stairwell) } : subject;
  }

  #showChoice(refocus) {
    this.code = null;
    this.similar?.clear();
    $("filing-choose").hidden = false;
    $("filing-detail").hidden = true;
    $("filing-bar").hidden = true;
    $("filing-body").scrollTop = 0;
    if (refocus) this.buttons.find((button) => !button.parentElement.hidden)?.focus();
  }

  /** A picture knows where it was taken: it moves a pin that nobody placed, and is offered where somebody did. */
  #offerPlace(place) {
    if (!this.isOpen) return;
    const pin = this.place.get();
    const away = between(place.lon, place.lat, pin.lon, pin.lat);
    if (away < SAME_PLACE) return;
    if (!this.place.touched) {
      this.place.takeFrom(place);
      announce(gettext("The pin stands where the picture was taken."));
      return;
    }
    this.offered = place;
    const box = $("filing-picture-place");
    box.querySelector("span").textContent = interpolate(
      gettext("The picture was taken %(metres)s from the pin."),
      {
        metres: metres(away),
      },
    );
    box.hidden = false;
    announce(box.querySelector("span").textContent);
  }

  /** Stairwells are offered, never taken from a position alone: a few metres of drift would name the wrong one. */
  #offerStairwells(near) {
    this.near = near;
    const offered = this.forStairwells && this.code ? (near?.stairwells ?? []) : [];
    const list = $("filing-stairwell-list");
    const chosen = list.querySelector(":checked")?.value ?? "";
    $("filing-stairwells").hidden = offered.length === 0;
    list.replaceChildren(
      ...(offered.length ? [...offered, { id: "", label: gettext("not sure") }] : []).map(({ id, label }) => {
        const choice = document.createElement("label");
        choice.className = "choice";
        const input = document.createElement("input");
        Object.assign(input, { type: "radio", name: "stairwell", value: String(id) });
        input.checked = chosen !== "" && input.value === chosen;
        choice.append(input, label);
        return choice;
      }),
    );
  }

  /** @param {string|null} handle of the report that this one is, in whose stead it is not filed */
  #submit(handle = null) {
    if (!this.isOpen || !this.code) return;
    const spot = this.mode === "spot";
    const body = {
      id: newId(),
      ...this.#subject(),
      place: this.place.words,
      description: $("filing-description").value.trim(),
      on_the_spot: spot,
      occurred_at: new Date().toISOString(),
    };
    const { name, instead } = this;
    const looked = spot || (this.similar?.looked ?? false);
    const draft = { body, name, spot, photos: this.photos.chosen, instead, handle, looked };
    this.close({ quietly: true, filed: true });
    this.handlers.onSubmit(draft);
  }
}
