/** The dispatch board: queue, map and the chosen report side by side; nothing on it loads a page. */

import { span } from "../lib/format.js";
import { gettext, interpolate, ngettext, pgettext } from "../lib/i18n.js";
import { Poll } from "../lib/poll.js";
import { arrivals, find, rowsOf, summary } from "../lib/queue.js";
import { moment, useZone } from "../lib/times.js";
import { parseView } from "../lib/view.js";
import { announce } from "../ui/announce.js";
import { element } from "../ui/element.js";
import { QueueList } from "../ui/queue-list.js";
import { ReportPanel } from "../ui/report-panel.js";
import { reportsMap } from "../ui/reports-map.js";
import { toast } from "../ui/toast.js";
import { isConflict, lastEventSentence, load, loadCandidates, send, undoOf, use } from "../ui/verbs.js";

const board = document.getElementById("board");
const settings = JSON.parse(document.getElementById("board-data").textContent);
const CALLING_TABS = ["waiting", "sent_back"]; // what comes here wants the dispatcher
const FRESH_MS = 8000;
const MOVING_MS = 120; // who runs down the queue does not want every report on the way
const PRESSING = 30 * 60; // seconds; what is due sooner stands out in the sentence on top

useZone(settings.zone);
let queue = settings;
let offset = settings.now - Date.now() / 1000;
let tab = board.dataset.tab;
let search = "";
let turn = 0;
let fresh = new Set();
const linkedView = parseView(location.hash);
let mapWasSeen = document.getElementById("map").clientWidth > 0;

const now = () => Date.now() / 1000 + offset;
const clockWords = (when) => moment(when, now());
const params = () => new URLSearchParams(location.search);

const list = new QueueList(document.getElementById("queue"), {
  onChoose: (id) => choose(id, { open: true }),
});
const panel = new ReportPanel(document.getElementById("panel"), {
  now,
  onNext: next,
  onVerb: useVerb,
  onClose: closePanel,
});
const map = reportsMap(document.getElementById("map"), {
  reports: queue.results,
  bounds: settings.bounds,
  tiles: {},
  now,
  onChoose: (id) => choose(id, { open: true, fromMap: true }),
});
const poll = new Poll(board.dataset.queueUrl, { etag: settings.etag, onData: took, onState: connection });

// --- queue --------------------------------------------------------------------------------------------------

function render() {
  const rows = rowsOf(queue, tab, search);
  list.show(rows, now(), fresh);
  for (const link of board.querySelectorAll("[data-tab]")) {
    const { tab: key } = link.dataset;
    if (key === tab) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    link.querySelector(".count").textContent = queue.counts[key];
    link.classList.toggle("calling", key === "sent_back" && queue.counts[key] > 0);
  }
  document.getElementById("queue-empty").hidden = rows.length > 0 || list.ids.length > 0;
  document.getElementById("queue-empty").replaceChildren(...emptyWords());
  const beyond = queue.counts[tab] - queue.results.filter((report) => report.tab === tab).length;
  const more = document.getElementById("queue-more");
  more.hidden = beyond <= 0 || Boolean(search);
  more.querySelector("[data-words]").textContent = interpolate(
    ngettext("%(count)s more, less urgent", "%(count)s more, less urgent", beyond),
    { count: beyond },
  );
  showNewAbove();
}

function emptyWords() {
  if (search) {
    const link = element(
      "a",
      { href: `/reports/?${new URLSearchParams({ q: search })}` },
      gettext("Search in all reports"),
    );
    return [element("b", {}, gettext("Nothing in this part of the queue matches.")), link];
  }
  const words = {
    waiting: gettext("New reports appear here by themselves."),
    sent_back: gettext("What a body or a volunteer returns to you appears here."),
    handling: gettext("Dispatch a report and it appears here with its clock."),
    verify: gettext("What was handled waits here for somebody else to verify it."),
    parked: gettext("What you put on hold or defer waits here for its day."),
  };
  return [element("b", {}, gettext("Nothing here now.")), words[tab]];
}

function headline() {
  const { waiting, late, left, sentBack } = summary(queue, now());
  const parts = [
    [
      waiting
        ? interpolate(gettext("%(count)s to dispatch"), { count: waiting })
        : gettext("Nothing waits for dispatch"),
      "",
    ],
  ];
  if (late)
    parts.push([
      interpolate(gettext("%(count)s late, the longest by %(span)s"), { count: late, span: span(left) }),
      "bad",
    ]);
  else if (left !== null)
    parts.push([
      interpolate(gettext("the most urgent has %(span)s left"), { span: span(left) }),
      left < PRESSING ? "bad" : "",
    ]);
  if (sentBack) parts.push([interpolate(gettext("%(count)s sent back"), { count: sentBack }), "warn"]);
  const nodes = parts.flatMap(([text, tone], index) => [
    index ? (index === 1 && left !== null ? pgettext("sentence", ", ") : pgettext("sentence", "; ")) : "",
    tone ? element(`b.${tone}`, {}, text) : text,
  ]);
  const title = document.getElementById("headline");
  const words = nodes.map((node) => node.textContent ?? node).join("");
  if (title.textContent.trim() !== words) title.replaceChildren(...nodes);
}

function showNewAbove() {
  const count = list.newAbove;
  const button = document.getElementById("queue-new");
  button.hidden = count === 0;
  button.textContent = interpolate(ngettext("%(count)s new above", "%(count)s new above", count), { count });
}

function setTab(key, { write = true } = {}) {
  if (key === tab) return;
  tab = key;
  board.dataset.tab = key;
  list.clear();
  render();
  if (write) writeAddress();
}

// --- what the server tells ----------------------------------------------------------------------------------

function took(latest) {
  const came = arrivals(queue, latest, CALLING_TABS);
  const gone = queue.results.filter(({ id }) => !find(latest, id)).map(({ id }) => id);
  const before = queue;
  queue = latest;
  offset = latest.now - Date.now() / 1000;
  noteArrivals(came);
  for (const id of list.ids) {
    const row = find(latest, id);
    if (!row) list.say(id, gettext("closed"));
    else if (row.tab !== tab) list.say(id, row.state_label);
  }
  render();
  headline();
  map.show(queue.results);
  if (gone.length || latest.results.length !== before.results.length) map.map.refresh("reports");
  const shown = panel.report;
  if (shown?.verbs && !panel.isBusy) {
    const row = find(latest, shown.id);
    if (row ? row.changed_at !== shown.changed_at : gone.includes(shown.id)) refreshPanel(shown);
  }
}

function noteArrivals(came) {
  if (!came.length) return;
  const ids = came.map(({ id }) => id);
  for (const id of ids) fresh.add(id);
  setTimeout(() => {
    fresh = new Set([...fresh].filter((id) => !ids.includes(id)));
    for (const row of board.querySelectorAll("li.fresh"))
      if (ids.includes(row.dataset.id)) row.classList.remove("fresh");
    showNewAbove();
  }, FRESH_MS);
  const [first] = came;
  const what = `${first.category.name}, ${first.place || first.number}`;
  announce(
    came.length === 1
      ? interpolate(gettext("New: %(what)s (%(state)s)"), { what, state: first.state_label })
      : interpolate(ngettext("%(count)s new report", "%(count)s new reports", came.length), {
          count: came.length,
        }),
  );
}

function connection(state) {
  const line = document.getElementById("board-state");
  line.classList.toggle("warn", state !== "live");
  if (state === "live") {
    showTime();
    announce(gettext("The connection is back."));
    return;
  }
  if (state === "offline") {
    const words = gettext("No connection; as of %(when)s. Trying again.");
    line.textContent = interpolate(words, { when: clockWords(queue.now * 1000) });
  } else {
    const address = `/accounts/login/?next=${encodeURIComponent(location.pathname)}`;
    line.replaceChildren(
      gettext("You are signed out."),
      " ",
      element("a", { href: address }, gettext("Sign in again")),
    );
  }
  announce(line.textContent);
}

function showTime() {
  const line = document.getElementById("board-state");
  if (line.classList.contains("warn")) return;
  line.textContent = [line.dataset.region, clockWords(now() * 1000)].filter(Boolean).join(" · ");
}

// --- the chosen report --------------------------------------------------------------------------------------

/** Chooses a report by a row, a symbol or an address; its tab comes with it. */
async function choose(id, { open = false, fromMap = false, focus = false, wait = 0 } = {}) {
  const row = find(queue, id);
  if (row && row.tab !== tab && !list.ids.includes(id)) setTab(row.tab, { write: false });
  list.choose(id, { focus });
  map.choose(id, fromMap ? null : row);
  writeAddress();
  if (open) openPanel();
  if (panel.report?.id !== id || !panel.report.verbs) panel.loading(row);
  const mine = ++turn;
  if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
  if (mine === turn) await showReport(id);
}

async function showReport(id, options = {}) {
  const mine = ++turn;
  // What is likely to be dispatched next asks for both at once.
  const asked = CALLING_TABS.includes(find(queue, id)?.tab) ? loadCandidates(id) : null;
  asked?.catch(() => {});
  try {
    const report = await load(id);
    if (mine !== turn) return;
    if (!find(queue, id)) map.choose(id, report);
    if (panel.show(report, options)) await showCandidates(report, asked);
  } catch (problem) {
    if (mine === turn) panel.fail(problem.detail ?? String(problem), () => choose(id));
  }
}

async function showCandidates(report, asked = null) {
  const list = panel.candidates;
  try {
    list.show(await (asked ?? loadCandidates(report.id)));
  } catch (problem) {
    list.fail(problem.detail ?? String(problem));
  }
}

/** The report on show changed without us: show it as it is now, and say what happened. */
async function refreshPanel(shown) {
  const mine = ++turn;
  try {
    const report = await load(shown.id);
    if (mine !== turn || panel.isBusy || report.changed_at === panel.report?.changed_at) return;
    const notice = lastEventSentence(report, clockWords);
    const candidatesAreNew = panel.show(report, { notice });
    announce(notice);
    if (candidatesAreNew) await showCandidates(report);
  } catch {
    // The poll comes round again.
  }
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
  const row = document.querySelector(".queue-row[aria-current]");
  (row ?? document.querySelector("a[data-tab][aria-current]"))?.focus();
}

window.addEventListener("popstate", (event) => {
  if (!event.state?.opened && board.classList.contains("opened")) panelClosed();
});

// --- verbs --------------------------------------------------------------------------------------------------

async function next({ verb, withHolder, offered }, holder) {
  const { report } = panel;
  if (!withHolder) return useVerb(offered);
  await attempt(report, async () => {
    if (verb === "dispatch") return finish("dispatch", await send(report, "dispatch", { holder }));
    const accepted = await send(report, "accept");
    try {
      return finish("dispatch", await send(accepted, "dispatch", { holder }));
    } catch (problem) {
      const words = gettext("It is accepted, but not dispatched: %(why)s");
      const notice = interpolate(words, { why: problem.detail ?? String(problem) });
      poll.ask();
      await showReport(report.id, { notice });
      toast(notice, { tone: "bad" });
      return null;
    }
  });
}

function useVerb(offered) {
  const { report } = panel;
  return attempt(report, async () => {
    const after = await use(report, offered);
    if (after) finish(offered.verb, after, offered.label);
  });
}

async function attempt(report, work) {
  if (panel.isBusy) return;
  panel.busy(true);
  try {
    await work();
  } catch (problem) {
    if (isConflict(problem)) await conflict(report, problem);
    else toast(problem.detail ?? String(problem), { tone: "bad", seconds: 10 });
  } finally {
    panel.busy(false);
  }
}

/** Somebody else was quicker: say so, say what they did, and show the report as it is now. */
async function conflict(report, problem) {
  poll.ask();
  try {
    const latest = await load(report.id);
    const notice = `${problem.detail} ${lastEventSentence(latest, clockWords)}`;
    if (panel.report?.id === report.id && panel.show(latest, { notice })) await showCandidates(latest);
    announce(notice);
  } catch {
    toast(problem.detail, { tone: "bad", seconds: 10 });
  }
}

function finish(verb, after, label = "") {
  list.say(after.id, after.lead ? `→ ${after.lead.name}` : after.state_label);
  if (panel.report?.id === after.id && panel.show(after)) showCandidates(after);
  poll.ask();
  const undo = undoOf(verb, after);
  const words =
    verb === "dispatch" && after.lead
      ? interpolate(gettext("Dispatched to %(name)s"), { name: after.lead.name })
      : `${label}: ${after.category.name}`;
  toast(
    words,
    undo ? { seconds: 10, action: gettext("Undo"), onAction: () => undoVerb(after, undo) } : { seconds: 6 },
  );
  return after;
}

async function undoVerb(report, { verb, values }) {
  await attempt(report, async () => {
    const after = await send(report, verb, values);
    poll.ask();
    await choose(after.id);
    announce(gettext("Undone"));
  });
}

// --- keyboard, address, time --------------------------------------------------------------------------------

const typing = (target) =>
  target.closest("input:not([type=radio]), textarea, select, dialog, [role=application]");
const move = (step) => {
  const id = list.neighbour(step);
  if (id) choose(id, { focus: true, wait: MOVING_MS });
};
const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  o: () => panel.next(),
  "/": () => document.getElementById("queue-search").focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && event.target.id === "queue-search") {
    event.target.value = "";
    searchFor("");
    event.target.blur();
    return;
  }
  if (event.key === "Escape" && board.classList.contains("opened")) return closePanel();
  if (event.key === "Enter" && event.target.matches(".queue-row")) {
    event.preventDefault();
    const { id } = event.target.closest("li").dataset;
    return choose(id, { open: true }).then(() => panel.focus());
  }
  if (typing(event.target)) return;
  if (/^[1-9]$/.test(event.key) && panel.candidates) {
    event.preventDefault();
    return panel.candidates.choose(Number(event.key) - 1);
  }
  const run = KEYS[event.key.toLowerCase()];
  if (!run) return;
  event.preventDefault();
  run();
});

function searchFor(text) {
  search = text.trim();
  list.clear();
  render();
}
document.getElementById("queue-search").addEventListener("input", (event) => searchFor(event.target.value));
document.getElementById("queue-search").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !list.ids.length) return;
  event.preventDefault();
  choose(list.ids[0], { focus: true });
});
document.getElementById("queue-new").addEventListener("click", () => list.toTop());
document.getElementById("queue-scroll").addEventListener("scroll", showNewAbove, { passive: true });
for (const link of board.querySelectorAll("[data-tab]"))
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    setTab(link.dataset.tab);
  });
for (const button of board.querySelectorAll("[data-view]"))
  button.addEventListener("click", () => {
    board.dataset.view = button.dataset.view;
    if (button.dataset.view === "map") mapSeen();
    for (const other of board.querySelectorAll("[data-view]"))
      other.setAttribute("aria-pressed", String(other === button));
  });

/** A map that was made while it was hidden had no size to fit anything into. */
function mapSeen() {
  map.map.resize();
  if (!mapWasSeen && settings.bounds && !linkedView) map.map.fitBounds(settings.bounds, { animate: false });
  mapWasSeen = true;
}

function writeAddress() {
  const query = params();
  query.set("tab", tab);
  if (list.chosen) query.set("report", list.chosen);
  history.replaceState(history.state, "", `?${query}${location.hash}`);
}

document.addEventListener("visibilitychange", () => poll.watch(!document.hidden));
window.addEventListener("online", () => poll.ask());
setInterval(() => {
  render();
  headline();
  showTime();
  panel.tick();
}, 30_000);

render();
headline();
showTime();
poll.start();
board.classList.add("ready");
const wanted = params().get("report");
if (wanted) choose(wanted, { open: true });
