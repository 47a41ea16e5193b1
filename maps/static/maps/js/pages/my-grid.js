/** My grid: the patch on the map, its lists in the sheet, and filing. The lists work without this. */

import { gettext, interpolate, pgettext } from "../lib/i18n.js";
import { pageKeptAt, serverClock } from "../lib/keeping.js";
import { photosOf, reportEntries } from "../lib/report-entries.js";
import { parseView } from "../lib/view.js";
import { showAreas } from "../map/areas.js";
import { createMap } from "../map/map.js";
import { announce } from "../ui/announce.js";
import { refreshClocks } from "../ui/clocks.js";
import { bindCoverageKey } from "../ui/coverage-key.js";
import { Filing } from "../ui/filing.js";
import { mapOptions } from "../ui/map-options.js";
import { mapSearch } from "../ui/map-search.js";
import { keepForLater } from "../ui/offline.js";
import { bindOutboxPanel } from "../ui/outbox-panel.js";
import { ownOutbox } from "../ui/own-outbox.js";
import { tellSame } from "../ui/same.js";
import { bindSheet } from "../ui/sheet.js";
import { clearToasts, toast } from "../ui/toast.js";
import { Lists } from "./my-grid/lists.js";

const REFRESH = 60_000;
const UNDO = 5;
const $ = (id) => document.getElementById(id);
const page = JSON.parse($("page").textContent);
const now = serverClock(page.now);
const wide = matchMedia("(min-width: 900px)");
const patch = document.querySelector(".patch");
const stage = document.querySelector(".patch-stage");
let filing = null;

// --- the map ---------------------------------------------------------------------------------------------------

const view = parseView(location.hash);
const map = createMap($("map"), {
  ...mapOptions([
    "regions",
    "ground",
    "grids",
    { source: "coverage", params: { grid: page.grid.code }, visible: false },
    "checkpoints",
    "reports",
  ]),
  view,
  bounds: page.grid.box,
  patch: page.grid.box,
  mine: page.mine.length ? page.mine : [page.grid.id],
  // Two fingers zoom on a phone; the room is the patch's.
  controls: { zoom: wide.matches, locate: true, fit: true, scale: true },
  now,
  onView: ({ hash }) => history.replaceState(history.state, "", hash),
});

// Where there is to be walked today, and where a campaign is; the page says both with its lists.
const planned = showAreas(map);
const drawPlanned = () => planned.set(JSON.parse($("areas").textContent));
drawPlanned();

const lists = new Lists(patch, {
  now,
  onSelect(row) {
    if (!row) return map.select(null);
    if (sheet.height === "full" && !wide.matches) sheet.set("half");
    if (!row.box) return map.focusFeature(row.layer, row.id, row);
    map.select(row.layer, row.id, row.ids);
    return map.fitBounds(row.box, { maxZoom: 17 });
  },
  onTab: (name) => key?.show(name === "streets" || wanted),
});

// The streets are drawn as they stand beside their list, and elsewhere for who wants them.
let wanted = new URLSearchParams(location.search).get("coverage") === "1";
const key = bindCoverageKey($("coverage-key"), map, {
  shown: wanted || lists.tab === "streets",
  onChange(shown) {
    wanted = shown;
    const address = new URL(location.href);
    if (shown) address.searchParams.set("coverage", "1");
    else address.searchParams.delete("coverage");
    history.replaceState(history.state, "", address);
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
  onSubmit: (draft) => (draft.spot ? sendAfterUndo(draft) : sendNow(draft)),
});

const outbox = ownOutbox();

outbox.on("sent", ({ entry, answer }) => {
  if (entry.kind === "report") arrived(answer, entry);
  if (["report", "follow"].includes(entry.kind)) tellSame(outbox, entry, answer);
});
outbox.on("refused", ({ entry, error }) => {
  if (entry.kind !== "report" || filing.isOpen) toast(error.detail, { tone: "bad", seconds: 10 });
  else correct(entry);
});
bindOutboxPanel($("outbox"), outbox, { onEdit: correct, now });

/** Show again what the server did not take, where it was written. */
async function correct(entry) {
  filing.reopen(entry, await photosOf(outbox, entry.id));
}

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

async function sendNow({ instead, ...draft }) {
  let words = null;
  const slow = setTimeout(() => {
    words = toast(gettext("Sending…"), { seconds: 0 });
  }, 700);
  const known = outbox.outcome(draft.body.id);
  await outbox.add(reportEntries(draft), { instead });
  await known;
  clearTimeout(slow);
  words?.close();
}

/** Handled cannot be taken back once it is filed, so it leaves a little later. */
function sendAfterUndo({ instead, ...draft }) {
  const { body, name } = draft;
  // A little longer than is said: whoever is just in time is in time.
  const kept = outbox.add(reportEntries(draft, { undo: UNDO * 1000 + 500 }), { instead });
  document.querySelector("#bar [data-file=spot]").focus({ preventScroll: true });
  toast(interpolate(gettext("Fixed on the spot: %(name)s"), { name }), {
    action: gettext("Undo"),
    seconds: UNDO,
    countdown: true,
    async onAction() {
      await kept;
      const undone = await outbox.undo(body.id);
      toast(undone ? gettext("Undone. Nothing was filed.") : gettext("It is being sent already."), {
        seconds: 3,
      });
    },
  });
}

function arrived(report, { body, name }) {
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
  const text = body.on_the_spot ? gettext("Filed as fixed: %(name)s") : gettext("Reported: %(name)s");
  toast(interpolate(text, { name }), {
    action: pgettext("verb", "Open"),
    href: `/reports/${encodeURIComponent(report.id)}/`,
  });
  refresh();
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
    map.refresh("coverage");
    drawPlanned();
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
if (first?.box) {
  map.select(first.layer, first.id, first.ids);
  if (!view) map.fitBounds(first.box, { maxZoom: 17, animate: false });
} else if (first) map.focusFeature(first.layer, first.id, first, { animate: false, zoom: view?.z });
else if (!view) map.fitPatch();
// What was kept is of then.
if (pageKeptAt()) refresh();
keepForLater({ boxes: [page.grid.box], outbox });
