import assert from "node:assert/strict";
import test from "node:test";
import { lookingOf, lookingWords } from "../../maps/static/maps/js/pages/dispatch/looking.js";

test("who else has a report open is named, and nobody is nothing", () => {
  assert.equal(lookingWords(["Zhang"]), "Zhang has this open, too");
  assert.equal(lookingWords(["Zhang", "Li"]), "Zhang, Li have this open, too");
  assert.equal(lookingWords(undefined), "");
});

test("an answer without the header, or with another, names nobody", () => {
  assert.deepEqual(lookingOf(new Headers()), {});
  assert.deepEqual(lookingOf(new Headers({ Looking: "<html>" })), {});
  assert.deepEqual(lookingOf(new Headers({ Looking: '{"r": ["Zhang"]}' })), { r: ["Zhang"] });
});
