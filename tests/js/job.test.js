import assert from "node:assert/strict";
import { test } from "node:test";
import { lastWord, stateLabel, stepText } from "../../maps/static/maps/js/ui/job.js";

const running = {
  title: "Export",
  state: "running",
  step: "Row 7",
  cancel_asked: false,
  summary: "",
  error: "",
};

test("a running job says what it is at", () => {
  assert.equal(stepText(running), "Row 7");
});

test("a job that was asked to stop says so, whatever it is at", () => {
  assert.equal(stepText({ ...running, cancel_asked: true }), "It stops at its next step.");
});

test("a waiting job says that it waits", () => {
  assert.equal(stepText({ ...running, state: "waiting", step: "" }), "It waits for its turn.");
});

test("the last word holds what came of it, or why it failed", () => {
  assert.equal(lastWord({ ...running, state: "done", summary: "3 rows." }), "Export: done. 3 rows.");
  assert.equal(
    lastWord({ ...running, state: "failed", error: "Row 7 has no name." }),
    "Export: failed. Row 7 has no name.",
  );
  assert.equal(lastWord({ ...running, state: "cancelled" }), "Export: cancelled.");
});

test("a state that this page does not know yet is shown by its name", () => {
  assert.equal(stateLabel("paused"), "paused");
});
