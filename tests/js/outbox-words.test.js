import assert from "node:assert/strict";
import { test } from "node:test";
import {
  editable,
  kindOf,
  serverWords,
  stateOf,
  summary,
  titleOf,
} from "../../maps/static/maps/js/lib/outbox-words.js";

const entry = (more = {}) => ({
  id: "a",
  kind: "report",
  state: "waiting",
  error: null,
  after: 0,
  needs: [],
  ...more,
});
const at = { now: 1000, entries: [] };

test("the line says how much, and the worst of it", () => {
  assert.deepEqual(summary([]), { text: "Everything is sent", detail: "", tone: "" });
  assert.deepEqual(summary([entry(), entry()]), {
    text: "2 not sent",
    detail: "kept on this device",
    tone: "warn",
  });
  assert.equal(summary([entry(), entry({ error: "No connection." })]).detail, "No connection.");
  assert.equal(summary([entry()], { share: 0.5 }).detail, "Sending…");
  assert.deepEqual(summary([entry()], { persistent: false }), {
    text: "1 not sent",
    detail: "this browser keeps nothing: leave the page open",
    tone: "bad",
  });
  const stuck = summary([entry({ state: "refused", error: "no" }), entry({ state: "conflict" })], {
    share: 0.5,
  });
  assert.deepEqual([stuck.detail, stuck.tone], ["2 need you", "bad"]);
});

test("each entry says how it stands", () => {
  assert.equal(stateOf(entry(), at), "Waits to be sent");
  assert.equal(stateOf(entry({ after: 2000 }), at), "Can still be undone");
  assert.equal(stateOf(entry({ state: "refused", error: "too far" }), at), "Not accepted: too far");
  assert.equal(stateOf(entry({ state: "conflict", error: "moved" }), at), "moved");
  assert.equal(
    stateOf(entry({ needs: ["b"] }), { now: 1000, entries: [entry({ id: "b" })] }),
    "Waits for what it belongs to",
  );
  assert.equal(stateOf(entry({ error: "No connection." }), at), "No connection. It is sent again by itself.");
});

test("what the server has is said of whatever it is", () => {
  assert.equal(serverWords(null), "");
  const report = { category: { name: "Litter" }, state: "closed", state_label: "Closed", place: "Gate" };
  assert.match(serverWords(report), /Litter.*Closed.*Gate/);
  assert.match(serverWords({ state: "active" }), /active/);
});

test("only what is written by hand can be corrected in the list", () => {
  const body = { id: "x", description: "a", lon: 1, reason: "" };
  assert.deepEqual(
    editable({ body }).map(([field]) => field),
    ["description", "reason"],
  );
  assert.deepEqual(editable({ body: null }), []);
  assert.equal(kindOf({ kind: "photo" }), "Photo");
  assert.equal(titleOf({ kind: "photo", name: "IMG_1.jpg", file: {} }), "Photo");
  assert.deepEqual([titleOf(entry({ name: "Litter" })), titleOf(entry())], ["Litter", "Report"]);
  assert.equal(kindOf({ kind: "something" }), "Entry");
});
