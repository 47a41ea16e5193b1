import assert from "node:assert/strict";
import { test } from "node:test";
import { bindVoice } from "../../maps/static/maps/js/ui/voice.js";

globalThis.document = { documentElement: { lang: "zh-Hans" }, getElementById: () => null };

class Button extends EventTarget {
  hidden = true;
  attributes = new Map();
  setAttribute(name, value) {
    this.attributes.set(name, value);
  }
  click() {
    this.dispatchEvent(new Event("click"));
  }
}

class Recognition {
  static last = null;
  constructor() {
    Recognition.last = this;
  }
  start() {}
  stop() {
    this.onend();
  }
  abort() {
    this.onend();
  }
  hear(...phrases) {
    this.onresult({ results: phrases.map((transcript) => [{ transcript }]) });
  }
}

test("where the browser cannot listen there is no button", () => {
  const button = new Button();
  bindVoice(button, { value: "" }, undefined).stop();
  assert.equal(button.hidden, true);
});

test("what is said is written behind what stands there, and no longer than the field takes", () => {
  const [button, field] = [new Button(), { value: "东门", maxLength: 8 }];
  bindVoice(button, field, Recognition);
  button.click();
  assert.equal(Recognition.last.lang, "zh-CN");
  assert.equal(button.attributes.get("aria-pressed"), "true");
  Recognition.last.hear("井盖");
  assert.equal(field.value, "东门 井盖");
  Recognition.last.hear("井盖", "坏了好几天");
  assert.equal(field.value, "东门 井盖坏了好");
  button.click();
  assert.equal(button.attributes.get("aria-pressed"), "false");
});
