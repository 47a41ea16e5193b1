/** Signing out sends what is not sent yet; what cannot be sent is lost only when the person says so. */

import { Drafts } from "../lib/drafts.js";
import { gettext, interpolate, ngettext } from "../lib/i18n.js";
import { leave } from "../lib/leaving.js";
import { PhotoStore } from "../lib/photo-store.js";
import { element } from "./element.js";
import { PhotoSender } from "./photo-sending.js";
import { Sender } from "./sending.js";

/** @returns {Promise<boolean>} whether nothing is left unsent, or the person accepts its loss */
export async function maySignOut() {
  const reports = senderWithDrafts();
  const photos = await senderWithPhotos();
  if (!reports && !photos) return true;
  let left = [0, 0];
  const both = {
    // Photos go after the report that they belong to.
    async finish() {
      left = [(await reports?.finish()) ?? 0, (await photos?.finish()) ?? 0];
      return left[0] + left[1];
    },
    resume() {
      reports?.resume();
      photos?.resume();
    },
    abandon() {
      reports?.abandon();
      return photos?.abandon();
    },
  };
  return leave(both, () => ask(...left));
}

async function senderWithPhotos() {
  const store = PhotoSender.current?.store ?? new PhotoStore(document.body.dataset.person);
  if (!(await store.list()).length) return null;
  return PhotoSender.current ?? new PhotoSender({ store });
}

/** Other pages than those that file show nothing of drafts: they wait there until the person comes back. */
function senderWithDrafts() {
  const { person } = document.body.dataset;
  if (Sender.current) return Sender.current.drafts.list().length ? Sender.current : null;
  if (!new Drafts(localStorage, person).list().length) return null;
  const nothing = () => {};
  const sender = new Sender({
    storage: localStorage,
    person,
    onSent: nothing,
    onRefused: (_error, draft) => sender.drafts.keep(draft),
    onWaiting: nothing,
  });
  return sender;
}

function lossOf(unsent, photos) {
  const reports = ngettext(
    "%(count)s report is not sent yet. If you sign out now, it is lost.",
    "%(count)s reports are not sent yet. If you sign out now, they are lost.",
    unsent,
  );
  const pictures = ngettext(
    "%(count)s photo is not sent yet. If you sign out now, it is lost.",
    "%(count)s photos are not sent yet. If you sign out now, they are lost.",
    photos,
  );
  return [
    unsent && interpolate(reports, { count: unsent }),
    photos && interpolate(pictures, { count: photos }),
  ]
    .filter(Boolean)
    .join(" ");
}

function ask(unsent, photos) {
  return new Promise((resolve) => {
    const dialog = element(
      "dialog.leave-dialog",
      { "aria-labelledby": "leave-title" },
      element("h2", { id: "leave-title" }, gettext("Not everything is sent")),
      element("p", {}, lossOf(unsent, photos)),
      element(
        "div.leave-buttons",
        {},
        element(
          "button.primary",
          { type: "button", onclick: () => dialog.close() },
          gettext("Stay signed in"),
        ),
        element(
          "button",
          { type: "button", onclick: () => dialog.close("leave") },
          gettext("Sign out and lose them"),
        ),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "leave");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
