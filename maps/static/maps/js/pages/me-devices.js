/** A tracker that was just paired: its settings are copied by a tap, and its first position is waited for. */

import { gettext, interpolate, ngettext } from "../lib/i18n.js";
import { Poll } from "../lib/poll.js";
import { copies } from "../ui/copying.js";

const EVERY_MS = 3000;
const line = document.getElementById("first-position");
const words = line.querySelector("[data-words]");
let latest = null;
let offset = 0;

document.getElementById("made-title").focus();
for (const button of document.querySelectorAll("[data-copy]"))
  copies(button, document.getElementById(button.dataset.copy));

function ago(seconds) {
  if (seconds < 60)
    return interpolate(ngettext("%(count)s second ago", "%(count)s seconds ago", seconds), {
      count: seconds,
    });
  const minutes = Math.floor(seconds / 60);
  return interpolate(ngettext("%(count)s minute ago", "%(count)s minutes ago", minutes), { count: minutes });
}

function show() {
  if (!latest) return;
  if (!latest.at) {
    if (latest.seen)
      words.textContent = gettext("The application was heard of, but sent no position yet. Waiting…");
    return;
  }
  const seconds = Math.max(0, Math.round(Date.now() / 1000 + offset - latest.at));
  const received = interpolate(gettext("Position received %(ago)s."), { ago: ago(seconds) });
  line.dataset.state = latest.became ? "warn" : "ok";
  words.textContent = latest.became ? `${received} ${latest.became}` : received;
}

const poll = new Poll(line.dataset.url, {
  every: EVERY_MS,
  onData(data) {
    const first = !latest?.at && data.at;
    latest = data;
    offset = data.now - Date.now() / 1000;
    show();
    // Said once: who listens does not want to hear every second that passes.
    if (first) line.setAttribute("aria-live", "off");
  },
});
setInterval(show, 1000);
document.addEventListener("visibilitychange", () => poll.watch(!document.hidden));
poll.start();
