/**
 * Before and after: side by side, or one over the other with an edge to be moved: by a finger or a pointer on the
 * pictures, by the slider, by arrow keys. Escape closes.
 */

import { gettext, interpolate } from "../lib/i18n.js";
import { element } from "./element.js";
import { icon } from "./icons.js";

/** The last photo of a kind among the photos, with its place: how it was last, how it is now. */
export function lastOf(photos, kind) {
  const index = photos.findLastIndex((photo) => photo.kind === kind);
  return { photo: photos[index], index };
}

/** @param {object[]} photos as the API gives them, with one before and one after at least */
export function openCompare(photos, { alt }) {
  const figure = (kind) => {
    const { photo, index } = lastOf(photos, kind);
    return element(
      `figure.compare-${kind}`,
      {},
      element("img", { src: photo.large, alt: alt(photo, index) }),
      element("figcaption", {}, photo.kind_label),
    );
  };
  const stage = element("div.compare-stage", {}, figure("before"), figure("after"));
  const edge = element("input", {
    type: "range",
    min: 0,
    max: 100,
    value: 50,
    "aria-label": gettext("How much of after is shown"),
  });
  const move = () => {
    stage.style.setProperty("--edge", `${edge.value}%`);
    edge.setAttribute(
      "aria-valuetext",
      interpolate(gettext("after: %(share)s of 100"), { share: edge.value }),
    );
  };
  edge.addEventListener("input", move);
  const drag = ({ clientX, buttons }) => {
    if (!buttons || !stage.classList.contains("over")) return;
    const box = stage.getBoundingClientRect();
    edge.value = ((clientX - box.left) / box.width) * 100;
    move();
  };
  for (const kind of ["pointerdown", "pointermove"]) stage.addEventListener(kind, drag);
  const over = element("button", { type: "button" }, gettext("One over the other"));
  const slide = element("div.compare-slide", { hidden: true }, edge);
  over.addEventListener("click", () => {
    const on = stage.classList.toggle("over");
    over.textContent = on ? gettext("Beside each other") : gettext("One over the other");
    slide.hidden = !on;
    if (on) edge.focus();
  });
  const close = element(
    "button",
    { type: "button", "aria-label": gettext("Close"), onclick: () => dialog.close() },
    icon("close"),
  );
  const dialog = element(
    "dialog.lightbox.compare",
    { "aria-labelledby": "compare-title" },
    element(
      "div.lightbox-head",
      {},
      element("p.lightbox-title", { id: "compare-title" }, gettext("Before and after")),
      close,
    ),
    stage,
    element("div.lightbox-foot", {}, over, slide),
  );
  // The page behind has keys of its own.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  move();
  dialog.showModal();
  close.focus();
}
