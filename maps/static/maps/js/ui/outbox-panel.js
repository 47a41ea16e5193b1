/** How much is not sent, always in sight; a tap shows what it is and what can be done about it. */

import { summary } from "../lib/outbox-words.js";
import { announce } from "./announce.js";
import { element } from "./element.js";
import { icon } from "./icons.js";
import { openOutbox } from "./outbox-list.js";

const ICONS = { "": "tick", warn: "outbox", bad: "warning" };

/**
 * @param {HTMLElement} root maps/_outbox.html; with `data-always` it is in sight when everything is sent, too
 * @param {import("../lib/outbox.js").Outbox} outbox
 * @param {{onEdit?: (entry: object) => void, now?: () => number}} handlers `onEdit` opens a refused report where it was
 *   written; `now` is epoch seconds by the server's clock
 */
export function bindOutboxPanel(root, outbox, { onEdit, now = () => Date.now() / 1000 } = {}) {
  const button = root.querySelector("button");
  const always = "always" in root.dataset;
  let share = null;
  let before = 0;

  function show() {
    const { unsent } = outbox;
    const { text, detail, tone } = summary(unsent, { persistent: outbox.persistent, share });
    root.hidden = !unsent.length && !always;
    root.dataset.tone = tone;
    button.replaceChildren(
      icon(ICONS[tone]),
      element("span.outbox-words", {}, element("b", {}, text), detail && element("span.soft", {}, detail)),
      share === null ? "" : element("progress", { value: share, "aria-label": detail }),
    );
    if (unsent.length !== before) announce(text);
    before = unsent.length;
  }

  button.addEventListener("click", () => openOutbox(outbox, { onEdit, now }));
  outbox.on("progress", ({ share: part }) => {
    share = part < 1 ? part : null;
    show();
  });
  outbox.on("change", () => {
    share = null;
    show();
  });
  outbox.list().then(show);
  // What could be undone a moment ago counts now.
  setInterval(() => {
    if (outbox.unsent.length !== before) show();
  }, 1000);
}
