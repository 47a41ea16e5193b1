/** What works on every page around its content. */

import { sendOnce } from "../lib/once.js";
import { isAnother } from "../lib/whose.js";

/** A phone may be shared, and a session may have ended by itself: what another person left here goes first. */
const { person } = document.body.dataset;
if (isAnother(person)) import("../lib/wiping.js").then(({ wipeOthers }) => wipeOthers(person));

/** Few sign out, so what it takes comes only then; should it not come, the person still gets out. */
for (const form of document.querySelectorAll("form[data-sign-out]"))
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    try {
      const leaving = await import("./sign-out.js");
      if (await leaving.maySignOut()) form.submit();
    } catch {
      form.submit();
    } finally {
      button.removeAttribute("aria-busy");
    }
  });

/** A language change keeps the map's view and the chosen tab. */
for (const input of document.querySelectorAll(".shell-account input[name=next]")) {
  input.form.addEventListener("submit", () => {
    input.value = location.pathname + location.search + location.hash;
  });
}

sendOnce(document, window);
