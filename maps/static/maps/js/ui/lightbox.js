/** Photos large, one at a time: arrow keys step, Escape closes, the focus comes back to where it was. */

import { gettext, interpolate } from "../lib/i18n.js";
import { element } from "./element.js";
import { icon } from "./icons.js";

/**
 * @param {object[]} photos as the API gives them
 * @param {number} start
 * @param {{alt: (photo: object, index: number) => string, when: (moment: string) => string,
 *   onRemove?: (photo: object) => void}} options
 */
export function openLightbox(photos, start, { alt, when, onRemove }) {
  let index = start;
  const image = element("img", {});
  const title = element("p.lightbox-title", { id: "lightbox-title", "aria-live": "polite" });
  const facts = element("p.lightbox-facts");
  const acts = element("div.lightbox-acts");
  const step = (by, name, label) =>
    element(
      "button.lightbox-step",
      { type: "button", "aria-label": label, dataset: { step: by }, onclick: () => show(index + by) },
      icon(name),
    );
  const steps =
    photos.length > 1
      ? [step(-1, "back", gettext("Previous photo")), step(1, "next", gettext("Next photo"))]
      : [];
  const close = element(
    "button",
    { type: "button", "aria-label": gettext("Close"), onclick: () => dialog.close() },
    icon("close"),
  );
  const dialog = element(
    "dialog.lightbox",
    { "aria-labelledby": "lightbox-title" },
    element("div.lightbox-head", {}, title, close),
    element("div.lightbox-stage", {}, image, ...steps),
    element("div.lightbox-foot", {}, facts, acts),
  );

  function show(wanted) {
    index = (wanted + photos.length) % photos.length;
    const photo = photos[index];
    image.src = photo.large;
    image.alt = alt(photo, index);
    title.textContent = interpolate(gettext("%(kind)s · %(number)s of %(count)s"), {
      kind: photo.kind_label,
      number: index + 1,
      count: photos.length,
    });
    facts.textContent = [
      photo.taken_at && interpolate(gettext("taken %(when)s"), { when: when(photo.taken_at) }),
      interpolate(gettext("added %(when)s"), { when: when(photo.recorded_at) }),
      photo.uploader?.name,
      photo.public_at && gettext("public"),
    ]
      .filter(Boolean)
      .join(" · ");
    acts.replaceChildren(
      element("a.button", { href: photo.full, target: "_blank", rel: "noopener" }, gettext("Full size")),
      photo.may_release
        ? element("a.button", { href: `/photos/${photo.id}/release/` }, gettext("Blur and release"))
        : "",
      photo.may_remove && onRemove
        ? element("button", { type: "button", onclick: () => remove(photo) }, gettext("Remove"))
        : "",
    );
  }

  function remove(photo) {
    dialog.close();
    onRemove(photo);
  }

  dialog.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    // The page behind has keys of its own.
    event.stopPropagation();
    if (!by || photos.length < 2) return;
    event.preventDefault();
    show(index + by);
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  show(start);
  dialog.showModal();
  close.focus();
}
