/** Stepping through time: a slider over bars of what was found, and playing. */

import { Player, stepAt, stepsOf, usualStep } from "../../lib/heat-time.js";
import { gettext, interpolate } from "../../lib/i18n.js";
import { announce } from "../../ui/announce.js";
import { countWords } from "./top.js";

/** Days as they are read: one, or from … to …. */
export function daysWords(since, until) {
  return since === until ? since : interpolate(gettext("%(since)s – %(until)s"), { since, until });
}

/**
 * @param {HTMLElement} box
 * @param {{onStep: (step: {since: string, until: string, n: number}|null, next: object|null) => Promise<void>|void,
 *   onKind: (step: string) => void}} options `onStep` resolves when the step can be seen; null is the whole period;
 *   `onKind` when another length of steps was chosen
 */
export function timeSlider(box, { onStep, onKind }) {
  const part = (name) => box.querySelector(`#time-${name}`);
  const [play, range, words, kind, whole, bars] = ["play", "at", "words", "step", "whole", "bars"].map(part);
  let steps = [];
  let at = -1;

  const tell = () => {
    const step = steps[at];
    const text = step
      ? `${daysWords(step.since, step.until)} · ${countWords(step.n)}`
      : gettext("Whole period");
    words.textContent = text;
    range.setAttribute("aria-valuetext", text);
    whole.hidden = !step;
    drawBars(bars, steps, at);
    return text;
  };
  const show = (index) => {
    at = index;
    range.value = Math.max(0, index);
    tell();
    return onStep(steps[index] ?? null, steps[index + 1] ?? null);
  };
  const player = new Player({
    count: () => steps.length,
    at: () => at,
    show,
    onChange: (playing) => {
      play.setAttribute("aria-pressed", String(playing));
      play.textContent = playing ? "❚❚" : "▶";
      play.setAttribute("aria-label", playing ? gettext("Pause") : gettext("Play"));
      play.title = playing ? gettext("Pause") : gettext("Play");
      if (!playing && steps[at]) announce(words.textContent);
    },
  });
  player.options.onChange(false);
  play.addEventListener("click", () => (player.playing ? player.pause() : player.play()));
  const jump = (index) => {
    player.pause();
    show(index);
    announce(words.textContent);
  };
  range.addEventListener("input", () => jump(Number(range.value)));
  // While the whole period is shown the slider stands at its beginning: the first key shows the first step.
  range.addEventListener("keydown", (event) => {
    if (at >= 0 || !["ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    jump(event.key === "ArrowLeft" || event.key === "ArrowDown" ? steps.length - 1 : 0);
  });
  whole.addEventListener("click", () => {
    jump(-1);
    range.focus();
  });
  kind.addEventListener("change", () => {
    player.pause();
    onKind(kind.value);
  });
  new ResizeObserver(() => drawBars(bars, steps, at)).observe(bars);

  return {
    /** The step's length that is shown: what was asked for, or what suits the period. */
    kindFor: (asked, { since, until }) => asked || (since && until ? usualStep(since, until) : "month"),
    /**
     * @param {{since: string, until: string}} days
     * @param {string} step
     * @param {{start: string, n: number}[]} counted
     * @param {string} day of the step to show at first
     */
    show(days, step, counted, day = "") {
      player.pause();
      steps = stepsOf(days.since, days.until, step, counted);
      at = day ? stepAt(steps, day) : -1;
      kind.value = step;
      range.max = Math.max(0, steps.length - 1);
      range.value = Math.max(0, at);
      box.hidden = steps.length < 2;
      tell();
      return steps[at] ?? null;
    },
    hide() {
      player.pause();
      steps = [];
      at = -1;
      box.hidden = true;
    },
    get step() {
      return steps[at] ?? null;
    },
    /** The busiest step: what the classes of all steps are made from, so that they mean the same while playing. */
    get busiest() {
      return steps.reduce((most, step) => (step.n > (most?.n ?? 0) ? step : most), null);
    },
  };
}

function drawBars(canvas, steps, at) {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!width || !steps.length) return;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const most = Math.max(1, ...steps.map(({ n }) => n));
  // The thumb's middle runs from half of it to half of it before the end.
  const half = 8;
  const room = (width - 2 * half) / Math.max(1, steps.length - 1);
  const wide = Math.max(1, Math.min(18, room - 1));
  steps.forEach(({ n }, index) => {
    const high = n ? Math.max(2, (height * n) / most) : 0;
    context.fillStyle = style.getPropertyValue(index === at ? "--accent" : "--line-strong");
    context.fillRect(half + index * room - wide / 2, height - high, wide, high);
  });
}
