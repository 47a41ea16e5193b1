import assert from "node:assert/strict";
import { test } from "node:test";
import { remarkSentences } from "../../maps/static/maps/js/lib/split-remarks.js";

test("a remark is a sentence with its values", () => {
  const [tower] = remarkSentences([{ code: "tower", values: { households: 612, target: 400 } }]);
  assert.match(tower, /612 households.*target of 400/);
});

test("repairs of one kind are told once, with their number and area", () => {
  const sentences = remarkSentences([
    { code: "repaired_gap", values: { area: 1.25, grids: [1, 2] } },
    { code: "repaired_overlap", values: { area: 3, grids: [2, 3] } },
    { code: "repaired_gap", values: { area: 2, grids: [4, 5] } },
  ]);
  assert.equal(sentences.length, 2);
  assert.match(sentences[0], /^2 gaps were closed \(3\.3 m² together\)/);
  assert.match(sentences[1], /^1 overlap was divided/);
});

test("a remark without words yet is not hidden", () => {
  assert.deepEqual(remarkSentences([{ code: "something_new" }]), ["something_new"]);
});
