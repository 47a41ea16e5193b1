/** Choosing photos: take one or choose several, see them, say what they show, take one away again. */

import { gettext, interpolate, pgettext } from "../lib/i18n.js";
import { unsuitable } from "../lib/report-entries.js";
import { upload } from "../lib/upload.js";
import { announce } from "./announce.js";
import { element } from "./element.js";
import { icon } from "./icons.js";

const TYPES = "image/jpeg,image/png,image/webp,image/heic,image/heif";
/** What a JPEG says of itself stands at its beginning. */
const HEAD_BYTES = 512 * 1024;
const MOST = 10;

export const kinds = () => [
  ["before", pgettext("photo", "before")],
  ["after", pgettext("photo", "after")],
  ["verify", pgettext("photo", "verification")],
  ["other", pgettext("photo", "other")],
];

/** Two ways to a picture: the camera, where there is one, and what the device has. */
export function photoButtons(onFiles) {
  const one = (name, text, attributes) => {
    const input = element("input.visually-hidden", { type: "file", accept: TYPES, ...attributes });
    input.addEventListener("change", () => {
      onFiles([...input.files]);
      input.value = "";
    });
    return element(
      "label.photo-button",
      { dataset: { photo: name } },
      icon(name),
      element("span", {}, text),
      input,
    );
  };
  return [
    one("camera", gettext("Take a photo"), { capture: "environment", accept: "image/*" }),
    one("photos", gettext("Choose photos"), { multiple: true }),
  ];
}

/** A select of what a photo shows. */
export function kindSelect(chosen, onChange, label) {
  const select = element(
    "select.photo-kind",
    { "aria-label": label, onchange: () => onChange(select.value) },
    ...kinds().map(([value, text]) => element("option", { value, selected: value === chosen }, text)),
  );
  return select;
}

export class PhotoPicker {
  /**
   * @param {HTMLElement} root
   * @param {{onPlace?: (place: {lat: number, lon: number}) => void}} handlers no photo is asked for its place without
   */
  constructor(root, { onPlace = null } = {}) {
    this.root = root;
    this.onPlace = onPlace;
    this.list = element("ul.photo-strip", { "aria-label": gettext("Photos") });
    this.error = element("p.photo-error.bad", { role: "alert", hidden: true });
    this.buttons = element("div.photo-buttons", {}, ...photoButtons((files) => this.add(files)));
    root.replaceChildren(this.list, this.buttons, this.error);
    this.photos = [];
    this.begun = null;
  }

  /**
   * @param {string} kind of new photos
   * @param {{blob: Blob, name: string, kind: string}[]} photos chosen before
   * @param {{asksKind?: boolean}} options whether somebody may say that a photo shows something else
   */
  start(kind, photos = [], { asksKind = kind !== "before" } = {}) {
    this.stop();
    this.begun = {};
    this.kind = kind;
    // What is only reported was not fixed: there is nothing to say about what its photos show.
    this.asksKind = asksKind;
    this.placed = photos.length > 0 || !this.onPlace;
    for (const photo of photos) this.#show(photo);
    this.#tidy();
  }

  stop() {
    this.begun = null;
    for (const { url } of this.photos) URL.revokeObjectURL(url);
    this.photos = [];
    this.list.replaceChildren();
    this.#say("");
  }

  /** @returns {{blob: Blob, name: string, kind: string}[]} */
  get chosen() {
    return this.photos.map(({ blob, name, kind }) => ({ blob, name, kind }));
  }

  add(files) {
    this.#say("");
    for (const file of files) {
      const reason =
        this.photos.length >= MOST
          ? interpolate(gettext("At most %(count)s photos at once."), { count: MOST })
          : unsuitable(file, { gettext });
      if (reason) this.#say(reason);
      else this.#show({ blob: file, name: file.name || "photo.jpg", kind: this.kind });
    }
    this.#tidy();
    announce(interpolate(gettext("%(count)s photos chosen"), { count: this.photos.length }));
    if (!this.placed && this.photos.length) this.#askPlace(this.photos[0].blob);
  }

  #show({ blob, name, kind }) {
    const photo = { blob, name, kind, url: URL.createObjectURL(blob) };
    const number = this.photos.push(photo);
    const words = { number };
    const image = element("img", { src: photo.url, alt: interpolate(gettext("Photo %(number)s"), words) });
    // Not every browser draws HEIC; the server reads it all the same.
    image.addEventListener("error", () =>
      image.replaceWith(element("span.photo-blank", {}, name.split(".").at(-1))),
    );
    const item = element(
      "li.photo-chosen",
      {},
      image,
      this.asksKind &&
        kindSelect(
          kind,
          (value) => {
            photo.kind = value;
          },
          interpolate(gettext("What photo %(number)s shows"), words),
        ),
      element(
        "button.photo-remove",
        {
          type: "button",
          "aria-label": interpolate(gettext("Remove photo %(number)s"), words),
          onclick: () => this.#remove(photo, item),
        },
        icon("close"),
      ),
    );
    this.list.append(item);
  }

  #remove(photo, item) {
    const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector("button");
    this.photos = this.photos.filter((one) => one !== photo);
    URL.revokeObjectURL(photo.url);
    item.remove();
    this.#tidy();
    announce(gettext("Photo removed"));
    (next ?? this.buttons.querySelector("input")).focus();
  }

  #tidy() {
    this.list.hidden = this.photos.length === 0;
    this.root.toggleAttribute("data-chosen", this.photos.length > 0);
  }

  #say(text) {
    this.error.textContent = text;
    this.error.hidden = !text;
  }

  /** The picture's own place, if it says one where this person may report. */
  async #askPlace(blob) {
    const { begun } = this;
    this.placed = true;
    const head = blob.type === "image/jpeg" ? blob.slice(0, HEAD_BYTES, blob.type) : blob;
    try {
      const said = await upload("/api/v1/photos/inspect", {
        photo: new File([head], "photo", { type: blob.type }),
      });
      if (this.begun === begun && said.within_reach) this.onPlace({ lat: said.lat, lon: said.lon });
    } catch {
      // Without the picture's place there is the pin; whether the picture can be taken is said when it is sent.
    }
  }
}
