import assert from "node:assert/strict";
import test from "node:test";
import { PAUSE_MS, sendOnce } from "../../maps/static/maps/js/lib/once.js";

function page() {
  const [document, view] = [new EventTarget(), new EventTarget()];
  let now = 0;
  sendOnce(document, view, () => now);
  return {
    pass: (ms) => {
      now += ms;
    },
    comeBack: () => view.dispatchEvent(new Event("pageshow")),
    /** Whether the browser sends the form. */
    send(form, takenOver = false) {
      const event = new Event("submit", { cancelable: true });
      Object.defineProperty(event, "target", { value: form });
      if (takenOver) event.preventDefault();
      const prevented = event.defaultPrevented;
      document.dispatchEvent(event);
      return !event.defaultPrevented || prevented;
    },
  };
}

test("a form that writes is sent once, however often somebody clicks", () => {
  const { send, pass } = page();
  const [form, other] = [{ method: "post" }, { method: "post" }];
  assert.deepEqual([send(form), send(form), send(other)], [true, false, true]);
  pass(PAUSE_MS);
  assert.equal(send(form), true);
});

test("a form that asks, or that a script sends, is as it was", () => {
  const { send } = page();
  const [asks, script] = [{ method: "get" }, { method: "post" }];
  assert.deepEqual([send(asks), send(asks)], [true, true]);
  assert.deepEqual([send(script, true), send(script)], [true, true]);
});

test("a page that comes back sends its form anew", () => {
  const { send, comeBack } = page();
  const form = { method: "post" };
  assert.equal(send(form), true);
  comeBack();
  assert.equal(send(form), true);
});
