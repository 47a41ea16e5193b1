import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Poll } from "../../maps/static/maps/js/lib/poll.js";

let answers;
let asked;
let data;
let states;

const json = (body, etag) => () => Response.json(body, { headers: { ETag: etag } });
const empty =
  (status, etag = "") =>
  () =>
    new Response(null, { status, headers: etag ? { ETag: etag } : {} });

function poll(options = {}) {
  return new Poll("/queue.json", {
    etag: '"1"',
    every: 5000,
    rarely: 30000,
    onData: (body) => data.push(body),
    onState: (state) => states.push(state),
    fetch: async (_url, { headers }) => {
      asked.push(headers["If-None-Match"]);
      return (answers.shift() ?? empty(304))();
    },
    ...options,
  });
}

const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
};
const pass = async (ms) => {
  mock.timers.tick(ms);
  await settle();
};

beforeEach(() => {
  answers = [];
  asked = [];
  data = [];
  states = [];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("an unchanged answer is no data and keeps the tag", async () => {
  const one = poll();
  one.start();
  await pass(5000);
  await pass(5000);
  one.stop();
  assert.deepEqual(asked, ['"1"', '"1"']);
  assert.deepEqual(data, []);
});

test("new data is handed on, and its tag asked with from then on", async () => {
  answers = [json({ n: 2 }, '"2"')];
  const one = poll();
  one.start();
  await pass(5000);
  await pass(5000);
  one.stop();
  assert.deepEqual(data, [{ n: 2 }]);
  assert.deepEqual(asked, ['"1"', '"2"']);
});

test("asking now does not wait, and asks once more when an answer was under way", async () => {
  const one = poll();
  one.start();
  one.ask();
  one.ask();
  one.ask();
  await settle();
  one.stop();
  assert.equal(asked.length, 2);
});

test("a server that does not answer is asked again, and its return is said", async () => {
  answers = [empty(502), () => Promise.reject(new TypeError("offline"))];
  const one = poll();
  one.start();
  await pass(5000);
  await pass(5000);
  await pass(10000);
  one.stop();
  assert.deepEqual(states, ["offline", "live"]);
  assert.equal(asked.length, 3);
});

test("who is signed out is told, and nothing more is asked", async () => {
  answers = [empty(401)];
  const one = poll();
  one.start();
  await pass(5000);
  await pass(60000);
  assert.deepEqual(states, ["signed-out"]);
  assert.equal(asked.length, 1);
});

test("a page nobody looks at asks rarely, and at once when somebody comes back", async () => {
  const one = poll();
  one.start();
  one.watch(false);
  await pass(5000);
  await pass(5000);
  assert.equal(asked.length, 1);
  one.watch(true);
  await settle();
  one.stop();
  assert.equal(asked.length, 2);
});
