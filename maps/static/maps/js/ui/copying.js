/** Buttons that copy a field: without a secure address there is no clipboard, and the text is selected instead. */

import { gettext } from "../lib/i18n.js";
import { announce } from "./announce.js";
import { toast } from "./toast.js";

/** Makes a button copy a field. @param {HTMLButtonElement} button @param {HTMLInputElement} field */
export function copies(button, field) {
  field.addEventListener("focus", () => field.select());
  if (!navigator.clipboard) return;
  const words = button.firstChild;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      announce(gettext("Copied."));
      words.textContent = gettext("Copied");
    } catch {
      field.focus();
      toast(gettext("The browser does not allow copying: copy the selected text yourself."), { tone: "bad" });
    }
  });
}
