/** Signing out sends what is not sent yet; what cannot be sent is lost only when the person says so. */

import { Drafts } from "../lib/drafts.js";
import { gettext, interpolate, ngettext } from "../lib/i18n.js";
import { leave } from "../lib/leaving.js";
import { element } from "./element.js";
import { Sender } from "./sending.js";

/** @returns {Promise<boolean>} whether nothing is left unsent, or the person accepts its loss */
export async function maySignOut() {
  const sender = senderWithDrafts();
  return sender ? leave(sender, ask) : true;
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

function ask(unsent) {
  return new Promise((resolve) => {
    const text = ngettext(
      "%(count)s report is not sent yet. If you sign out now, it is lost.",
      "%(count)s reports are not sent yet. If you sign out now, they are lost.",
      unsent,
    );
    const dialog = element(
      "dialog.leave-dialog",
      { "aria-labelledby": "leave-title" },
      element("h2", { id: "leave-title" }, gettext("Not everything is sent")),
      element("p", {}, interpolate(text, { count: unsent })),
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
