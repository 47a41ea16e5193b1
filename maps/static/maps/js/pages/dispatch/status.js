/** The line beside the sentence: which region, what time, and whether the board still hears from the server. */

import { gettext, interpolate } from "../../lib/i18n.js";
import { announce } from "../../ui/announce.js";
import { element } from "../../ui/element.js";

/**
 * @param {HTMLElement} line with the region's name in `data-region`
 * @param {{time: () => string, heard: () => string}} clock the present and the last answer's time in words
 */
export function statusLine(line, { time, heard }) {
  let state = "live";

  function tick() {
    if (state === "live") line.textContent = [line.dataset.region, time()].filter(Boolean).join(" · ");
  }

  function signedOut() {
    const address = `/accounts/login/?next=${encodeURIComponent(location.pathname)}`;
    line.replaceChildren(
      gettext("You are signed out."),
      " ",
      element("a", { href: address }, gettext("Sign in again")),
    );
  }

  return {
    tick,
    /** @param {import("../../lib/poll.js").PollState} latest */
    connection(latest) {
      state = latest;
      line.classList.toggle("warn", state !== "live");
      if (state === "signed-out") signedOut();
      else if (state === "offline")
        line.textContent = interpolate(gettext("No connection; as of %(when)s. Trying again."), {
          when: heard(),
        });
      tick();
      announce(state === "live" ? gettext("The connection is back.") : line.textContent);
    },
  };
}
