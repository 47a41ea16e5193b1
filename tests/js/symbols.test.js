import assert from "node:assert/strict";
import { test } from "node:test";
import {
  checkpointShape,
  countShape,
  postKey,
  postShape,
  problemKey,
  problemShape,
  reportKey,
  reportShape,
} from "../../maps/static/maps/js/lib/symbols.js";
import { checkpointSvg, legendSvg, reportSvg } from "../../maps/static/maps/js/lib/symbols-svg.js";

const NOW = 1_800_000_000;
const report = (extra) => ({
  glyph: "广",
  state: "dispatched",
  dispatched: NOW - 100,
  due: NOW + 300,
  ...extra,
});
/** What is left of a picture for somebody who sees no colour. */
const uncoloured = (shapes) =>
  JSON.stringify(
    shapes.map(({ fill, stroke, ...rest }) => ({ ...rest, filled: Boolean(fill), stroked: Boolean(stroke) })),
  );

const STATES = [
  "reported",
  "dispatched",
  "in_progress",
  "handled",
  "returned",
  "sent_back",
  "on_hold",
  "deferred",
];

test("states of a report differ without colour", () => {
  const pictures = STATES.map((state) => uncoloured(reportShape(report({ state }), NOW)));
  assert.equal(new Set(pictures).size, STATES.length);
});

test("statuses of a checkpoint differ without colour", () => {
  const pictures = ["clear", "deducted", "at_risk", "expired", "unknown"].map((status) =>
    uncoloured(checkpointShape({ status, points: 2 })),
  );
  assert.equal(new Set(pictures).size, 5);
});

test("a zero-deduction point differs from a plain one in every status", () => {
  for (const status of ["clear", "deducted", "at_risk", "expired", "unknown"])
    assert.notEqual(
      uncoloured(checkpointShape({ status, zero: true })),
      uncoloured(checkpointShape({ status, zero: false })),
    );
});

test("a late report is solid and has no wedge", () => {
  const late = reportShape(report({ due: NOW - 1 }), NOW);
  assert.ok(late.some(({ kind, r, fill }) => kind === "circle" && r === 15 && fill === "bad"));
  assert.ok(!late.some(({ fill }) => fill === "accent" || fill === "warn"));
});

test("a paused clock shows no wedge and is not late", () => {
  for (const state of ["on_hold", "deferred", "handled", "closed"]) {
    const shapes = reportShape(report({ state, late: true, due: NOW - 1 }), NOW);
    assert.ok(!shapes.some(({ fill }) => fill === "bad"), state);
  }
});

test("the last quarter of the time is told in amber", () => {
  assert.ok(reportShape(report({ due: NOW + 20 }), NOW).some(({ fill }) => fill === "warn"));
});

test("an unknown checkpoint is a dashed ring with a question mark, whatever the status is called", () => {
  for (const status of ["unknown", undefined, "brand-new"]) {
    const shapes = checkpointShape({ status });
    assert.ok(shapes.some(({ dash }) => dash));
    assert.ok(shapes.some(({ text }) => text === "?"));
  }
});

test("a deducted checkpoint without points shows a minus, not a made-up number", () => {
  assert.ok(!checkpointShape({ status: "deducted" }).some(({ kind }) => kind === "text"));
  assert.ok(checkpointShape({ status: "deducted", points: 0.5 }).some(({ text }) => text === "0.5"));
});

test("pictures with the same key look the same", () => {
  const [a, b] = [report({}), report({ due: NOW + 300.4 })];
  assert.equal(reportKey(a, NOW), reportKey(b, NOW));
  assert.deepEqual(reportShape(a, NOW), reportShape(b, NOW));
});

test("a count above ninety-nine stays short", () => {
  assert.equal(countShape(120).at(-1).text, "99+");
});

test("the list shows the same shapes, without style attributes", () => {
  const svg = reportSvg(report({ hazard: true }), { now: NOW });
  const shapes = reportShape(report({ hazard: true }), NOW);
  assert.equal((svg.match(/<(circle|path|text) /g) ?? []).length, shapes.length);
  assert.doesNotMatch(svg, /style=/);
  assert.match(svg, /aria-hidden="true"/);
});

test("text from outside cannot break out of the picture", () => {
  const svg = reportSvg(report({ glyph: "<" }), { now: NOW, title: '"><script>' });
  assert.doesNotMatch(svg, /<script|><</);
  assert.match(svg, /role="img" aria-label="&quot;&gt;&lt;script&gt;"/);
});

test("an unknown legend sample is an error, not an empty picture", () => {
  assert.match(legendSvg("grid-mine"), /<path /);
  assert.throws(() => legendSvg("nonsense"), RangeError);
  assert.match(checkpointSvg({ status: "clear" }), /s-accent/);
});

test("before dispatch the wedge shows the time left to dispatch", () => {
  const waiting = report({ state: "accepted", waiting: NOW - 300, dispatch_due: NOW + 100, due: undefined });
  const wedge = (shapes) =>
    shapes.find(({ kind, fill }) => kind === "path" && (fill === "accent" || fill === "warn"));
  assert.equal(wedge(reportShape(waiting, NOW)).fill, "warn");
  assert.ok(reportShape(waiting, NOW + 200).some(({ r, fill }) => r === 15 && fill === "bad"));
  const sent = { ...waiting, state: "dispatched", due: NOW + 300 };
  assert.equal(wedge(reportShape(sent, NOW)).fill, "accent");
  assert.notEqual(reportKey(waiting, NOW), reportKey({ ...waiting, dispatch_due: NOW + 900 }, NOW));
});

test("a post that lacks somebody, a full one and an idle one differ without colour, and by their keys", () => {
  const posts = [
    { state: "vacant", missing: 2, glyph: "岗" },
    { state: "filled", missing: 0, glyph: "岗" },
    { state: "idle", missing: 0, glyph: "岗" },
  ];
  const looks = posts.map((post) => JSON.stringify(uncoloured(postShape(post))));
  assert.equal(new Set(looks).size, 3);
  assert.ok(postShape(posts[0]).some(({ text }) => text === "-2"));
  assert.ok(postShape({ state: "vacant", missing: 12 }).some(({ text }) => text === "9+"));
  assert.equal(new Set([...posts, { ...posts[0], missing: 3 }].map(postKey)).size, 4);
});

test("a cell says how many problems are open, and where none is how many were solved, without its colour", () => {
  const cells = [
    { open: 3, closed: 12 },
    { open: 0, closed: 3 },
  ];
  const told = cells.map((cell) => problemShape(cell).find(({ kind }) => kind === "text").text);
  assert.deepEqual(told, ["3", "3"]);
  assert.equal(new Set(cells.map((cell) => uncoloured(problemShape(cell)))).size, 2);
  assert.ok(problemShape({ open: 1200, closed: 0 }).some(({ text }) => text === "1k"));
  assert.notEqual(problemKey({ open: 0, closed: 3 }), problemKey({ open: 3, closed: 0 }));
  assert.equal(problemKey({ open: 3, closed: 1 }), problemKey({ open: 3, closed: 9 }));
});
