/**
 * Following a job on any page: maps/_job.html shows it, this keeps it up to date, lets it be cancelled, and calls back.
 */

import { post } from "../lib/api.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { Poll } from "../lib/poll.js";
import { announce } from "./announce.js";
import { toast } from "./toast.js";

const EVERY = 1500;
const RARELY = 15_000;
const OVER = new Set(["done", "failed", "cancelled"]);

/** What a state is called. */
export function stateLabel(state) {
  const labels = {
    waiting: gettext("waiting"),
    running: gettext("running"),
    done: gettext("done"),
    failed: gettext("failed"),
    cancelled: gettext("cancelled"),
  };
  return labels[state] ?? state;
}

/** What stands below the progress: why it stands still, or what it is at. */
export function stepText(job) {
  if (job.cancel_asked) return gettext("It stops at its next step.");
  if (job.state === "waiting") return gettext("It waits for its turn.");
  return job.step;
}

/** What is said to who does not see the page, once it is over. */
export function lastWord(job) {
  const words = { title: job.title, state: stateLabel(job.state), more: job.summary || job.error };
  return interpolate(words.more ? "%(title)s: %(state)s. %(more)s" : "%(title)s: %(state)s.", words);
}

/**
 * Follow a job until it is over.
 *
 * @param {HTMLElement} box what maps/_job.html made, `[data-job]`
 * @param {object} options
 * @param {(job: object) => void} [options.onEnd] once, when the job is over (not for one that was over at first)
 * @param {(job: object) => void} [options.onDone] the same, only when it was done as wanted
 * @returns {{stop(): void}} stops following; the job goes on
 */
export function follow(box, { onEnd = () => {}, onDone = () => {} } = {}) {
  if (OVER.has(box.dataset.state)) return { stop() {} };
  const address = box.dataset.job;
  const watch = () => poll.watch(!document.hidden);

  const stop = () => {
    poll.stop();
    document.removeEventListener("visibilitychange", watch);
  };
  const show = (job) => {
    if (OVER.has(box.dataset.state)) return;
    draw(box, job);
    if (!OVER.has(job.state)) return;
    stop();
    announce(lastWord(job));
    onEnd(job);
    if (job.state === "done") onDone(job);
  };
  const poll = new Poll(address, {
    every: EVERY,
    rarely: RARELY,
    onData: show,
    onState(state) {
      box.dataset.link = state;
      if (state === "offline") part(box, "step").textContent = gettext("No connection. The job goes on.");
      if (state === "signed-out")
        part(box, "step").textContent = gettext("You are signed out. The job goes on.");
    },
  });

  part(box, "cancel").addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.target.querySelector("button");
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    try {
      const job = await post(`${address}/cancel`);
      show(job);
      if (!OVER.has(job.state)) announce(stepText(job));
      keepFocus(box, button);
    } catch (problem) {
      // It may have ended a moment ago: the next answer shows it.
      if (problem.status !== 409) toast(problem.detail ?? String(problem), { tone: "bad", seconds: 10 });
    } finally {
      button.removeAttribute("aria-busy");
      poll.ask();
    }
  });
  document.addEventListener("visibilitychange", watch);
  watch();
  poll.start();
  return { stop };
}

const part = (box, name) => box.querySelector(`[data-${name}]`);

function draw(box, job) {
  const over = OVER.has(job.state);
  const running = job.state === "running";
  box.dataset.state = job.state;
  const label = part(box, "state-label");
  label.textContent = stateLabel(job.state);
  label.className = `pill ${{ done: "ok", failed: "bad" }[job.state] ?? "soft"}`;
  part(box, "progress").hidden = over;
  const bar = box.querySelector("progress");
  const percent = Math.round(job.share * 100);
  // Without a value the bar says that it is not known how far it is.
  if (running) bar.value = percent;
  else bar.removeAttribute("value");
  part(box, "percent").textContent = running ? `${percent}%` : "";
  const step = part(box, "step");
  step.hidden = over;
  step.textContent = stepText(job);
  fill(part(box, "summary"), job.summary);
  fill(part(box, "error"), job.error);
  const result = part(box, "result");
  result.hidden = !job.url;
  if (job.url) result.href = job.url;
  part(box, "cancel").hidden = over || job.cancel_asked;
}

function fill(node, text) {
  node.textContent = text;
  node.hidden = !text;
}

/** The button somebody just used goes away; the keyboard stays with the job. */
function keepFocus(box, button) {
  if (document.activeElement !== button && document.activeElement !== document.body) return;
  box.focus({ preventScroll: true });
}
