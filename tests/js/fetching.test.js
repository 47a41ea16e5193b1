import assert from "node:assert/strict";
import test from "node:test";
import { Fetching } from "../../maps/static/maps/js/map/fetching.js";

function watched(...sources) {
  const told = [];
  const notices = [];
  const fetching = new Fetching(
    { sources },
    { onFailed: (some) => notices.push(some), onState: ({ state, failed }) => told.push([state, failed]) },
  );
  return { fetching, told, notices };
}
const source = (loading, failed) => ({ pending: { loading, failed }, retryFailed() {} });

test("all sources count, and another state is told once", () => {
  const [one, two] = [source(2, 0), source(0, 0)];
  const { fetching, told, notices } = watched(one, two);
  fetching.report();
  fetching.report();
  one.pending.loading = 0;
  fetching.report();
  two.pending.failed = 3;
  fetching.report();
  assert.deepEqual(told, [
    ["loading", 0],
    ["ready", 0],
    ["failed", 3],
  ]);
  assert.deepEqual(notices, [false, false, false, true]);
});

test("what failed is asked for again", () => {
  const failing = source(0, 1);
  failing.retryFailed = () => {
    failing.pending = { loading: 1, failed: 0 };
  };
  const { fetching, told } = watched(failing);
  fetching.report();
  fetching.retry();
  assert.deepEqual(told, [
    ["failed", 1],
    ["loading", 0],
  ]);
});

test("it has settled when nothing is under way, and waits no longer than it may", async () => {
  const slow = source(1, 0);
  const { fetching } = watched(slow);
  fetching.report();
  const started = performance.now();
  await fetching.settled(60);
  assert.ok(performance.now() - started >= 60);
  slow.pending.loading = 0;
  fetching.report();
  await fetching.settled(60_000);
});
