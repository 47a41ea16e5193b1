/** Keep the times of a list true while the page is open. */

import { timeLeft } from "../lib/format.js";

/** @param {number} now epoch seconds of the server's clock */
export function refreshClocks(root, now) {
  for (const pill of root.querySelectorAll(".pill[data-due]")) {
    const { text, tone } = timeLeft({ due: Number(pill.dataset.due), risk: Number(pill.dataset.risk) }, now);
    if (pill.textContent !== text) pill.textContent = text;
    pill.classList.toggle("bad", tone === "bad");
    pill.classList.toggle("warn", tone === "warn");
  }
}
