/** Choosing a file: what is too large is said before it is sent, and sending shows that it goes on. */

import { gettext, interpolate } from "../lib/i18n.js";
import { announce } from "../ui/announce.js";

const form = document.getElementById("upload");
const file = document.getElementById("import-file");
const problem = document.getElementById("import-file-problem");
const most = Number(form.dataset.most);

function check() {
  const chosen = file.files[0];
  const large = chosen && chosen.size > most * 2 ** 20;
  problem.hidden = !large;
  problem.textContent = large
    ? interpolate(gettext("The file is larger than %(most)s MB: split the list."), { most })
    : "";
  file.setAttribute("aria-invalid", String(Boolean(large)));
  return !large;
}

file.addEventListener("change", check);
form.addEventListener("submit", (event) => {
  const button = form.querySelector("button[type=submit]");
  if (!check() || button.getAttribute("aria-busy")) {
    event.preventDefault();
    return;
  }
  button.setAttribute("aria-busy", "true");
  announce(gettext("The file is being sent and read."));
});
// Coming back to the page, the form can be sent again.
addEventListener("pageshow", () => form.querySelector("button[type=submit]").removeAttribute("aria-busy"));
