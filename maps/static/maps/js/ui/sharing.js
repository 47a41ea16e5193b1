/** A report for a chat group that takes no robot: a text to copy, and a long picture to keep or to share. */

import { get } from "../lib/api.js";
import { gettext } from "../lib/i18n.js";
import { drawPicture } from "../lib/share-picture.js";
import { announce } from "./announce.js";
import { element } from "./element.js";
import { icon } from "./icons.js";
import { toast } from "./toast.js";

/** Opens the window; the focus comes back to where it was. @param {string} id the report's */
export async function openSharing(id) {
  let shared;
  try {
    shared = await get(`/reports/${id}/share.json`);
  } catch (problem) {
    toast(problem.detail ?? String(problem), { tone: "bad" });
    return;
  }
  const text = element("textarea", { id: "share-text", readonly: true, rows: 8 });
  text.value = shared.text;
  const picture = await pictureOf(shared);
  const image = element("img.share-picture", {
    src: URL.createObjectURL(picture),
    alt: gettext("Picture with what, where on a small map, until when, and a code to scan"),
  });
  const name = `${shared.facts[0]?.value ?? "gridwarden"}.png`;
  const file = new File([picture], name, { type: "image/png" });
  const close = element(
    "button",
    { type: "button", "aria-label": gettext("Close"), onclick: () => dialog.close() },
    icon("close"),
  );
  const dialog = element(
    "dialog.sharing",
    { "aria-labelledby": "share-title" },
    element("div.sharing-head", {}, element("h2", { id: "share-title" }, gettext("Tell a group")), close),
    element("p.soft", {}, gettext("Nobody is named in it. Its page opens for who may see it.")),
    element(
      "div.field",
      {},
      element("label", { for: "share-text" }, gettext("Text")),
      text,
      element("button.primary", { type: "button", onclick: () => copy(text) }, gettext("Copy the text")),
    ),
    element("h3", {}, gettext("Picture")),
    image,
    element(
      "div.row-actions",
      {},
      element("a.button", { href: image.src, download: name }, gettext("Save the picture")),
      navigator.canShare?.({ files: [file] }) &&
        element("button", { type: "button", onclick: () => give(file) }, gettext("Share the picture")),
    ),
  );
  dialog.addEventListener("close", () => {
    URL.revokeObjectURL(image.src);
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
}

async function pictureOf(shared) {
  const canvas = document.createElement("canvas");
  await document.fonts?.ready;
  drawPicture(canvas, shared);
  return await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

async function copy(field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    announce(gettext("Copied."));
    toast(gettext("Copied."));
  } catch {
    field.focus();
    toast(gettext("The browser does not allow copying: copy the selected text yourself."), { tone: "bad" });
  }
}

async function give(file) {
  try {
    await navigator.share({ files: [file] });
  } catch {
    // Whoever closes the system's own window wanted nothing more.
  }
}
