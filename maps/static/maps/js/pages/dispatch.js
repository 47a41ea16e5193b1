/** The dispatch board: queue, map and the chosen report side by side; nothing on it loads a page. */

import { gettext } from "../lib/i18n.js";
import { Poll } from "../lib/poll.js";
import { arrivals, find, rowsOf } from "../lib/queue.js";
import { merged, sinceAddress } from "../lib/queue-changes.js";
import { moment, useZone } from "../lib/times.js";
import { parseView } from "../lib/view.js";
import { announce } from "../ui/announce.js";
import { photoOutbox } from "../ui/gallery.js";
import { mapSearch } from "../ui/map-search.js";
import { QueueList } from "../ui/queue-list.js";
import { ReportPanel } from "../ui/report-panel.js";
import { reportsMap } from "../ui/reports-map.js";
import { lastEventSentence, load, loadCandidates } from "../ui/verbs.js";
import { acts } from "./dispatch/acts.js";
import { bindKeys } from "./dispatch/keys.js";
import { lookingOf, lookingWords } from "./dispatch/looking.js";
import { patrolsOnBoard } from "./dispatch/patrols.js";
import { statusLine } from "./dispatch/status.js";
import { aboveWords, arrivalWords, beyondWords, emptyWords, headline } from "./dispatch/words.js";

const CALLING_TABS = ["waiting", "sent_back"]; // what comes here wants the dispatcher
const FRESH_MS = 8000;
const MOVING_MS = 120; // who runs down the queue does not want every report on the way
const TICK_MS = 30_000;

const by = (id) => document.getElementById(id);
const board = by("board");
const tabs = [...board.querySelectorAll("a[data-tab]")];
const field = by("queue-search");
const settings = JSON.parse(by("board-data").textContent);
useZone(settings.zone);

let queue = settings;
let { patrolling } = settings;
let offset = settings.now - Date.now() / 1000;
let { tab } = board.dataset;
let search = "";
let fresh = new Set();
let turn = 0; // which request for the panel is the latest

const now = () => Date.now() / 1000 + offset;
const clockWords = (when) => moment(when, now());

const list = new QueueList(by("queue"), { onChoose: (id) => choose(id, { open: true }) });
const panel = new ReportPanel(by("panel"), {
  now,
  onNext: (step, holder) => act.next(step, holder),
  onVerb: (offered) => act.use(offered),
  onClose: closePanel,
  outbox: photoOutbox((_photo, id) => photosChanged(id)),
  onPhotos: photosChanged,
});
const act = acts({
  panel,
  show: showInPanel,
  moved: (report) => list.say(report.id, report.lead ? `→ ${report.lead.name}` : report.state_label),
  ask: () => poll.ask(),
  choose,
  idle: keepPanelFresh,
  clockWords,
});
const linkedView = parseView(location.hash);
let mapWasSeen = by("map").clientWidth > 0;
const map = reportsMap(by("map"), {
  reports: queue.results,
  bounds: settings.bounds,
  tiles: {},
  now,
  onChoose: (id) => choose(id, { open: true, fromMap: true }),
});
mapSearch(by("map-search"), map.map);
const status = statusLine(by("board-state"), {
  time: () => clockWords(now() * 1000),
  heard: () => clockWords(queue.now * 1000),
});
let looking = {};
const poll = new Poll(() => sinceAddress(board.dataset.queueUrl, queue), {
  etag: settings.etag,
  onData: took,
  onState: status.connection,
  also: () => (panel.report && !document.hidden ? { "Looking-At": panel.report.id } : {}),
  onAnswer(headers) {
    looking = lookingOf(headers);
    panel.tellOf(lookingWords(looking[panel.report?.id]));
  },
});

const patrols = patrolsOnBoard(board.dataset.patrolsUrl, {
  map: map.map,
  now,
  onCount(count) {
    patrolling = count;
    by("headline").replaceChildren(...headline(queue, now(), patrolling));
  },
});

// --- queue --------------------------------------------------------------------------------------------------

function render() {
  const rows = rowsOf(queue, tab, search);
  list.show(rows, now(), fresh);
  for (const link of tabs) {
    const { tab: key } = link.dataset;
    if (key === tab) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    link.querySelector(".count").textContent = queue.counts[key];
    link.classList.toggle("calling", key === "sent_back" && queue.counts[key] > 0);
  }
  by("queue-empty").hidden = rows.length > 0 || list.ids.length > 0;
  by("queue-empty").replaceChildren(...emptyWords(tab, search));
  const beyond = queue.counts[tab] - queue.results.filter((report) => report.tab === tab).length;
  by("queue-more").hidden = beyond <= 0 || Boolean(search);
  by("queue-more").querySelector("[data-words]").textContent = beyondWords(beyond);
  by("headline").replaceChildren(...headline(queue, now(), patrolling));
  showNewAbove();
}

function showNewAbove() {
  const count = list.newAbove;
  by("queue-new").hidden = count === 0;
  by("queue-new").textContent = aboveWords(count);
}

function setTab(key) {
  if (key === tab) return;
  tab = board.dataset.tab = key;
  list.clear();
  render();
  writeAddress();
}

function searchFor(text) {
  search = text.trim();
  list.clear();
  render();
}

// --- what the server tells ----------------------------------------------------------------------------------

function took(answer) {
  const latest = merged(queue, answer);
  if (!latest) {
    // What changed does not tell what comes next below: the whole says it.
    queue = { ...queue, cursor: "" };
    poll.forget();
    poll.ask();
    return;
  }
  const came = arrivals(queue, latest, CALLING_TABS);
  const gone = queue.results.some(({ id }) => !find(latest, id));
  queue = latest;
  offset = latest.now - Date.now() / 1000;
  if (came.length) noteArrivals(came);
  for (const id of list.ids) {
    const row = find(latest, id);
    if (!row) list.say(id, gettext("closed"));
    else if (row.tab !== tab) list.say(id, row.state_label);
  }
  render();
  map.show(queue.results);
  if (gone) map.map.refresh("reports");
  keepPanelFresh();
}

function noteArrivals(came) {
  const ids = new Set(came.map(({ id }) => id));
  fresh = new Set([...fresh, ...ids]);
  setTimeout(() => {
    fresh = new Set([...fresh].filter((id) => !ids.has(id)));
    list.unmark(ids);
    showNewAbove();
  }, FRESH_MS);
  announce(arrivalWords(came));
}

/** The report on show changed without us: show it as it is now, and say what happened. */
async function keepPanelFresh() {
  const shown = panel.report;
  if (!shown?.verbs || panel.isBusy) return;
  const row = find(queue, shown.id);
  if (row ? row.changed_at <= shown.changed_at : !panel.wasQueued) return;
  const mine = ++turn;
  const report = await load(shown.id).catch(() => null); // the poll comes round again
  if (!report || mine !== turn || panel.isBusy) return;
  panel.wasQueued = Boolean(row);
  if (report.changed_at === shown.changed_at) return;
  const notice = lastEventSentence(report, clockWords);
  announce(notice);
  await showInPanel(report, { notice });
}

// --- the chosen report --------------------------------------------------------------------------------------

/** A photo came or went: nothing else of the report did. */
async function photosChanged(id) {
  const report = await load(id).catch(() => null);
  if (report && panel.report?.id === id && !panel.isBusy) await showInPanel(report);
}

/** Chooses a report by a row, a symbol or an address; its tab comes with it. */
async function choose(id, { open = false, fromMap = false, focus = false, wait = 0 } = {}) {
  const row = find(queue, id);
  if (row && row.tab !== tab && !list.ids.includes(id)) setTab(row.tab);
  list.choose(id, { focus });
  map.choose(id, fromMap ? null : row);
  writeAddress();
  if (open) openPanel();
  if (panel.report?.id !== id || !panel.report.verbs) panel.loading(row);
  const mine = ++turn;
  if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
  if (mine === turn) await readReport(id, row);
}

async function readReport(id, row) {
  const mine = ++turn;
  // What is likely to be dispatched next asks for both at once.
  const candidates = CALLING_TABS.includes(row?.tab) ? loadCandidates(id) : null;
  candidates?.catch(() => {});
  try {
    const report = await load(id);
    if (mine !== turn) return;
    if (!row) map.choose(id, report);
    panel.wasQueued = Boolean(row);
    await showInPanel(report, { candidates });
  } catch (problem) {
    if (mine === turn) panel.fail(problem.detail ?? String(problem), () => choose(id));
  }
}

async function showInPanel(report, { notice = "", candidates = null } = {}) {
  const anew = panel.show(report, { notice });
  showCallsOf(report);
  showAsideOf(report);
  panel.tellOf(lookingWords(looking[report.id]));
  if (!anew) return;
  const rows = panel.candidates;
  try {
    rows.show(await (candidates ?? loadCandidates(report.id)));
  } catch (problem) {
    rows.fail(problem.detail ?? String(problem));
  }
}

/** What requests and tasks have beside other reports comes only with one of them. */
async function showAsideOf(report) {
  const slot = panel.aside;
  if (report.kind === "problem") return;
  const { showAside } = await import("./dispatch/aside.js");
  if (panel.aside === slot) showAside(slot, report, { onChange: () => photosChanged(report.id) });
}

/** Who is asked to go; what it takes comes with the first report that volunteers may be asked for. */
async function showCallsOf(report) {
  const slot = panel.calls;
  if (report.category.acts !== "volunteer") return;
  const { concerns, showCalls } = await import("./dispatch/calling.js");
  if (!concerns(report) || panel.calls !== slot) return;
  const changed = () => {
    poll.ask();
    photosChanged(report.id);
  };
  await showCalls(slot, report, { now, changed, panel });
}

const covers = matchMedia("(max-width: 1099px)"); // the panel lies over everything else: Back takes it away

function openPanel() {
  if (board.classList.contains("opened")) return;
  board.classList.add("opened");
  if (covers.matches && !history.state?.opened) history.pushState({ opened: true }, "");
}

function closePanel() {
  if (covers.matches && history.state?.opened) history.back();
  else panelClosed();
}

function panelClosed() {
  board.classList.remove("opened");
  (board.querySelector(".queue-row[aria-current]") ?? tabs[0]).focus();
}

// --- keyboard, address, time --------------------------------------------------------------------------------

function writeAddress() {
  const query = new URLSearchParams(location.search);
  query.set("tab", tab);
  if (list.chosen) query.set("report", list.chosen);
  history.replaceState(history.state, "", `?${query}${location.hash}`);
}

bindKeys({
  move(step) {
    const id = list.neighbour(step);
    if (id) choose(id, { focus: true, wait: MOVING_MS });
  },
  next: () => panel.next(),
  merge: () => by("panel").querySelector("[data-verb=mark_duplicate]")?.click(),
  enter: () => location.assign("/dispatch/new/"),
  pick(place) {
    panel.candidates?.choose(place);
    return panel.candidates !== null;
  },
  open: (id) => choose(id, { open: true }).then(() => panel.focus()),
  close() {
    if (document.activeElement === field) {
      field.value = "";
      searchFor("");
      field.blur();
    } else if (board.classList.contains("opened")) closePanel();
    else return false;
    return true;
  },
  find: () => field.focus(),
});

/** Every look at somebody is noted: nobody is looked at while the map is not to be seen. */
function watchPatrols() {
  patrols.watch(!document.hidden && by("map").clientWidth > 0);
}

/** A map that was made while it was hidden had no size to fit anything into. */
function view(kind) {
  board.dataset.view = kind;
  for (const button of board.querySelectorAll("button[data-view]"))
    button.setAttribute("aria-pressed", String(button.dataset.view === kind));
  watchPatrols();
  if (kind !== "map") return;
  map.map.resize();
  if (!mapWasSeen && settings.bounds && !linkedView) map.map.fitBounds(settings.bounds, { animate: false });
  mapWasSeen = true;
}

field.addEventListener("input", () => searchFor(field.value));
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !list.ids.length) return;
  event.preventDefault();
  choose(list.ids[0], { focus: true });
});
by("queue-new").addEventListener("click", () => list.toTop());
by("queue-scroll").addEventListener("scroll", showNewAbove, { passive: true });
for (const button of board.querySelectorAll("button[data-view]"))
  button.addEventListener("click", () => view(button.dataset.view));
for (const link of tabs)
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    setTab(link.dataset.tab);
  });
window.addEventListener("popstate", (event) => {
  if (!event.state?.opened && board.classList.contains("opened")) panelClosed();
});
document.addEventListener("visibilitychange", () => {
  poll.watch(!document.hidden);
  watchPatrols();
});
covers.addEventListener("change", watchPatrols);
window.addEventListener("online", () => poll.ask());
setInterval(() => {
  render();
  status.tick();
  panel.tick();
  patrols.tick();
}, TICK_MS);

render();
status.tick();
poll.start();
watchPatrols();
board.classList.add("ready");
const wanted = new URLSearchParams(location.search).get("report");
if (wanted) choose(wanted, { open: true });
