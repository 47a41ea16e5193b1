import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../../maps/static/maps/js/lib/emitter.js";

test("handlers hear their event and no other, until they are taken off", () => {
  const emitter = new Emitter();
  const heard = [];
  const off = emitter.on("view", (detail) => heard.push(detail));
  emitter.emit("view", 1);
  emitter.emit("tiles", 2);
  off();
  emitter.emit("view", 3);
  assert.deepEqual(heard, [1]);
});

test("a handler may take itself off while it is called", () => {
  const emitter = new Emitter();
  let calls = 0;
  const off = emitter.on("tiles", () => {
    calls += 1;
    off();
  });
  emitter.on("tiles", () => {
    calls += 10;
  });
  emitter.emit("tiles");
  emitter.emit("tiles");
  assert.equal(calls, 21);
});
