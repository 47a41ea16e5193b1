/** My grid: the patch on the map, its lists in the sheet, and filing. The lists work without this. */

import { gettext, interpolate, ngettext, pgettext } from "../lib/i18n.js";
import { PhotoStore } from "../lib/photo-store.js";
import { parseView } from "../lib/view.js";
import { createMap } from "../map/map.js";
import { announce } from "../ui/announce.js";
import { refreshClocks } from "../ui/clocks.js";
import { mapOptions } from "../ui/map-options.js";
import { mapSearch } from "../ui/map-search.js";
import { PhotoSender } from "../ui/photo-sending.js";
import { Sender } from "../ui/sending.js";
import { bindSheet } from "../ui/sheet.js";
import { clearToasts, toast } from "../ui/toast.js";
import { Filing } from "./my-grid/filing.js";
import { Lists } from "./my-grid/lists.js";

const REFRESH = 60_000;
const UNDO = 5;
const $ = (id) => document.getElementById(id);
const page = JSON.parse($("page").textContent);
const skew = page.now - Date.now() / 1000;
const now = () => Date.now() / 1000 + skew;
const wide = matchMedia("(min-width: 900px)");
const patch = document.querySelector(".patch");
const stage = document.querySelector(".patch-stage");
let filing = null;

// --- the map ---------------------------------------------------------------------------------------------------

const view = parseView(location.hash);
const map = createMap($("map"), {
  ...mapOptions(["regions", "ground", "grids", "checkpoints", "reports"]),
  view,
  bounds: page.grid.box,
  patch: page.grid.box,
  mine: page.mine.length ? page.mine : [page.grid.id],
  // Two fingers zoom on a phone; the room is the patch's.
  controls: { zoom: wide.matches, locate: true, fit: true, scale: true },
  now,
  onView: ({ hash }) => history.replaceState(history.state, "", hash),
});

const lists = new Lists(patch, {
  now,
  onSelect(row) {
    if (!row) return map.select(null);
    if (sheet.height === "full" && !wide.matches) sheet.set("half");
    return map.focusFeature(row.layer, row.id, row);
  },
  onStreet(box) {
    if (sheet.height === "full" && !wide.matches) sheet.set("half");
    map.select(null);
    map.fitBounds(box, { maxZoom: 18 });
  },
});

const sheet = bindSheet($("sheet"), $("sheet-handle"), {
  room: () => stage.clientHeight - 72,
  low: () => $("sheet-handle").offsetHeight + $("sheet").querySelector(".tabs").offsetHeight,
  onChange: () => inset(),
});

function inset() {
  const cover = filing?.isOpen ? $("filing") : $("sheet");
  // The sheet grows into its height with a transition: what it is going to be counts.
  const height = filing?.isOpen
    ? cover.offsetHeight
    : Number.parseFloat(cover.style.getPropertyValue("--sheet"));
  map.setInset({ top: 0, right: 0, left: 0, bottom: wide.matches ? 0 : height || 0 });
}

// --- from the map to the lists ---------------------------------------------------------------------------------

let tapped = null;
const chip = $("map-chip");

function offerHere(latlng, point) {
  tapped = latlng;
  chip.hidden = !latlng;
  if (!latlng) return;
  chip.style.left = `${Math.max(80, Math.min(stage.clientWidth - 80, point.x))}px`;
  chip.style.top = `${point.y}px`;
}

let cycle = { key: "", index: 0 };

map.on("feature:click", ({ features, latlng, point, keyboard }) => {
  // Inside of an area is not on its symbol: one can report there.
  const hits = features.filter(({ layer, id, kind }) => kind !== "polygon" && lists.has(layer, id));
  const key = hits.map(({ layer, id }) => `${layer}/${id}`).join();
  cycle = { key, index: key && key === cycle.key ? (cycle.index + 1) % hits.length : 0 };
  const hit = hits[cycle.index];
  if (hit) {
    offerHere(null);
    lists.select(hit.layer, hit.id);
    if (sheet.height === "low" && !wide.matches) sheet.set("half");
    return;
  }
  const foreign = features.find(({ layer }) => layer === "reports");
  if (foreign) {
    offerHere(null);
    map.select("reports", foreign.id);
    toast(gettext("This report is not in this grid."), {
      action: pgettext("verb", "Open"),
      href: `/reports/${encodeURIComponent(foreign.id)}/`,
    });
    return;
  }
  if (lists.selected) lists.select(null, null);
  offerHere(latlng, point);
  if (keyboard) chip.querySelector("button").focus();
});
map.on("view", () => offerHere(null));
map.on("locate:error", ({ code }) => {
  toast(
    code === 1
      ? gettext("This site may not use your position. You can allow it in the browser's settings.")
      : gettext("Your position could not be found. Try again under the open sky."),
    { tone: "bad" },
  );
});

// --- filing ----------------------------------------------------------------------------------------------------

let viewBefore = null;

filing = new Filing(map, page, {
  onOpen() {
    viewBefore = map.getView();
    patch.dataset.filing = "";
    offerHere(null);
    clearToasts();
    inset();
    map.resize();
  },
  onClose({ filed }) {
    delete patch.dataset.filing;
    inset();
    map.resize();
    if (!filed && viewBefore) map.setView(viewBefore, { animate: false });
  },
  onSubmit: ({ body, name, spot, photos }) => {
    // Kept first, sent after their report: without it there is nothing they could belong to.
    const kept = photoSender.keep(body.id, photos);
    return spot ? sendAfterUndo(body, name, kept) : sendNow(body, name, kept);
  },
});

const sender = new Sender({
  storage: localStorage,
  person: document.body.dataset.person,
  onSent: arrived,
  async onRefused(error, draft) {
    map.removeLive("reports", draft.body.id);
    filing.reopen({ ...draft, photos: await photoSender.takeBack(draft.body.id) }, error.detail);
  },
  onWaiting: (drafts, error) => showUnsent({ drafts, error }),
});

const photoSender = new PhotoSender({
  store: new PhotoStore(document.body.dataset.person),
  waits: (report) => sender.drafts.list().some(({ body }) => body.id === report),
  onChange: (photos) => showUnsent({ photos }),
  onRefused: (error) => toast(error.detail, { tone: "bad", seconds: 10 }),
});

mapSearch($("map-search"), map, {
  before() {
    if (sheet.height === "full" && !wide.matches) sheet.set("half");
  },
  // One can report what one looked for.
  onShow: (place, point) => offerHere(place, point),
});

for (const button of document.querySelectorAll("#bar [data-file]"))
  button.addEventListener("click", () => filing.open(button.dataset.file, tapped));
chip.querySelector("button").addEventListener("click", () => filing.open("report", tapped));

async function sendNow(body, name, kept) {
  const key = sender.keep(body, name);
  let words = null;
  const slow = setTimeout(() => {
    words = toast(gettext("Sending…"), { seconds: 0 });
  }, 700);
  await kept;
  await sender.send(key);
  clearTimeout(slow);
  words?.close();
}

/** Handled cannot be taken back once it is filed, so it leaves a little later. */
function sendAfterUndo(body, name, kept) {
  const key = sender.keep(body, name, UNDO * 1000);
  document.querySelector("#bar [data-file=spot]").focus({ preventScroll: true });
  toast(interpolate(gettext("Fixed on the spot: %(name)s"), { name }), {
    action: gettext("Undo"),
    seconds: UNDO,
    countdown: true,
    onAction() {
      if (!sender.undo(key)) return;
      kept.then(() => photoSender.takeBack(body.id));
      toast(gettext("Undone. Nothing was filed."), { seconds: 3 });
    },
    onEnd: () => kept.then(() => sender.send(key)),
  });
}

function arrived(report, draft) {
  map.putLive("reports", {
    type: "Feature",
    id: report.id,
    geometry: { type: "Point", coordinates: [report.lon, report.lat] },
    properties: {
      id: report.id,
      glyph: report.category.glyph,
      hazard: report.category.hazard,
      state: report.state,
      late: report.clock.late,
      ...(report.clock.kind === "dispatch"
        ? { waiting: report.clock.started, dispatch_due: report.clock.due }
        : { dispatched: report.clock.started, due: report.clock.due }),
    },
  });
  const text = draft.body.on_the_spot ? gettext("Filed as fixed: %(name)s") : gettext("Reported: %(name)s");
  toast(interpolate(text, { name: draft.name }), {
    action: pgettext("verb", "Open"),
    href: `/reports/${encodeURIComponent(report.id)}/`,
  });
  showUnsent({ drafts: [], error: null });
  photoSender.flush();
  refresh();
}

let unsent = { drafts: [], error: null, photos: { waiting: 0, share: null, error: null } };

function showUnsent(change) {
  unsent = { ...unsent, ...change };
  const { drafts, photos } = unsent;
  const box = $("unsent");
  box.hidden = drafts.length === 0 && photos.waiting === 0;
  if (box.hidden) return box.replaceChildren();
  const words = document.createElement("span");
  if (!drafts.length && photos.share !== null) {
    const sending = ngettext("Sending %(count)s photo…", "Sending %(count)s photos…", photos.waiting);
    words.textContent = interpolate(sending, { count: photos.waiting });
    const bar = document.createElement("progress");
    bar.value = photos.share;
    bar.setAttribute("aria-label", words.textContent);
    return box.replaceChildren(words, bar);
  }
  const text = ngettext(
    "%(count)s report is not sent yet; it is kept on this device.",
    "%(count)s reports are not sent yet; they are kept on this device.",
    drafts.length,
  );
  const pictures = ngettext(
    "%(count)s photo is not sent yet; it is kept on this device.",
    "%(count)s photos are not sent yet; they are kept on this device.",
    photos.waiting,
  );
  words.textContent = [
    (unsent.error ?? photos.error)?.detail,
    drafts.length && interpolate(text, { count: drafts.length }),
    photos.waiting && interpolate(pictures, { count: photos.waiting }),
  ]
    .filter(Boolean)
    .join(" ");
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = gettext("Send now");
  again.addEventListener("click", () => sender.flush().then(() => photoSender.flush()));
  box.replaceChildren(words, again);
  return undefined;
}

// --- staying true ----------------------------------------------------------------------------------------------

let reading = null;

async function refresh() {
  reading?.abort();
  const mine = new AbortController();
  reading = mine;
  const synced = () => document.querySelector("[data-synced]");
  try {
    const response = await fetch(location.pathname + location.search, {
      signal: mine.signal,
      cache: "no-store",
    });
    if (response.redirected) {
      location.reload();
      return;
    }
    if (!response.ok) throw new Error(String(response.status));
    lists.adopt(new DOMParser().parseFromString(await response.text(), "text/html"));
    map.refresh("reports");
  } catch (error) {
    if (error.name === "AbortError" || synced().classList.contains("stale")) return;
    synced().classList.add("stale");
    const words = gettext("no connection, this may be out of date");
    synced().append(` · ${words}`);
    announce(words);
  }
}

setInterval(() => {
  refreshClocks(patch, now());
}, 20_000);
setInterval(() => {
  if (document.visibilityState === "visible" && !filing.isOpen) refresh();
}, REFRESH);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && !filing.isOpen) refresh();
});
wide.addEventListener("change", inset);

inset();
const first = lists.selected;
if (first) map.focusFeature(first.layer, first.id, first, { animate: false, zoom: view?.z });
else if (!view) map.fitPatch();
sender.flush().then(() => photoSender.flush());
