/** Signing out sends what is not sent yet; what cannot be sent is lost only when the person says so. */

import { gettext, interpolate, ngettext } from "../lib/i18n.js";
import { Recording } from "../lib/recording.js";
import { wipeAll } from "../lib/wiping.js";
import { element } from "./element.js";
import { ownOutbox } from "./own-outbox.js";

/** @returns {Promise<boolean>} whether nothing is left unsent, or the person accepts its loss; then nothing is left here */
export async function maySignOut() {
  const outbox = ownOutbox();
  await Recording.handOver({ person: outbox.person, database: outbox.database, outbox });
  const left = (await outbox.list()).length ? await outbox.finish() : [];
  if (left.length && !(await ask(left))) {
    outbox.resume();
    return false;
  }
  outbox.stop();
  await wipeAll();
  return true;
}

function lossOf(left) {
  const count = (kinds) => left.filter(({ kind }) => kinds(kind)).length;
  const reports = count((kind) => kind === "report");
  const photos = count((kind) => kind === "photo");
  const others = left.length - reports - photos;
  const sentences = [
    [
      reports,
      ngettext(
        "%(count)s report is not sent yet. If you sign out now, it is lost.",
        "%(count)s reports are not sent yet. If you sign out now, they are lost.",
        reports,
      ),
    ],
    [
      photos,
      ngettext(
        "%(count)s photo is not sent yet. If you sign out now, it is lost.",
        "%(count)s photos are not sent yet. If you sign out now, they are lost.",
        photos,
      ),
    ],
    [
      others,
      ngettext(
        "%(count)s record of a patrol is not sent yet. If you sign out now, it is lost.",
        "%(count)s records of a patrol are not sent yet. If you sign out now, they are lost.",
        others,
      ),
    ],
  ];
  return sentences
    .filter(([number]) => number)
    .map(([number, text]) => interpolate(text, { count: number }))
    .join(" ");
}

function ask(left) {
  return new Promise((resolve) => {
    const dialog = element(
      "dialog.leave-dialog",
      { "aria-labelledby": "leave-title" },
      element("h2", { id: "leave-title" }, gettext("Not everything is sent")),
      element("p", {}, lossOf(left)),
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
