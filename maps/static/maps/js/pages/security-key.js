/** Security keys: what the browser answers when a key is refused, said in a sentence. */

import { gettext } from "../lib/i18n.js";

const SENTENCES = {
  NotAllowedError: gettext("Nothing was confirmed in time. Try again and touch the key when it blinks."),
  InvalidStateError: gettext("This key is known here already."),
  SecurityError: gettext(
    "A browser takes a security key only where the site has a name and is reached over https.",
  ),
};

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const place = document.getElementById("key-problem");
  place.textContent =
    SENTENCES[event.detail.exception?.name] ?? gettext("The browser cannot use this security key.");
  place.hidden = false;
});
