/** The patrol: start, walk, tick, report, end; with or without a network. */

import { get } from "../lib/api.js";
import { Database } from "../lib/database.js";
import { clockTime } from "../lib/format.js";
import { gettext, interpolate, pgettext } from "../lib/i18n.js";
import { Progress, summaryOf } from "../lib/patrol-progress.js";
import { idleSentence, patrolSentence, streetName } from "../lib/patrol-words.js";
import { Recording } from "../lib/recording.js";
import { photosOf, reportEntries } from "../lib/report-entries.js";
import { parseView } from "../lib/view.js";
import { SILENCE } from "../lib/walked.js";
import { Filing } from "../ui/filing.js";
import { bindLargeText } from "../ui/large-text.js";
import { keepForLater } from "../ui/offline.js";
import { bindOutboxPanel } from "../ui/outbox-panel.js";
import { ownOutbox } from "../ui/own-outbox.js";
import { tellSame } from "../ui/same.js";
import { bindSheet } from "../ui/sheet.js";
import { clearToasts, toast } from "../ui/toast.js";
import { wakeLock } from "../ui/wake-lock.js";
import { watchPosition } from "../ui/watch-position.js";
import { Lists } from "./my-grid/lists.js";
import { bindBegin } from "./patrol/begin.js";
import { Knowing } from "./patrol/bundle.js";
import { bindConsent } from "./patrol/consent.js";
import { patrolMap, showGrid, showWay } from "./patrol/on-map.js";
import { Panels } from "./patrol/panels.js";
import { Status } from "./patrol/status.js";
import { Steps } from "./patrol/steps.js";
import { bindTicks } from "./patrol/ticks.js";

const $ = (id) => document.getElementById(id);
const page = JSON.parse($("page").textContent);
const { person } = document.body.dataset;
const root = $("patrol");
const stage = document.querySelector(".patch-stage");
const wide = matchMedia("(min-width: 900px)");
const now = () => Date.now() / 1000;
/** How often the server is asked for what changed, and whether a patrol is measured, in ms. */
const REFRESH = 120_000;
const ASK = 3000;
const DRAW = 3000;

const database = Database.shared();
const outbox = ownOutbox();
const recording = new Recording({ person, database, outbox });
const knowing = new Knowing(page.bundle, { person, database });
const status = new Status($("recording"), $("sentence"));
const screen = wakeLock();
let progress = null;
let trouble = null;
let measured = false;
let filing = null;
let drawnAt = 0;

// --- the map, the lists and the panels over them ------------------------------------------------------------------

const view = parseView(location.hash);
const map = patrolMap($("map"), page, {
  view,
  now,
  wide: wide.matches,
  onView: ({ hash }) => history.replaceState(history.state, "", hash),
});
const panels = new Panels(root, { now });
const lists = new Lists(root, {
  now,
  onSelect(row) {
    if (!row) return map.select(null);
    if (sheet.height === "full" && !wide.matches) sheet.set("half");
    if (!row.box) return map.focusFeature(row.layer, row.id, row);
    map.select(row.layer, row.id);
    return map.fitBounds(row.box, { maxZoom: 18 });
  },
});
const steps = new Steps(root, { onOpen: fit, onClose: fit });
const sheet = bindSheet($("sheet"), $("sheet-handle"), {
  room: () => stage.clientHeight - 72,
  low: () => $("sheet-handle").offsetHeight + $("sheet").querySelector(".tabs").offsetHeight,
  onChange: inset,
});
function inset() {
  const over = filing?.isOpen ? $("filing") : steps.shown ? $(steps.shown) : null;
  const height = over ? over.offsetHeight : Number.parseFloat($("sheet").style.getPropertyValue("--sheet"));
  map.setInset({ top: 0, right: 0, left: 0, bottom: wide.matches ? 0 : height || 0 });
}

function fit() {
  inset();
  map.resize();
}

map.on("feature:click", ({ features }) => {
  const hit = features.find(({ layer, id }) => layer !== "grids" && lists.has(layer, id));
  lists.select(hit?.layer ?? null, hit?.id ?? null);
  if (hit && sheet.height === "low" && !wide.matches) sheet.set("half");
});
wide.addEventListener("change", inset);

// --- what is known ------------------------------------------------------------------------------------------------

/** The grid that is walked in, or that the page was opened for. */
function gridOf(bundle) {
  const walked = recording.patrol && bundle.grids.find(({ id }) => id === recording.patrol.grid);
  return walked ?? bundle.grids.find(({ code }) => code === page.grid.code);
}

function rebuild() {
  const { bundle } = knowing;
  const grid = bundle && gridOf(bundle);
  if (!grid) return;
  const walk = recording.patrol && !measured ? recording : {};
  const mode = recording.patrol?.mode;
  progress = new Progress(bundle, grid, { mode, way: walk.way, ticks: walk.ticks && new Set(walk.ticks) });
  draw();
}

function draw() {
  drawnAt = Date.now();
  if (!progress) return;
  const gaps = recording.active
    ? recording.gaps.filter(({ from, to }) => (to ?? Date.now()) - from >= 60_000)
    : [];
  panels.draw(progress, {
    active: recording.active,
    gaps,
    trouble,
    shifts: knowing.bundle.shifts ?? [],
    offers: knowing.bundle.offers ?? [],
  });
  lists.draw();
  showGrid(map, progress);
  showWay(map, recording.patrol ? recording.way : []);
  say();
}

function say() {
  root.dataset.step = recording.active ? "recording" : "idle";
  document
    .querySelector("[data-does=nothing]")
    .setAttribute("aria-pressed", String(Boolean(recording.patrol?.nothing_at)));
  if (!progress) return;
  const { percent } = progress.walked;
  if (recording.active) {
    const [first] = progress.stops;
    status.say(patrolSentence({ percent, next: first ? nameOf(first) : null }));
  } else status.say(idleSentence({ ...progress.due, percent, known: progress.grid.streets.length > 0 }));
}

function nameOf({ kind, id }) {
  if (kind === "street") return streetName(progress.grid.streets.find((one) => one.id === id));
  return progress.grid.checkpoints.find((one) => one.id === id).name;
}

const drawSoon = () => Date.now() - drawnAt >= DRAW && draw();

knowing.on("bundle", ({ bundle }) => {
  if (bundle) rebuild();
  consent.show(bundle?.consent ?? null);
  beginning.show();
  offerRunning();
});
knowing.on("state", () => {
  const place = $("synced");
  const at = knowing.at && clockTime(new Date(knowing.at));
  place.classList.toggle("stale", knowing.online === false);
  if (!at)
    place.textContent =
      knowing.online === false ? gettext("No connection, and nothing is kept on this device yet.") : "";
  else if (knowing.online) place.textContent = interpolate(gettext("as of %(clock)s"), { clock: at });
  else
    place.textContent = interpolate(gettext("No connection: as of %(clock)s. Recording works."), {
      clock: at,
    });
  if (!at && knowing.online === false) panels.nothing();
});

// --- recording ----------------------------------------------------------------------------------------------------

const watch = watchPosition({
  onPosition(position) {
    trouble = null;
    map.showPosition(position);
    recording.fix(position);
  },
  onError(why) {
    if (why === "signal" && recording.last) return;
    trouble = why;
    if (why === "refused") recording.silent("refused");
    draw();
  },
});

recording.on("fix", ({ position }) => {
  if (!progress) return;
  if (progress.pass(position)) draw();
  else drawSoon();
});
recording.on("change", () => tell());
recording.on("gap", draw);

function tell() {
  const unsent = outbox.entries
    .filter(({ kind }) => kind === "fixes")
    .reduce((sum, { body }) => sum + body.fixes.length, recording.loose);
  status.show(recording, { trouble, unsent });
}

setInterval(() => {
  recording.beat();
  tell();
}, 1000);

/** Watch the position as long as a patrol is under way; only one window of a browser does. */
/** What the end is told with: fetched when a patrol begins, so that it is there when there is no network any more. */
const summaryWords = () => import("./patrol/summary.js").catch(() => null);

async function follow() {
  if (!recording.active) {
    watch.stop();
    screen.release();
    return;
  }
  summaryWords();
  if (!(await alone())) {
    trouble = "other";
    draw();
    return;
  }
  screen.hold();
  watch.start();
}

let holds = null;
function alone() {
  if (!navigator.locks) return true;
  holds ??= new Promise((resolve) => {
    navigator.locks.request(`gridwarden:recording:${person}`, { ifAvailable: true }, (lock) => {
      resolve(Boolean(lock));
      return lock ? new Promise(() => {}) : null;
    });
  });
  return holds.then((mine) => {
    if (!mine) holds = null;
    return mine;
  });
}

const labelOf = (grid) => page.grids.find(({ id }) => id === grid)?.label ?? "";

async function begin({ grid, mode, known = null, instead = null }) {
  measured = false;
  steps.close();
  clearToasts();
  await recording.start({
    grid,
    mode,
    name: labelOf(grid),
    needs: consent.needs,
    known,
    instead: instead && { ...timed(instead), name: labelOf(instead.grid) },
  });
  rebuild();
  recording.patrol.before = progress?.standing ?? null;
  await recording.keep();
  follow();
  map.fitPatch();
  toast(gettext("The patrol is being recorded. Keep the page open."), { seconds: 4 });
}

async function end() {
  await recording.end();
  follow();
  draw();
  openSummary();
}

function openSummary() {
  steps.open("summary");
  drawSummary();
}

async function drawSummary() {
  const words = steps.shown === "summary" && (await summaryWords());
  if (!words || !progress || !recording.patrol || steps.shown !== "summary") return;
  const { id, ending } = recording.patrol;
  const mine = outbox.entries.filter((entry) => entry.url.includes(id) || entry.id === id);
  const summary = summaryOf(recording, progress, { measured, silence: SILENCE * 1000 });
  $("summary-body").replaceChildren(...words.summaryNodes(summary, { waiting: mine.length }));
  document.querySelector("[data-step-does=resume]").hidden = !outbox.entries.some(
    (entry) => entry.id === ending,
  );
  fit();
}
outbox.on("change", drawSummary);

/** Ask until the server has measured what was sent, and show that. */
async function awaitMeasure() {
  for (let turn = 0; turn < 40 && recording.patrol && !measured; turn++) {
    await new Promise((resolve) => setTimeout(resolve, ASK));
    if (!recording.patrol || recording.active || document.visibilityState === "hidden") continue;
    const { state } = await get(`/api/v1/patrols/${recording.patrol.id}`).catch(() => ({}));
    if (state !== "measured" || !recording.patrol) continue;
    measured = true;
    await knowing.read();
    rebuild();
    drawSummary();
  }
}

outbox.on("sent", ({ entry, answer }) => {
  if (entry.kind === "end" && entry.id === recording.patrol?.ending) awaitMeasure();
  if (entry.kind === "report") {
    toast(interpolate(gettext("Reported: %(name)s"), { name: entry.name }), {
      action: pgettext("verb", "Open"),
      href: `/reports/${encodeURIComponent(answer.id)}/`,
    });
    knowing.read();
  }
  if (["report", "follow"].includes(entry.kind)) tellSame(outbox, entry, answer);
  tell();
});

let offered = null;
const timed = (known) => ({ ...known, started_at: Date.parse(known.started_at) });
const running = () => recording.elsewhere(knowing.bundle?.patrol);
const goOn = (known) => begin({ grid: known.grid, mode: known.mode, known: timed(known) });

/** Unless the panel to start one offers it. */
function offerRunning() {
  const known = running();
  if (!known || recording.patrol || offered === known.id || steps.shown === "begin") return;
  if (!page.grids.some(({ id }) => id === known.grid)) return;
  offered = known.id;
  toast(gettext("A patrol of yours is under way. Go on with it here?"), {
    action: gettext("Go on"),
    seconds: 0,
    onAction: () => goOn(known),
  });
}

outbox.on("conflict", async ({ entry, error }) => {
  if (entry.kind !== "patrol") return;
  const { patrol } = await get(page.bundle).catch(() => ({}));
  if (!patrol || patrol.id === entry.id) return toast(error.detail, { tone: "bad", seconds: 0 });
  return toast(gettext("An earlier patrol of yours was never ended."), {
    action: gettext("End it"),
    seconds: 0,
    async onAction() {
      const body = { at: entry.body.started_at };
      await outbox.add({ kind: "end", url: `/api/v1/patrols/${patrol.id}/end`, body, name: entry.name });
      await outbox.outcome(outbox.entries.at(-1)?.id);
      outbox.retry(entry.id);
    },
  });
});

// --- buttons ------------------------------------------------------------------------------------------------------

const consent = bindConsent({
  outbox,
  recording,
  person,
  database,
  onGiven: () => openBegin(),
});
const beginning = bindBegin({ page, running, goOn, begin });
function openBegin() {
  clearToasts();
  beginning.show();
  steps.open("begin");
}
bindTicks(root, { recording, outbox, progress: () => progress, draw });
bindLargeText($("large-text"));

filing = new Filing(map, page, {
  onOpen() {
    root.dataset.filing = "";
    clearToasts();
    fit();
  },
  onClose() {
    delete root.dataset.filing;
    fit();
  },
  async onSubmit({ instead, ...draft }) {
    await outbox.add(reportEntries(draft), { instead });
    recording.filed();
    if (!navigator.onLine)
      toast(interpolate(gettext("Kept until there is a network: %(name)s"), { name: draft.name }));
  },
});
const correct = async (entry) => filing.reopen(entry, await photosOf(outbox, entry.id));
outbox.on("refused", ({ entry, error }) => {
  if (entry.kind !== "report" || filing.isOpen || steps.shown)
    toast(error.detail, { tone: "bad", seconds: 10 });
  else correct(entry);
});
bindOutboxPanel($("outbox"), outbox, { onEdit: correct, now });

const DOES = {
  begin: () => (consent.given ? openBegin() : steps.open("consent")),
  report: () => filing.open("report", null),
  async nothing() {
    const said = !recording.patrol.nothing_at;
    await recording.nothing(said, gettext("Nothing found"));
    say();
    toast(said ? gettext("Noted: nothing found so far.") : gettext("Taken back."), { seconds: 4 });
  },
  end,
};
for (const button of document.querySelectorAll("#bar [data-does]"))
  button.addEventListener("click", () => DOES[button.dataset.does]());
$("summary").addEventListener("click", async ({ target }) => {
  const does = target.closest("[data-step-does]")?.dataset.stepDoes;
  if (does === "done") {
    await recording.forget();
    measured = false;
    steps.close();
    await knowing.read();
    rebuild();
  }
  if (does === "resume") {
    if (!(await recording.resume())) return toast(gettext("The end is sent already. Start a new patrol."));
    steps.close();
    follow();
    draw();
  }
  return undefined;
});

// --- staying true -------------------------------------------------------------------------------------------------

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") {
    recording.hidden = true;
    recording.keep();
    return;
  }
  recording.beat();
  follow();
  knowing.read();
});
window.addEventListener("pagehide", () => recording.keep());
window.addEventListener("online", () => knowing.read());
setInterval(() => {
  if (document.visibilityState === "visible" && !filing.isOpen) knowing.read();
}, REFRESH);

inset();
if (!view) map.fitPatch();
keepForLater({ boxes: page.grids.map(({ box }) => box), outbox });
await recording.load();
await consent.load();
await knowing.recall();
say();
knowing.read();
if (recording.active) follow();
else if (recording.patrol) {
  openSummary();
  awaitMeasure();
}
