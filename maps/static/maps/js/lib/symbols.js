/**
 * The map's symbols as plain shapes around 0,0 in px, drawn alike on canvas (js/map/symbols.js) and as SVG
 * (symbols-svg.js). Colours are the names of tokens. No meaning hangs on colour alone:
 *
 * - checkpoint: clear = ring with tick, deducted = solid disc with the points, at risk = triangle,
 *   unknown = dashed ring with "?", expired = broken ring with a faint tick; a zero-deduction point has an outer ring;
 * - post: square; somebody missing = solid with how many, all places taken = thick edge, nobody wanted today = dashed;
 * - report: character of its category in a disc, clock wedge for the time left, solid when late; the state is told by
 *   the ring's dash and a badge; the wedge is thin while the report waits for a hand, thick once one has it.
 *
 * @typedef {{kind: "circle", x: number, y: number, r: number, fill?: string, stroke?: string, width?: number, dash?: number[]}
 *   | {kind: "path", d: string, fill?: string, stroke?: string, width?: number, dash?: number[]}
 *   | {kind: "text", x: number, y: number, text: string, size: number, fill: string}} Shape
 */

import { quantise, share, wedgePath } from "./wedge.js";

export const REPORT_RADIUS = 15;
export const CHECKPOINT_RADIUS = 13;
export const POST_RADIUS = 13;
export const PROBLEM_RADIUS = 17;

const circle = (r, style, x = 0, y = 0) => ({ kind: "circle", x, y, r, ...style });
const path = (d, style) => ({ kind: "path", d, ...style });
const text = (value, size, fill, x = 0, y = 0) => ({ kind: "text", x, y, text: String(value), size, fill });

const TICK = "M-5.2 .4L-1.6 4L5.4 -4";
const TRIANGLE = "M0 -14.5L15 11.5H-15Z";

const BADGE = { x: 11, y: 11, r: 7.5 };
/** Drawn inside the badge, at 11,11. */
const MARKS = {
  tick: "M7.6 11.2L10.2 13.8L14.6 8.4",
  pause: "M9.2 8.2V13.8M12.8 8.2V13.8",
  later: "M7.8 11H7.81M11 11H11.01M14.2 11H14.21",
  back: "M14.4 11H8M10.6 8.2L7.8 11L10.6 13.8",
  again: "M14.3 9.6A3.6 3.6 0 1 0 14.6 11.6M14.6 7.4V10H12",
  cross: "M8.6 8.6L13.4 13.4M13.4 8.6L8.6 13.4",
};

/** Ring and badge of every state of a report; what is missing here is drawn like `reported`. */
const STATES = {
  reported: { width: 1.6, ring: "soft", clock: true },
  accepted: { width: 1.6, ring: "soft", clock: true },
  awaiting_approval: { width: 1.6, ring: "soft", clock: true },
  dispatched: { width: 1.6, ring: "soft", clock: true },
  in_progress: { width: 2.6, ring: "ink", clock: true },
  handled: { width: 1.8, ring: "accent", badge: "tick", tone: "accent" },
  returned: { width: 1.6, ring: "soft", clock: true, badge: "again", tone: "warn" },
  sent_back: { width: 1.6, ring: "soft", clock: true, badge: "back", tone: "warn" },
  reopened: { width: 1.6, ring: "soft", clock: true, badge: "again", tone: "ink" },
  on_hold: { width: 2, ring: "soft", dash: [6, 3.4], badge: "pause", tone: "soft" },
  deferred: { width: 2, ring: "soft", dash: [1.6, 3.1], badge: "later", tone: "soft" },
  closed: { width: 1.2, ring: "line", quiet: true, badge: "tick", tone: "soft" },
  rejected: { width: 1.2, ring: "line", quiet: true, badge: "cross", tone: "soft" },
  duplicate: { width: 1.2, ring: "line", quiet: true, badge: "cross", tone: "soft" },
  withdrawn: { width: 1.2, ring: "line", quiet: true, badge: "cross", tone: "soft" },
};
const STOPPED = new Set(["handled", "closed", "rejected", "duplicate", "withdrawn", "on_hold", "deferred"]);

/** In these states the first clock runs: somebody waits for the report to be given to a hand. */
const WAITING = new Set(["reported", "accepted", "awaiting_approval", "sent_back", "reopened"]);

/** Start and end of the clock that runs, in epoch seconds. */
function clockOf({ state, waiting, dispatch_due: dispatchDue, dispatched, due }) {
  return WAITING.has(state) && Number.isFinite(dispatchDue) ? [waiting, dispatchDue] : [dispatched, due];
}

function badge(mark, tone) {
  return [
    circle(BADGE.r + 1.6, { fill: "map-halo" }, BADGE.x, BADGE.y),
    circle(BADGE.r, { fill: "card", stroke: tone, width: 1.5 }, BADGE.x, BADGE.y),
    path(MARKS[mark], { stroke: tone, width: mark === "later" ? 2.2 : 1.9 }),
  ];
}

const HAZARD = [
  path("M11.5 -20L20 -5.4H3Z", { fill: "map-halo", stroke: "map-halo", width: 3.5 }),
  path("M11.5 -18.6L18.4 -6.6H4.6Z", { fill: "warn", stroke: "warn", width: 2 }),
  path("M11.5 -15V-11M11.5 -8.2V-8.1", { stroke: "warn-ink", width: 1.9 }),
];

/**
 * @param {{glyph?: string, state?: string, late?: boolean, waiting?: number, dispatch_due?: number, dispatched?: number,
 *   due?: number, hazard?: boolean}} report times in epoch seconds: `waiting` to `dispatch_due` is the clock until
 *   dispatch, `dispatched` to `due` the one after it
 * @param {number} now epoch seconds
 * @returns {Shape[]} a disc of 15 px and its badges, within ±22 px
 */
export function reportShape(report, now) {
  const state = STATES[report.state] ?? STATES.reported;
  const running = !STOPPED.has(report.state);
  const [start, due] = clockOf(report);
  const late = running && (report.late === true || (Number.isFinite(due) && due <= now));
  const shapes = [circle(REPORT_RADIUS + 2, { fill: "map-halo" })];
  if (late) {
    shapes.push(circle(REPORT_RADIUS, { fill: "bad" }));
    if (state.width > 2) shapes.push(circle(REPORT_RADIUS - 2.6, { stroke: "bad-ink", width: 1.2 }));
  } else {
    const left = state.clock ? share(start, due, now) : null;
    shapes.push(
      circle(REPORT_RADIUS - state.width / 2, {
        fill: "card",
        stroke: state.ring,
        width: state.width,
        dash: state.dash,
      }),
    );
    if (left !== null) {
      const outer = REPORT_RADIUS - state.width;
      shapes.push(
        path(wedgePath(quantise(left), outer, outer - (WAITING.has(report.state) ? 2.2 : 4)), {
          fill: left <= 0.25 ? "warn" : "accent",
        }),
      );
    }
  }
  const ink = late ? "bad-ink" : state.quiet ? "soft" : "ink";
  if (report.glyph) shapes.push(text([...report.glyph][0], 13, ink));
  if (state.badge) shapes.push(...badge(state.badge, state.tone));
  if (report.hazard) shapes.push(...HAZARD);
  return shapes;
}

/** What the drawing of a report depends on; equal keys, equal pictures. */
export function reportKey(report, now) {
  const left = share(...clockOf(report), now);
  const wedge = left === null ? "-" : Math.round(quantise(left) * 48);
  return `r|${report.glyph}|${report.state}|${report.late === true}|${wedge}|${report.hazard === true}`;
}

/**
 * @param {{status?: string, zero?: boolean, points?: number, glyph?: string}} checkpoint
 * @returns {Shape[]} a symbol of 13 px radius, within ±19 px
 */
export function checkpointShape(checkpoint) {
  const shapes = [];
  const outer = checkpoint.zero === true && checkpoint.status !== "at_risk";
  if (outer) {
    shapes.push(circle(18.4, { fill: "map-halo" }));
    shapes.push(circle(16.8, { stroke: checkpoint.status === "deducted" ? "bad" : "soft", width: 1.2 }));
  }
  switch (checkpoint.status) {
    case "clear":
      shapes.push(circle(CHECKPOINT_RADIUS + 2, { fill: "map-halo" }));
      shapes.push(circle(CHECKPOINT_RADIUS - 1.6, { fill: "card", stroke: "accent", width: 3.2 }));
      shapes.push(path(TICK, { stroke: "accent", width: 2.8 }));
      break;
    case "deducted":
      shapes.push(
        circle(CHECKPOINT_RADIUS + 2, { fill: "map-halo" }),
        circle(CHECKPOINT_RADIUS, { fill: "bad" }),
      );
      if (Number.isFinite(checkpoint.points)) shapes.push(text(checkpoint.points, 14, "bad-ink"));
      else shapes.push(path("M-5 0H5", { stroke: "bad-ink", width: 3 }));
      break;
    case "at_risk":
      shapes.push(path(TRIANGLE, { fill: "map-halo", stroke: "map-halo", width: 6 }));
      shapes.push(path(TRIANGLE, { fill: "warn", stroke: "warn", width: 2 }));
      shapes.push(path("M0 -6.2V2.2M0 6.9V7", { stroke: "warn-ink", width: 2.8 }));
      if (checkpoint.zero === true) shapes.push(path("M-9 16.6H9", { stroke: "warn", width: 2 }));
      break;
    case "expired":
      shapes.push(circle(CHECKPOINT_RADIUS + 2, { fill: "map-halo" }));
      shapes.push(
        circle(CHECKPOINT_RADIUS - 1.2, { fill: "card", stroke: "soft", width: 2.4, dash: [13, 5.5] }),
      );
      shapes.push(path(TICK, { stroke: "soft", width: 2.2 }));
      break;
    default:
      shapes.push(circle(CHECKPOINT_RADIUS + 2, { fill: "map-halo" }));
      shapes.push(
        circle(CHECKPOINT_RADIUS - 1.2, { fill: "card", stroke: "soft", width: 2.4, dash: [3.4, 3.4] }),
      );
      shapes.push(text("?", 15, "soft"));
  }
  return shapes;
}

export function checkpointKey({ status, zero, points }) {
  return `c|${status}|${zero === true}|${points ?? ""}`;
}

const SQUARE = "M-11 -12H11A1 1 0 0 1 12 -11V11A1 1 0 0 1 11 12H-11A1 1 0 0 1 -12 11V-11A1 1 0 0 1 -11 -12Z";

/**
 * @param {{state?: "vacant"|"filled"|"idle", missing?: number, glyph?: string}} post `missing` people today
 * @returns {Shape[]} a square of 24 px
 */
export function postShape({ state, missing, glyph = "" }) {
  const halo = path(SQUARE, { fill: "map-halo", stroke: "map-halo", width: 4 });
  if (state === "vacant")
    return [
      halo,
      path(SQUARE, { fill: "warn", stroke: "warn", width: 2 }),
      text(missing > 9 ? "9+" : `-${missing}`, 13, "warn-ink"),
    ];
  if (state === "filled")
    return [halo, path(SQUARE, { fill: "card", stroke: "accent", width: 3 }), text(glyph, 13, "accent")];
  return [
    halo,
    path(SQUARE, { fill: "card", stroke: "soft", width: 2, dash: [4, 3] }),
    text(glyph, 13, "soft"),
  ];
}

export const postKey = ({ state, missing, glyph }) => `p|${state}|${missing ?? 0}|${glyph ?? ""}`;

/** How many symbols lie in a stack. */
export function countShape(count) {
  const label = count > 99 ? "99+" : String(count);
  const width = 8 + label.length * 6.5;
  const x = 12;
  const y = -12;
  const half = width / 2 - 8;
  const pill = `M${x - half} ${y - 8}H${x + half}A8 8 0 0 1 ${x + half} ${y + 8}H${x - half}A8 8 0 0 1 ${x - half} ${y - 8}Z`;
  return [
    path(pill, { fill: "ink", stroke: "map-halo", width: 2 }),
    path(pill, { fill: "ink" }),
    text(label, 11.5, "card", x, y),
  ];
}

/** The edges of the symbols underneath in a stack. */
export function stackShape(radius) {
  return [circle(radius + 2, { fill: "card", stroke: "soft", width: 1.2 }, 3.5, 3.5)];
}

const short = (count) => (count > 999 ? `${Math.floor(count / 1000)}k` : String(count));

/**
 * Problems of a cell: solid with how many are open; where none is, a ring with how many were solved and a tick.
 *
 * @param {{open: number, closed: number}} problems
 * @returns {Shape[]} a disc of 17 px, within ±20 px
 */
export function problemShape({ open, closed }) {
  const halo = circle(PROBLEM_RADIUS + 2, { fill: "map-halo" });
  if (open) return [halo, circle(PROBLEM_RADIUS, { fill: "accent" }), text(short(open), 14, "accent-ink")];
  return [
    halo,
    circle(PROBLEM_RADIUS - 0.8, { fill: "card", stroke: "soft", width: 1.6 }),
    text(short(closed), 13, "soft"),
    ...badge("tick", "soft"),
  ];
}

/** What the drawing of a cell depends on. */
export const problemKey = ({ open, closed }) => `q|${open}|${open ? 0 : closed}`;
