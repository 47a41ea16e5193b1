/** A report's photos: small ones in a row, large ones in a dialog, and adding more. */

import { request } from "../lib/api.js";
import { enumerated } from "../lib/format.js";
import { gettext, interpolate, ngettext } from "../lib/i18n.js";
import { PhotoStore } from "../lib/photo-store.js";
import { announce } from "./announce.js";
import { element } from "./element.js";
import { openLightbox } from "./lightbox.js";
import { kindSelect, photoButtons } from "./photo-picker.js";
import { PhotoSender, unsuitable } from "./photo-sending.js";
import { toast } from "./toast.js";

const ORDER = ["before", "after", "other"];
/** From here on a photo shows what was done about it. */
const HANDLING = new Set(["dispatched", "in_progress", "returned", "handled", "closed"]);

/** The page's sender of photos; what an earlier page left unsent goes first. */
export function photoSender(onSent) {
  const sender = new PhotoSender({
    store: new PhotoStore(document.body.dataset.person),
    onSent,
    onRefused: (error) => toast(error.detail, { tone: "bad", seconds: 10 }),
    onChange: showProgress,
  });
  sender.flush();
  return sender;
}

function showProgress({ waiting, share, error }) {
  for (const place of document.querySelectorAll("[data-photo-progress]")) {
    place.hidden = waiting === 0;
    if (!waiting) continue;
    const count = { count: waiting };
    const text =
      share === null
        ? ngettext(
            "%(count)s photo is not sent yet; it is kept on this device.",
            "%(count)s photos are not sent yet; they are kept on this device.",
            waiting,
          )
        : ngettext("Sending %(count)s photo…", "Sending %(count)s photos…", waiting);
    const words = [error?.detail, interpolate(text, count)].filter(Boolean).join(" ");
    const bar = element("progress", { "aria-label": words });
    if (share !== null) bar.value = share;
    place.replaceChildren(element("span", {}, words), share === null ? "" : bar);
  }
}

/** What a photo is called where it cannot be seen. */
export function altOf(report, photo, place) {
  return interpolate(gettext("Photo %(number)s, %(kind)s: %(what)s"), {
    number: place + 1,
    kind: photo.kind_label,
    what: enumerated(report.category.name, report.place),
  });
}

/** Before first, then after, each in the order in which they came. */
export const ordered = (photos) => [...photos].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));

/**
 * @param {object} report as /api/v1/reports/{id} gives it
 * @param {{sender?: PhotoSender, heading?: string, when: (moment: string) => string, onChange: () => void}} options
 *   `onChange` is told when a photo was removed; without a sender none can be added here
 * @returns {HTMLElement|null} null when there are none and none may be added
 */
export function gallery(report, { sender, heading = "h3", when, onChange }) {
  const photos = ordered(report.photos);
  if (!photos.length && !(sender && report.may_add_photos)) return null;
  const open = (index) => openLightbox(photos, index, { alt: altOf.bind(null, report), when, onRemove });
  const onRemove = (photo) => removeSoon(report, photo, onChange);
  return element(
    "section.photos",
    { "aria-label": gettext("Photos") },
    element(heading, {}, gettext("Photos")),
    photos.length > 0 &&
      element(
        "ul.photo-list",
        {},
        ...photos.map((photo, index) => element("li", {}, thumb(report, photo, index, open))),
      ),
    ...(sender && report.may_add_photos ? adding(report, sender) : []),
  );
}

/** Adding photos apart from those that are there. */
export function photoAdding(report, sender) {
  if (!report.may_add_photos) return null;
  return element("section.photos", { "aria-label": gettext("Add photos") }, ...adding(report, sender));
}

function thumb(report, photo, index, open) {
  const image = element("img", {
    src: photo.small,
    alt: altOf(report, photo, index),
    loading: "lazy",
    width: 136,
    height: 102,
  });
  return element(
    "button.photo-thumb",
    { type: "button", "aria-haspopup": "dialog", onclick: () => open(index) },
    image,
    element("span.pill", { "aria-hidden": "true" }, photo.kind_label),
  );
}

function adding(report, sender) {
  let kind = HANDLING.has(report.state) ? "after" : "before";
  const select = kindSelect(
    kind,
    (value) => {
      kind = value;
    },
    gettext("What the new photos show"),
  );
  const take = async (files) => {
    const reasons = files.map((file) => unsuitable(file, { gettext })).filter(Boolean);
    if (reasons.length) toast(reasons[0], { tone: "bad", seconds: 10 });
    const sound = files.filter((file) => !unsuitable(file, { gettext }));
    await sender.keep(
      report.id,
      sound.map((file) => ({ blob: file, name: file.name || "photo.jpg", kind })),
    );
    sender.flush();
  };
  return [
    element("div.photo-buttons", {}, select, ...photoButtons(take)),
    element("p.unsent", { role: "status", hidden: true, dataset: { photoProgress: "" } }),
  ];
}

/** Removing can be undone: the photo goes a little later. */
function removeSoon(report, photo, onChange) {
  toast(gettext("Photo removed"), {
    action: gettext("Undo"),
    seconds: 5,
    countdown: true,
    onAction: () => announce(gettext("Undone")),
    async onEnd() {
      try {
        await request(`/api/v1/reports/${report.id}/photos/${photo.id}`, { method: "DELETE" });
      } catch (problem) {
        toast(problem.detail ?? String(problem), { tone: "bad", seconds: 10 });
      }
      onChange();
    },
  });
}
