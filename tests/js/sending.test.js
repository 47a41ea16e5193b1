import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Drafts } from "../../maps/static/maps/js/lib/drafts.js";
import { leave } from "../../maps/static/maps/js/lib/leaving.js";
import { Sender } from "../../maps/static/maps/js/ui/sending.js";

globalThis.window = new EventTarget();
globalThis.document = Object.assign(new EventTarget(), { cookie: "csrftoken=x", visibilityState: "visible" });

const rows = new Map();
const storage = {
  getItem: (key) => rows.get(key) ?? null,
  setItem: (key, value) => rows.set(key, value),
  removeItem: (key) => rows.delete(key),
};
const yes = async () => true;
const no = async () => false;
const json = (body, status) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

let sent = [];
let refused = [];

/** A sender of person 7 whose requests `answer` answers. */
function sender(answer) {
  globalThis.fetch = async (_url, { headers, keepalive }) => {
    sent.push({ key: headers["Idempotency-Key"], keepalive });
    return answer();
  };
  const made = new Sender({
    storage,
    person: "7",
    onSent() {},
    onRefused: (_error, draft) => refused.push(draft.key),
    onWaiting() {},
  });
  return made;
}

const accepted = () => json({ id: "r" }, 201);
const offline = () => {
  throw new TypeError("Failed to fetch");
};

beforeEach(() => {
  rows.clear();
  sent = [];
  refused = [];
  new Drafts(storage, "8").keep({ key: "theirs", body: { category: "06010" }, name: "x", after: 0 });
});

const left = (person) => new Drafts(storage, person).list().map(({ key }) => key);

test("signing out sends what waits, also what could still be undone, and asks nothing", async () => {
  const one = sender(accepted);
  const keys = [one.keep({ category: "06010" }, "a"), one.keep({ category: "06011" }, "b", 5000)];
  assert.equal(await leave(one, () => assert.fail("asked")), true);
  assert.deepEqual(
    sent.map(({ key }) => key),
    keys,
  );
  assert.ok(sent.every(({ keepalive }) => keepalive));
  assert.deepEqual(left("7"), []);
});

test("without network the person is asked, and staying keeps everything", async () => {
  const one = sender(offline);
  const key = one.keep({ category: "06010" }, "a");
  let asked = 0;
  const stayed = await leave(one, async (count) => {
    asked = count;
    return false;
  });
  clearTimeout(one.timer);
  assert.equal(stayed, false);
  assert.equal(asked, 1);
  assert.deepEqual(left("7"), [key]);
});

test("who signs out nevertheless loses their own drafts and nobody else's", async () => {
  const one = sender(offline);
  one.keep({ category: "06010" }, "a");
  assert.equal(await leave(one, yes), true);
  assert.deepEqual(left("7"), []);
  assert.deepEqual(left("8"), ["theirs"]);
});

test("other people's drafts are not sent", async () => {
  const one = sender(accepted);
  one.keep({ category: "06010" }, "a");
  await leave(one, no);
  assert.ok(!sent.some(({ key }) => key === "theirs"));
  assert.deepEqual(left("8"), ["theirs"]);
});

test("what the server refuses is not dropped on the way out; who stays is told why", async () => {
  const one = sender(() => json({ detail: "no" }, 422));
  const key = one.keep({ category: "06010" }, "a");
  assert.equal(await one.finish(), 1);
  assert.deepEqual(refused, []);
  await one.resume();
  assert.deepEqual(refused, [key]);
});

test("a network that never answers is waited for only so long", async () => {
  let answer = null;
  const one = sender(
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  one.keep({ category: "06010" }, "a");
  assert.equal(await one.finish(20), 1);
  answer(accepted());
});
