/** The page of one report: its symbol, its place, and what this person may do with it. */

import { labelled } from "../lib/format.js";
import { gettext } from "../lib/i18n.js";
import { symbolOf } from "../lib/queue.js";
import { reportSvg } from "../lib/symbols-svg.js";
import { moment, useZone } from "../lib/times.js";
import { announce } from "../ui/announce.js";
import { refreshClocks } from "../ui/clocks.js";
import { element } from "../ui/element.js";
import { gallery, photoOutbox } from "../ui/gallery.js";
import { reportsMap } from "../ui/reports-map.js";
import { toast } from "../ui/toast.js";
import { isConflict, lastEventSentence, load, problemWords, send, undoOf, use } from "../ui/verbs.js";

let report = JSON.parse(document.getElementById("report-data").textContent);
const offset = report.now - Date.now() / 1000;
const now = () => Date.now() / 1000 + offset;
const clockWords = (when) => moment(when, now());
const page = document.getElementById("report");
const verbs = document.getElementById("report-verbs");
const MAIN_VERBS = [
  "approve_extension",
  "approve_deferral",
  "take",
  "accept",
  "dispatch",
  "approve",
  "start",
  "handle",
  "close",
  "resume",
];
/** Next steps of whoever deals with it: not the one thing to do for somebody who only could do them too. */
const OTHERS = new Set(["start", "handle"]);
/** The other answer to the same question: it stands beside the first. */
const OR = {
  approve_extension: "refuse_ask",
  approve_deferral: "refuse_ask",
  accept: "reject",
  approve: "refuse_approval",
  close: "return",
};
useZone(report.zone);

const map = reportsMap(document.getElementById("map"), {
  reports: [mapped()],
  now,
  deepLink: false,
  controls: { fit: false },
});

const outbox = photoOutbox((_photo, id) => id === report.id && refresh());

/** The photos that the server wrote are links; here they open large, and more can be added. */
function showPhotos() {
  const made = gallery(report, { outbox, heading: "h2", when: clockWords, onChange: refresh });
  document.getElementById("report-photos").replaceChildren(...(made ? [made] : []));
}

function mapped() {
  return { ...symbolOf(report), lon: report.lon, lat: report.lat };
}

function decorate() {
  const mark = document.getElementById("report-symbol");
  mark.innerHTML = reportSvg(symbolOf(report), { size: 44, now: now() });
  mark.dataset.drawn = "";
  const main = MAIN_VERBS.find(
    (verb) => report.verbs.some((row) => row.verb === verb) && (report.mine || !OTHERS.has(verb)),
  );
  const button = (row) =>
    element(
      row.verb === main ? "button.primary" : "button",
      { type: "button", dataset: { verb: row.verb }, onclick: () => useVerb(row) },
      row.label,
    );
  const first = [main, OR[main]].map((verb) => report.verbs.find((row) => row.verb === verb)).filter(Boolean);
  const others = report.verbs.filter((row) => !first.includes(row));
  verbs.replaceChildren(
    ...(first.length ? [element("div.report-next", {}, ...first.map(button))] : []),
    ...others.map(button),
  );
  verbs.classList.toggle("only-next", !others.length);
  verbs.hidden = !report.verbs.length;
  showPhotos();
  showAside();
}

/** What requests and tasks have beside other reports comes only with one of them. */
async function showAside() {
  if (report.kind === "problem") return;
  const { bindAside } = await import("../ui/report-aside.js");
  bindAside(report, { onChange: refresh, attempt });
}

/** What a chat group is told is made when somebody asks for it. */
function offerSharing() {
  const button = document.getElementById("report-share");
  button.hidden = false;
  button.addEventListener("click", async () => {
    const { openSharing } = await import("../ui/sharing.js");
    await openSharing(report.id);
  });
}

async function useVerb(offered) {
  await attempt(async () => {
    const after = await use(report, offered);
    if (after) await finish(offered.verb, after, offered.label);
  });
}

/** While a step is on its way its buttons do nothing, and are seen to. */
function busy(on) {
  for (const one of [verbs, ...verbs.querySelectorAll("button")]) {
    if (on) one.setAttribute("aria-busy", "true");
    else one.removeAttribute("aria-busy");
  }
}

async function attempt(work) {
  if (verbs.getAttribute("aria-busy")) return;
  busy(true);
  try {
    await work();
  } catch (problem) {
    if (isConflict(problem)) await conflict(problem);
    else toast(problemWords(problem), { tone: "bad", seconds: 10 });
  } finally {
    busy(false);
  }
}

async function finish(verb, after, label) {
  await refresh();
  const undo = undoOf(verb, after);
  const run = () =>
    attempt(async () => {
      await send(after, undo.verb, undo.values);
      await refresh();
      announce(gettext("Undone"));
    });
  toast(
    label === after.state_label ? label : labelled(label, after.state_label),
    undo ? { seconds: 10, action: gettext("Undo"), onAction: run } : {},
  );
}

async function conflict(problem) {
  const latest = await load(report.id).catch(() => null);
  await refresh();
  const notice = document.getElementById("report-notice");
  notice.textContent = [problem.detail, latest && lastEventSentence(latest, clockWords)]
    .filter(Boolean)
    .join(" ");
  notice.hidden = false;
}

/** The server writes the page's words; only the parts that can change are taken from its new answer. */
async function refresh() {
  const response = await fetch(page.dataset.url, { credentials: "same-origin" });
  if (!response.ok || response.redirected) return location.reload();
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const parts = [
    "report-state",
    "report-turn",
    "report-ask",
    "report-facts",
    "report-proposal",
    "report-aside",
    "report-events",
    "report-same",
  ];
  for (const id of parts) {
    const [here, there] = [document.getElementById(id), fresh.getElementById(id)];
    if (here && there) here.replaceWith(there);
  }
  report = JSON.parse(fresh.getElementById("report-data").textContent);
  document.getElementById("report-notice").hidden = true;
  const focused = document.activeElement?.closest("#report-verbs") !== null;
  decorate();
  if (focused) (verbs.querySelector("button") ?? page.querySelector("h1")).focus();
  map.show([mapped()]);
}

decorate();
offerSharing();
setInterval(() => refreshClocks(page, now()), 30_000);
