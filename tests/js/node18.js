// Debian 12 has Node.js 18. What the tests use of later versions, under the names those have; `make test` loads this
// before every test file. Nothing happens in a newer Node.js.
import { webcrypto } from "node:crypto";
import { mock } from "node:test";

if (Number.parseInt(process.versions.node, 10) < 20) {
  globalThis.crypto ??= webcrypto;
  Object.assign(mock.timers, timers());
}

/** Mock timers of our own: those of 18 drop a waiting timer when one that has rung already is cleared. */
function timers() {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  const waiting = new Map();
  let now = 0;
  let last = 0;

  function next(until) {
    const due = [...waiting].filter(([, timer]) => timer.at <= until);
    return due.sort(([, one], [, other]) => one.at - other.at)[0];
  }

  return {
    enable() {
      waiting.clear();
      globalThis.setTimeout = (work, wait = 0, ...rest) => {
        last += 1;
        waiting.set(last, { at: now + wait, work: () => work(...rest) });
        return last;
      };
      globalThis.clearTimeout = (id) => waiting.delete(id);
    },
    tick(wait = 1) {
      const until = now + wait;
      for (let due = next(until); due; due = next(until)) {
        const [id, timer] = due;
        waiting.delete(id);
        now = timer.at;
        timer.work();
      }
      now = until;
    },
    reset() {
      Object.assign(globalThis, real);
    },
  };
}
