/** A report's photos: small ones in a row, large ones in a dialog, and adding more. */

import { request } from "../lib/api.js";
import { enumerated } from "../lib/format.js";
import { gettext, interpolate, ngettext } from "../lib/i18n.js";
import { photoEntries, unsuitable } from "../lib/report-entries.js";
import { announce } from "./announce.js";
import { element } from "./element.js";
import { openLightbox } from "./lightbox.js";
import { openOutbox } from "./outbox-list.js";
import { ownOutbox } from "./own-outbox.js";
import { kindSelect, photoButtons } from "./photo-picker.js";
import { toast } from "./toast.js";

const ORDER = ["before", "after", "verify", "other"];
/** From here on a photo shows what was done about it. */
const HANDLING = new Set(["dispatched", "in_progress", "returned", "handled", "closed"]);

/** The page's outbox, for photos; what an earlier page left unsent goes first. */
export function photoOutbox(onSent) {
  const outbox = ownOutbox();
  outbox.on("sent", ({ entry, answer }) => entry.kind === "photo" && onSent(answer, entry.report));
  outbox.on("refused", ({ error }) => toast(error.detail, { tone: "bad", seconds: 10 }));
  outbox.on("progress", ({ share }) => showProgress(outbox, share));
  outbox.on("change", () => showProgress(outbox));
  return outbox;
}

function showProgress(outbox, share = null) {
  const photos = outbox.unsent.filter(({ kind }) => kind === "photo");
  for (const place of document.querySelectorAll("[data-photo-progress]")) {
    place.hidden = photos.length === 0;
    if (place.hidden) continue;
    const count = { count: photos.length };
    const text =
      share === null
        ? ngettext(
            "%(count)s photo is not sent yet; it is kept on this device.",
            "%(count)s photos are not sent yet; they are kept on this device.",
            photos.length,
          )
        : ngettext("Sending %(count)s photo…", "Sending %(count)s photos…", photos.length);
    const words = interpolate(text, count);
    const more = { type: "button", onclick: () => openOutbox(outbox, { now: () => Date.now() / 1000 }) };
    place.replaceChildren(
      element("span", {}, [photos.find(({ error }) => error)?.error, words].filter(Boolean).join(" ")),
      share === null
        ? element("button", more, gettext("Show"))
        : element("progress", { value: share, "aria-label": words }),
    );
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
 * @param {{outbox?: import("../lib/outbox.js").Outbox, heading?: string, when: (moment: string) => string, onChange: () => void}} options
 *   `onChange` is told when a photo was removed; without an outbox none can be added here
 * @returns {HTMLElement|null} null when there are none and none may be added
 */
export function gallery(report, { outbox, heading = "h3", when, onChange }) {
  const photos = ordered(report.photos);
  if (!photos.length && !(outbox && report.may_add_photos)) return null;
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
    comparable(photos) && compareButton(report, photos),
    ...(outbox && report.may_add_photos ? adding(report, outbox) : []),
  );
}

const comparable = (photos) =>
  ["before", "after"].every((kind) => photos.some((photo) => photo.kind === kind));

/** Before and after side by side; fetched when somebody wants to see it. */
const compareButton = (report, photos) =>
  element(
    "button.photo-compare.no-print",
    {
      type: "button",
      "aria-haspopup": "dialog",
      async onclick() {
        const { openCompare } = await import("./compare.js");
        openCompare(photos, { alt: altOf.bind(null, report) });
      },
    },
    gettext("Compare before and after"),
  );

/** Adding photos apart from those that are there. */
export function photoAdding(report, outbox) {
  if (!report.may_add_photos) return null;
  return element("section.photos", { "aria-label": gettext("Add photos") }, ...adding(report, outbox));
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

function adding(report, outbox) {
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
    const photos = sound.map((file) => ({ blob: file, name: file.name || "photo.jpg", kind }));
    if (photos.length) await outbox.add(photoEntries(report.id, photos));
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
