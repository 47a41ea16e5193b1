import assert from "node:assert/strict";
import test from "node:test";

import { localName } from "../../maps/static/maps/js/lib/local-name.js";

test("the name in the language of the page, the Chinese one when there is no other", () => {
  const street = { name: " 学府路 ", name_en: "Xuefu Road" };
  assert.equal(localName(street, "zh-hans"), "学府路");
  assert.equal(localName(street, "en"), "Xuefu Road");
  assert.equal(localName({ name: "学府路", name_en: " " }, "en"), "学府路");
  assert.equal(localName({}, "en"), "");
  assert.equal(localName({ name: 3 }, "zh-hans"), "");
});

test("a grid that nobody named is a number in English", () => {
  const code = "150199001001012";
  assert.equal(localName({ name: "锦绣社区第12网格", code }, "en"), "Grid 12");
  assert.equal(localName({ name: "第12网格", code }, "en"), "Grid 12");
  assert.equal(localName({ name: "第12网格", code }, "zh-hans"), "第12网格");
  assert.equal(localName({ name: "东院", code }, "en"), "东院");
  assert.equal(localName({ name: "第2网格", code }, "en"), "第2网格");
  assert.equal(localName({ name: "东街", name_en: "East", code: "150199001" }, "en"), "East");
});
