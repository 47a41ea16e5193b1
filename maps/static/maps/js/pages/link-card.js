/** A link that is shown once: copying it, and printing its card in either size. */

import { gettext } from "../lib/i18n.js";
import { toast } from "../ui/toast.js";

const field = document.getElementById("the-link");
const copy = document.getElementById("copy-link");

copy.hidden = false;
copy.addEventListener("click", async () => {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    toast(gettext("The link is copied."));
  } catch {
    toast(gettext("Copy the marked link yourself: this browser does not let pages do it."), { seconds: 10 });
  }
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    document.getElementById("paper-card").dataset.paper = button.dataset.print;
    window.print();
  });
}
