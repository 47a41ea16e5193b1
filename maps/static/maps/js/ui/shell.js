/** What works on every page around its content. */

import { bindSignOut } from "./sign-out.js";

for (const form of document.querySelectorAll("form[data-sign-out]")) bindSignOut(form);

/** A language change keeps the map's view and the chosen tab. */
for (const input of document.querySelectorAll(".shell-account input[name=next]")) {
  input.form.addEventListener("submit", () => {
    input.value = location.pathname + location.search + location.hash;
  });
}
