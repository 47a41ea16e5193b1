/** What one is asked and has taken on: answered in one tap; what is said on the spot also goes out later. */

import { ApiError, newId, post } from "../lib/api.js";
import { metres, span } from "../lib/format.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { pageKeptAt, serverClock } from "../lib/keeping.js";
import { Poll } from "../lib/poll.js";
import { photoEntries, unsuitable } from "../lib/report-entries.js";
import { metres as metresFrom } from "../lib/shift.js";
import { announce } from "../ui/announce.js";
import { element } from "../ui/element.js";
import { keepForLater } from "../ui/offline.js";
import { bindOutboxPanel } from "../ui/outbox-panel.js";
import { ownOutbox } from "../ui/own-outbox.js";
import { photoButtons } from "../ui/photo-picker.js";
import { currentPosition } from "../ui/position.js";
import { toast } from "../ui/toast.js";

/** Said without a network too, and sent when there is one; the others need the server's word at once. */
const SAYINGS = new Set(["arrive", "done"]);
const SOON_S = 180;
const root = document.getElementById("offers");
const offline = document.getElementById("offline");
const outbox = ownOutbox();
const now = serverClock(Number(root.dataset.now));
const photos = new Map(); // of an offer, chosen and not sent
let position = null;
const maps = new Map();

const address = (offer, verb) => `/api/v1/offers/${offer}/${verb}`;
const itemOf = (offer) => root.querySelector(`[data-offer="${offer}"]`);

const DONE = {
  accept: gettext("It is yours: %(name)s"),
  decline: gettext("Thank you for saying so. Nobody is told who could not come."),
  arrive: gettext("Noted that you are there."),
  done: gettext("Reported as done. Thank you."),
  release: gettext("You gave it back: %(name)s"),
};

root.addEventListener("click", (event) => {
  const show = event.target.closest("button[data-show-map]");
  if (show) {
    toggleMap(show);
    return;
  }
  const button = event.target.closest("button[data-verb]");
  if (!button || button.getAttribute("aria-busy")) return;
  const { offer, name, report } = button.closest("[data-offer]").dataset;
  const act = { offer, name, report, verb: button.dataset.verb };
  button.setAttribute("aria-busy", "true");
  const doing = SAYINGS.has(act.verb) ? say(act) : run(act);
  doing.finally(() => button.removeAttribute("aria-busy"));
});

/** Of two who take it one wins: only the server knows who. */
async function run({ offer, name, verb }) {
  try {
    await post(address(offer, verb), {});
    toast(interpolate(DONE[verb], { name }));
  } catch (error) {
    const words =
      error instanceof ApiError
        ? error.detail
        : gettext("No connection: this needs the network. Nothing was sent.");
    toast(words, { tone: "bad", seconds: 10 });
    announce(words);
    if (!(error instanceof ApiError) || error.temporary) return;
  }
  await refresh(offer);
}

/** What was done on the spot is written down first, photos before the word that it is done. */
async function say({ offer, name, report, verb }) {
  const before = verb === "done" ? photoEntries(report, photos.get(offer) ?? []) : [];
  for (const entry of before) entry.id = newId();
  const word = {
    kind: "offer",
    url: address(offer, verb),
    body: {},
    name,
    needs: before.map(({ id }) => id),
  };
  await outbox.add([...before, word]);
  photos.delete(offer);
}

outbox.on("sent", async ({ entry }) => {
  if (entry.kind !== "offer") return;
  const verb = entry.url.split("/").at(-1);
  toast(interpolate(DONE[verb] ?? "", { name: entry.name }));
  await refresh(entry.url.split("/").at(-2));
});
for (const type of ["refused", "conflict"])
  outbox.on(type, ({ entry, error }) => {
    if (!["offer", "photo"].includes(entry.kind)) return;
    toast(`${entry.name}: ${error.detail ?? error.message}`, { tone: "bad", seconds: 0 });
    // The button to say it again is here: a word that was refused would only lie beside it.
    if (entry.kind === "offer") outbox.flush().then(() => outbox.drop(entry.id)); // once it is on its way no more
    refresh();
  });
bindOutboxPanel(document.getElementById("outbox"), outbox);

// --- what the rows show beside their text -------------------------------------------------------------------

function dress() {
  for (const item of root.querySelectorAll("[data-offer]")) {
    const slot = item.querySelector("[data-photos]");
    if (slot && !slot.childElementCount) {
      slot.append(...photoButtons((files) => choosePhotos(item, slot, files)));
      sayChosen(item, slot);
    }
  }
  showTimes();
  showDistances();
}

function choosePhotos(item, slot, files) {
  const { offer } = item.dataset;
  const chosen = photos.get(offer) ?? [];
  for (const file of files) {
    const reason = unsuitable(file, { gettext });
    if (reason) toast(reason, { tone: "bad" });
    else chosen.push({ blob: file, name: file.name || "photo.jpg", kind: "after" });
  }
  photos.set(offer, chosen);
  announce(sayChosen(item, slot));
}

/** How many photos go along, also after the list was drawn anew. @returns {string} */
function sayChosen(item, slot) {
  const count = photos.get(item.dataset.offer)?.length ?? 0;
  slot.querySelector(".offer-chosen")?.remove();
  if (!count) return "";
  const words = interpolate(gettext("%(count)s photos chosen"), { count });
  slot.append(element("span.offer-chosen.soft", {}, words));
  return words;
}

/** How long an offer stands runs on while one looks; what has run out can no longer be taken. */
function showTimes() {
  for (const item of root.querySelectorAll(".offer.asked")) {
    const left = Number(item.dataset.expires) - now();
    const line = item.querySelector("[data-until]");
    line.classList.toggle("warn", left < SOON_S);
    if (left <= 0) {
      line.textContent = gettext("This offer has lapsed.");
      for (const button of item.querySelectorAll("[data-verb]")) button.disabled = true;
    } else line.textContent = interpolate(gettext("%(span)s left to answer"), { span: span(left) });
  }
}

/** How far it is, reckoned on this phone: the position goes nowhere. */
function showDistances() {
  if (!position) return;
  for (const item of root.querySelectorAll("[data-lon]")) {
    const { lon, lat } = item.dataset;
    const away = metres(metresFrom(position.lon, position.lat, Number(lon), Number(lat)));
    item.querySelector("[data-away]").textContent = interpolate(gettext("%(metres)s from you"), {
      metres: away,
    });
  }
}

async function findPosition() {
  const known = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
  if (known?.state !== "granted") return; // nobody is asked for it just for this
  position = await currentPosition();
  showDistances();
}

async function toggleMap(button) {
  const item = button.closest("[data-offer]");
  const box = item.querySelector("[data-map]");
  box.hidden = !box.hidden;
  button.setAttribute("aria-expanded", String(!box.hidden));
  if (box.hidden || maps.has(item.dataset.offer)) return;
  const { reportsMap } = await import("../ui/reports-map.js");
  const { offer, lon, lat, glyph, state } = item.dataset;
  const one = {
    id: offer,
    lon: Number(lon),
    lat: Number(lat),
    glyph,
    state,
    hazard: "hazard" in item.dataset,
  };
  maps.set(offer, reportsMap(box, { reports: [one], now, deepLink: false }));
}

// --- what is true now ---------------------------------------------------------------------------------------

async function refresh(offer = null) {
  let text = "";
  try {
    const response = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return;
    text = await response.text();
  } catch {
    return;
  }
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("offers");
  if (!fresh) return;
  const focused = root.contains(document.activeElement);
  maps.clear();
  root.replaceChildren(...fresh.childNodes);
  root.dataset.fresh = fresh.dataset.fresh;
  dress();
  const title = root.querySelector("h1");
  announce(title.textContent);
  if (focused) (itemOf(offer)?.querySelector("button") ?? title).focus({ preventScroll: true });
}

function sayHowOld(state) {
  offline.hidden = state === "live";
  if (state === "signed-out") offline.textContent = gettext("You are signed out. Sign in again to go on.");
  else if (state !== "live")
    offline.textContent = interpolate(gettext("No connection. This is what was known at %(time)s."), {
      time: root.dataset.fresh,
    });
}

const poll = new Poll(root.dataset.url, {
  etag: root.dataset.etag,
  onData: () => refresh(),
  onState: sayHowOld,
});
poll.start();
document.addEventListener("visibilitychange", () => poll.watch(!document.hidden));
window.addEventListener("online", () => poll.ask());
window.addEventListener("offline", () => sayHowOld("offline"));
dress();
setInterval(showTimes, 10_000);
findPosition();
if (pageKeptAt()) {
  sayHowOld("offline");
  poll.ask();
}
keepForLater({ boxes: [], outbox });
