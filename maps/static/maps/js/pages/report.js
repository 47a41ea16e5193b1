/** The page of one report: its symbol, its place, and what this person may do with it. */

import { labelled } from "../lib/format.js";
import { gettext } from "../lib/i18n.js";
import { symbolOf } from "../lib/queue.js";
import { reportSvg } from "../lib/symbols-svg.js";
import { moment, useZone } from "../lib/times.js";
import { announce } from "../ui/announce.js";
import { refreshClocks } from "../ui/clocks.js";
import { element } from "../ui/element.js";
import { gallery, photoSender } from "../ui/gallery.js";
import { reportsMap } from "../ui/reports-map.js";
import { toast } from "../ui/toast.js";
import { isConflict, lastEventSentence, load, send, undoOf, use } from "../ui/verbs.js";

let report = JSON.parse(document.getElementById("report-data").textContent);
const offset = report.now - Date.now() / 1000;
const now = () => Date.now() / 1000 + offset;
const clockWords = (when) => moment(when, now());
const page = document.getElementById("report");
const verbs = document.getElementById("report-verbs");
const MAIN_VERBS = ["accept", "dispatch", "approve", "start", "handle", "close", "resume"];
useZone(report.zone);

const map = reportsMap(document.getElementById("map"), {
  reports: [mapped()],
  now,
  deepLink: false,
  controls: { fit: false },
});

const sender = photoSender((_photo, id) => id === report.id && refresh());

/** The photos that the server wrote are links; here they open large, and more can be added. */
function showPhotos() {
  const made = gallery(report, { sender, heading: "h2", when: clockWords, onChange: refresh });
  document.getElementById("report-photos").replaceChildren(...(made ? [made] : []));
}

function mapped() {
  return { ...symbolOf(report), lon: report.lon, lat: report.lat };
}

function decorate() {
  const mark = document.getElementById("report-symbol");
  mark.innerHTML = reportSvg(symbolOf(report), { size: 44, now: now() });
  mark.dataset.drawn = "";
  const main = MAIN_VERBS.find((verb) => report.verbs.some((row) => row.verb === verb));
  verbs.replaceChildren(
    ...report.verbs.map((row) =>
      element(
        row.verb === main ? "button.primary" : "button",
        { type: "button", dataset: { verb: row.verb }, onclick: () => useVerb(row) },
        row.label,
      ),
    ),
  );
  verbs.hidden = !report.verbs.length;
  showPhotos();
}

async function useVerb(offered) {
  await attempt(async () => {
    const after = await use(report, offered);
    if (after) await finish(offered.verb, after, offered.label);
  });
}

async function attempt(work) {
  if (verbs.getAttribute("aria-busy")) return;
  verbs.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (problem) {
    if (isConflict(problem)) await conflict(problem);
    else toast(problem.detail ?? String(problem), { tone: "bad", seconds: 10 });
  } finally {
    verbs.removeAttribute("aria-busy");
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
    labelled(label, after.state_label),
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
  for (const id of ["report-state", "report-holder", "report-events", "report-spans"]) {
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
setInterval(() => refreshClocks(page, now()), 30_000);
