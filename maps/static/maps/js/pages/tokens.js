/** A token that was just made: it is selected, and one tap copies it. */

import { gettext } from "../lib/i18n.js";
import { announce } from "../ui/announce.js";
import { toast } from "../ui/toast.js";

const field = document.getElementById("secret");
const button = document.getElementById("copy");

document.getElementById("made-title").focus();
field.addEventListener("focus", () => field.select());

// Without a secure address there is no clipboard: the token is selected and copied by hand.
if (navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      announce(gettext("Copied."));
      button.textContent = gettext("Copied");
    } catch {
      field.focus();
      toast(gettext("The browser does not allow copying: copy the selected text yourself."), { tone: "bad" });
    }
  });
}
