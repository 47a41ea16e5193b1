/** One's own shifts: taking, swapping and giving back in one tap with undo; coming and leaving also without a network. */

import { ApiError, post } from "../lib/api.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { pageKeptAt, serverClock } from "../lib/keeping.js";
import { announce } from "../ui/announce.js";
import { keepForLater } from "../ui/offline.js";
import { bindOutboxPanel } from "../ui/outbox-panel.js";
import { ownOutbox } from "../ui/own-outbox.js";
import { currentPosition } from "../ui/position.js";
import { toast } from "../ui/toast.js";

/** Said without a network too; also what the entries of the outbox are called. */
const SAYINGS = new Set(["arrive", "leave"]);
const root = document.getElementById("shifts");
const outbox = ownOutbox();
const now = serverClock(Number(root.dataset.now));
const address = (shift, verb) => `/api/v1/shifts/${shift}/${verb}`;

/** What is said when it is done, and the verb that takes it back. */
const DONE = {
  take: [gettext("You stand there: %(name)s"), "release"],
  release: [gettext("Given back: %(name)s"), "take"],
  swap: [gettext("Others are asked; until somebody takes over, it stays yours."), "keep"],
  keep: [gettext("It stays yours: %(name)s"), "swap"],
  "take-over": [gettext("You took over: %(name)s"), null],
  arrive: ["", "arrive/undo"],
  "arrive/undo": [gettext("Taken back: nothing is noted."), null],
  leave: [gettext("Thank you. Noted that you left."), null],
};

root.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-verb]");
  if (!button || button.getAttribute("aria-busy")) return;
  const item = button.closest("[data-shift]");
  const act = { shift: item.dataset.shift, name: item.dataset.name, verb: button.dataset.verb };
  button.setAttribute("aria-busy", "true");
  const doing = SAYINGS.has(act.verb) ? say(act) : run(act);
  doing.finally(() => button.removeAttribute("aria-busy"));
});

/** What changes who stands there needs the server's word. */
async function run({ shift, name, verb }, { undo = true } = {}) {
  try {
    await post(address(shift, verb), {});
  } catch (error) {
    toast(error.detail ?? gettext("That did not work; try again."), { tone: "bad" });
    if (error instanceof ApiError && !error.temporary) await refresh();
    return;
  }
  await refresh(shift);
  const [words, back] = DONE[verb];
  const text = interpolate(words, { name });
  if (!undo || !back) toast(text);
  else
    toast(text, {
      action: gettext("Undo"),
      onAction: () => run({ shift, name, verb: back }, { undo: false }),
      seconds: 8,
    });
}

/** Coming and leaving is written down first, with its moment, and sent when there is a network. */
async function say({ shift, name, verb }) {
  const body = { at: new Date().toISOString() };
  if (verb === "arrive") {
    const position = await currentPosition();
    if (position) Object.assign(body, { lon: position.lon, lat: position.lat, accuracy: position.accuracy });
  }
  await outbox.add({ kind: verb, url: address(shift, verb), body, name });
}

const shiftOf = ({ url }) => url.split("/").at(-2);

outbox.on("sent", async ({ entry, answer }) => {
  if (!SAYINGS.has(entry.kind)) return;
  const shift = shiftOf(entry);
  await refresh(shift);
  const [words, back] = DONE[entry.kind];
  if (!back) {
    toast(words);
    return;
  }
  const text = {
    measured: gettext("Noted: you are at the post, by position."),
    told: entry.body.lon
      ? gettext("Noted by your own word: the position is not at the post.")
      : gettext("Noted by your own word."),
  }[answer?.mine?.presence ?? "told"];
  toast(text, {
    action: gettext("Undo"),
    onAction: () => run({ shift, name: entry.name, verb: back }, { undo: false }),
    seconds: 8,
  });
});

for (const type of ["refused", "conflict"])
  outbox.on(type, ({ entry, error }) => {
    if (!SAYINGS.has(entry.kind)) return;
    toast(`${entry.name}: ${error.detail ?? error.message}`, { tone: "bad", seconds: 0 });
    refresh();
  });
bindOutboxPanel(document.getElementById("outbox"), outbox);

/** Coming is offered from an hour before until the end, also on a page that was opened long ago. */
function offer() {
  for (const button of root.querySelectorAll("button[data-opens]"))
    button.hidden = now() < Number(button.dataset.opens) || now() > Number(button.dataset.closes);
}
offer();
setInterval(offer, 30_000);
// What was kept is of then.
if (pageKeptAt()) refresh();
keepForLater({ boxes: [], outbox });

/** Show what is true now, and keep the reader's place. */
async function refresh(shift = null) {
  let text = "";
  try {
    const response = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return;
    text = await response.text();
  } catch {
    return;
  }
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("shifts");
  if (!fresh) return;
  const focused = root.contains(document.activeElement);
  root.replaceChildren(...fresh.childNodes);
  offer();
  const title = root.querySelector("h1");
  announce(title.textContent);
  if (focused) (root.querySelector(`[data-shift="${shift}"] button`) ?? title).focus({ preventScroll: true });
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") refresh();
});
