import assert from "node:assert/strict";
import { test } from "node:test";
import { address, read } from "../../maps/static/maps/js/lib/studio-address.js";

test("every state of the studio is a link and back", () => {
  for (const where of [
    { view: "now", split: null, task: "", compare: [] },
    { view: "new", split: null, task: "", compare: [] },
    { view: "proposals", split: null, task: "", compare: [4, 7] },
    { view: "owners", split: null, task: "", compare: [] },
    { view: "proposals", split: 7, task: "edit", compare: [4, 7] },
  ])
    assert.deepEqual(read(address("150102001001", where), "now"), where);
});

test("a proposal is among the proposals whatever the address says", () => {
  assert.equal(read("?split=3&view=new", "now").view, "proposals");
});

test("nonsense in an address is nothing", () => {
  assert.deepEqual(read("?split=x&task=burn&compare=1.b.2.3.4.5&view=7", "new"), {
    view: "new",
    split: null,
    task: "",
    compare: [1, 2, 3],
  });
});
