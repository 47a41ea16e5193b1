import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { ApiError, NetworkError } from "../../maps/static/maps/js/lib/api.js";
import { Database } from "../../maps/static/maps/js/lib/database.js";
import { Outbox } from "../../maps/static/maps/js/lib/outbox.js";
import "./node18.js";

const made = [];
afterEach(() => {
  for (const outbox of made.splice(0)) outbox.stop();
});

/** The browser's locks, as far as the outbox asks for them. */
function lockManager() {
  const held = new Set();
  return {
    async request(name, _options, work) {
      if (held.has(name)) return work(null);
      held.add(name);
      try {
        return await work({ name });
      } finally {
        held.delete(name);
      }
    },
  };
}

/** A server that remembers keys as ours does. */
class Server {
  done = new Map();
  calls = [];
  answer = () => ({ ok: true });

  send = async (entry, blob) => {
    this.calls.push({ id: entry.id, key: entry.key, body: entry.body, blob });
    if (this.done.has(entry.key)) return this.done.get(entry.key);
    const answer = await this.answer(entry, this.calls.length);
    this.done.set(entry.key, answer);
    return answer;
  };

  get ids() {
    return this.calls.map(({ id }) => id);
  }
}

function box(server, { factory = new IDBFactory(), person = "7", ...options } = {}) {
  const outbox = new Outbox(person, {
    database: new Database(factory),
    send: server.send,
    locks: null,
    ...options,
  });
  outbox.log = [];
  for (const type of ["sent", "refused", "conflict", "waiting"])
    outbox.on(type, ({ entry }) => outbox.log.push([type, entry.id]));
  made.push(outbox);
  return outbox;
}

const report = (id, more = {}) => ({
  kind: "report",
  url: "/api/v1/reports",
  body: { id, category: "06010" },
  name: "x",
  ...more,
});
const photo = (id, of, more = {}) => ({
  id,
  kind: "photo",
  url: `/api/v1/reports/${of}/photos`,
  body: { kind: "before" },
  file: { field: "photo", name: "a.jpg", type: "image/jpeg" },
  blob: new Blob(["picture"], { type: "image/jpeg" }),
  name: "a.jpg",
  needs: [of],
  ...more,
});
const offline = () => {
  throw new NetworkError();
};
const refuse = (status, detail) => () => {
  throw new ApiError(status, { detail });
};
const ids = (entries) => entries.map(({ id }) => id);

test("entries go oldest first, and what needs another after it", async () => {
  const server = new Server();
  const outbox = box(server);
  await outbox.add([photo("p1", "r2"), report("r1"), report("r2")]);
  await outbox.flush();
  assert.deepEqual(server.ids, ["r1", "r2", "p1"]);
  assert.equal(await server.calls[2].blob.text(), "picture");
  assert.deepEqual(await outbox.list(), []);
  assert.deepEqual(await outbox.database.all("photos"), []);
  assert.deepEqual(outbox.log, [
    ["sent", "r1"],
    ["sent", "r2"],
    ["sent", "p1"],
  ]);
});

test("what needs something that is not sent waits, the others go on", async () => {
  const server = new Server();
  server.answer = (entry) => (entry.id === "r1" ? refuse(500, "broken")() : {});
  const outbox = box(server);
  await outbox.add([report("r1"), photo("p1", "r1"), report("r2")]);
  await outbox.flush();
  assert.deepEqual(server.ids, ["r1", "r2"]);
  assert.deepEqual(ids(await outbox.list()), ["r1", "p1"]);
  const [first] = outbox.entries;
  assert.deepEqual([first.state, first.error, first.attempts], ["waiting", "broken", 1]);
});

test("without network the first failure is enough for all, and later the same key goes again", async () => {
  const server = new Server();
  server.answer = offline;
  const outbox = box(server);
  await outbox.add([report("r1"), report("r2")]);
  await outbox.flush();
  assert.deepEqual(server.ids, ["r1"]);
  server.answer = () => ({});
  await outbox.flush();
  assert.deepEqual(server.ids, ["r1", "r1", "r2"]);
  assert.equal(server.calls[0].key, server.calls[1].key);
  assert.notEqual(server.calls[1].key, server.calls[2].key);
});

test("after a failure it tries again by itself", async () => {
  const server = new Server();
  server.answer = (_entry, turn) => (turn === 1 ? offline() : {});
  const outbox = box(server);
  await outbox.add(report("r1"));
  await outbox.flush();
  assert.equal(outbox.entries.length, 1);
  await new Promise((resolve) => outbox.on("sent", resolve));
  assert.equal(server.calls.length, 2);
});

for (const status of [401, 403, 408, 425, 429, 503])
  test(`${status} refuses nothing: the entry waits`, async () => {
    const server = new Server();
    server.answer = refuse(status, "later");
    const outbox = box(server);
    await outbox.add(report("r1"));
    await outbox.flush();
    assert.equal(outbox.entries[0].state, "waiting");
    assert.deepEqual(outbox.log, [["waiting", "r1"]]);
  });

test("what the server refuses stays with its sentence; corrected, it goes under a new key", async () => {
  const server = new Server();
  server.answer = ({ body }) => (body.category === "06010" ? refuse(422, "no such category")() : {});
  const outbox = box(server);
  await outbox.add([report("r1"), photo("p1", "r1")]);
  await outbox.flush();
  assert.deepEqual(outbox.log, [["refused", "r1"]]);
  assert.deepEqual([outbox.entries[0].state, outbox.entries[0].error], ["refused", "no such category"]);
  await outbox.flush();
  assert.equal(server.calls.length, 1);
  assert.equal(await outbox.edit("r1", { id: "r1", category: "09009" }, { name: "y" }), true);
  await outbox.flush();
  assert.deepEqual(server.ids, ["r1", "r1", "p1"]);
  assert.notEqual(server.calls[0].key, server.calls[1].key);
  assert.deepEqual(await outbox.list(), []);
});

test("what waits to be sent as it is cannot be edited", async () => {
  const server = new Server();
  server.answer = offline;
  const outbox = box(server);
  await outbox.add(report("r1"));
  await outbox.flush();
  assert.equal(await outbox.edit("r1", { id: "r1", category: "09009" }), false);
  assert.equal((await outbox.get("r1")).body.category, "06010");
});

test("what somebody else changed meanwhile is kept and shown with what the server has", async () => {
  const server = new Server();
  server.answer = refuse(409, "moved on");
  const outbox = box(server, { look: async (url) => ({ url, state: "closed" }) });
  await outbox.add({
    id: "t1",
    kind: "transition",
    url: "/api/v1/reports/r1/transitions",
    look: "/api/v1/reports/r1",
    body: { verb: "handle" },
    name: "x",
  });
  await outbox.flush();
  const [entry] = outbox.entries;
  assert.deepEqual([entry.state, entry.error], ["conflict", "moved on"]);
  assert.deepEqual(entry.server, { url: "/api/v1/reports/r1", state: "closed" });
  await outbox.flush();
  assert.equal(server.calls.length, 1);
  server.answer = () => ({});
  await outbox.retry("t1");
  assert.deepEqual(await outbox.list(), []);
});

test("what is there already because an answer got lost is no conflict", async () => {
  const server = new Server();
  server.answer = refuse(409, "This report was filed already.");
  const outbox = box(server, { look: async () => ({ id: "r1", state: "reported" }) });
  await outbox.add([report("r1", { look: "/api/v1/reports/r1" }), photo("p1", "r1")]);
  await outbox.flush();
  assert.deepEqual(outbox.log[0], ["sent", "r1"]);
});

test("a page that dies between the answer and the deletion sends the same key again", async () => {
  const server = new Server();
  const factory = new IDBFactory();
  const dying = box(server, { factory });
  const write = dying.database.write.bind(dying.database);
  dying.database.write = (changes) =>
    changes.drop?.length && !changes.put ? new Promise(() => {}) : write(changes);
  await dying.add(report("r1"));
  dying.flush();
  while (server.calls.length < 1) await new Promise(setImmediate);
  const next = box(server, { factory });
  await next.flush();
  assert.equal(server.calls.length, 2);
  assert.equal(server.calls[0].key, server.calls[1].key);
  assert.equal(server.done.size, 1);
  assert.deepEqual(await next.list(), []);
});

test("two pages do not send the same at once", async () => {
  const server = new Server();
  const factory = new IDBFactory();
  const locks = lockManager();
  let release = null;
  server.answer = () =>
    new Promise((resolve) => {
      release = () => resolve({});
    });
  const [one, other] = [box(server, { factory, locks }), box(server, { factory, locks })];
  await one.add(report("r1"));
  one.flush();
  while (!release) await new Promise(setImmediate);
  await other.flush();
  assert.equal(server.calls.length, 1);
  assert.equal(await other.drop("r1"), null);
  release();
  await one.flush();
  await other.flush();
  assert.equal(server.calls.length, 1);
  assert.deepEqual(await other.list(), []);
});

test("without locks two pages send the same under the same key", async () => {
  const server = new Server();
  const factory = new IDBFactory();
  const [one, other] = [box(server, { factory }), box(server, { factory })];
  await one.add(report("r1"));
  await Promise.all([one.flush(), other.flush()]);
  assert.equal(new Set(server.calls.map(({ key }) => key)).size, 1);
  assert.deepEqual(await one.list(), []);
});

test("what was taken back in time is not sent, nor what hangs on it", async () => {
  const server = new Server();
  let now = 1000;
  const outbox = box(server, { now: () => now });
  await outbox.add([report("r1", { after: 6000 }), photo("p1", "r1")]);
  await outbox.flush();
  assert.equal(server.calls.length, 0);
  assert.equal(outbox.unsent.length, 1);
  assert.equal(await outbox.undo("r1"), true);
  assert.deepEqual(await outbox.list(), []);
  assert.deepEqual(await outbox.database.all("photos"), []);
  await outbox.add(report("r2", { after: 6000 }));
  now = 6000;
  assert.equal(await outbox.undo("r2"), false);
  await outbox.flush({ anew: true });
  assert.deepEqual(server.ids, ["r2"]);
});

test("what is on its way can no longer be taken back", async () => {
  const server = new Server();
  let release = null;
  server.answer = () =>
    new Promise((resolve) => {
      release = () => resolve({});
    });
  const outbox = box(server);
  await outbox.add(report("r1"));
  const running = outbox.flush();
  while (!release) await new Promise(setImmediate);
  assert.equal(await outbox.drop("r1"), null);
  release();
  await running;
  assert.deepEqual(outbox.log, [["sent", "r1"]]);
});

test("what was dropped comes back whole", async () => {
  const server = new Server();
  server.answer = refuse(422, "no");
  const outbox = box(server);
  await outbox.add([report("r1"), photo("p1", "r1"), report("r2")]);
  await outbox.flush();
  const dropped = await outbox.drop("r1");
  assert.deepEqual(ids(await outbox.list()), ["r2"]);
  await outbox.restore(dropped);
  assert.deepEqual(ids(await outbox.list()), ["r1", "p1", "r2"]);
  assert.equal(await (await outbox.blobOf("p1")).text(), "picture");
});

test("a refused report is filed anew in place of the old one and its photos", async () => {
  const server = new Server();
  server.answer = ({ body }) => (body.category === "06010" ? refuse(422, "no")() : {});
  const outbox = box(server);
  await outbox.add([report("r1"), photo("p1", "r1"), photo("p2", "r1")]);
  await outbox.flush();
  const again = report("r1");
  again.body.category = "09009";
  await outbox.add([again, photo("p3", "r1")], { instead: ["r1"] });
  await outbox.flush();
  assert.deepEqual(server.ids, ["r1", "r1", "p3"]);
  assert.deepEqual(await outbox.list(), []);
});

test("signing out sends what waits, also what could still be undone", async () => {
  const server = new Server();
  const outbox = box(server);
  await outbox.add([report("r1", { after: Date.now() + 60_000 }), photo("p1", "r1")]);
  assert.deepEqual(await outbox.finish(1000), []);
  assert.deepEqual(server.ids, ["r1", "p1"]);
});

test("what is refused on the way out is kept, and said to who stays", async () => {
  const server = new Server();
  server.answer = refuse(422, "no");
  const outbox = box(server);
  await outbox.add(report("r1", { after: Date.now() + 200 }));
  assert.deepEqual(ids(await outbox.finish(1000)), ["r1"]);
  assert.deepEqual(outbox.log, [["waiting", "r1"]]);
  await new Promise((resolve) => setTimeout(resolve, 250));
  await outbox.resume();
  assert.deepEqual(outbox.log.at(-1), ["refused", "r1"]);
});

test("a network that never answers is waited for only so long", async () => {
  const server = new Server();
  let release = null;
  server.answer = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  const outbox = box(server);
  await outbox.add(report("r1"));
  assert.deepEqual(ids(await outbox.finish(20)), ["r1"]);
  release({});
  await outbox.flush();
});

test("nobody sees, sends or clears what another person left", async () => {
  const server = new Server();
  server.answer = offline;
  const factory = new IDBFactory();
  const [mine, theirs] = [box(server, { factory }), box(server, { factory, person: "8" })];
  await theirs.add([report("r8"), photo("p8", "r8")]);
  await theirs.flush();
  await mine.add(report("r7"));
  await mine.flush();
  assert.deepEqual(ids(await mine.list()), ["r7"]);
  assert.equal(await mine.get("r8"), undefined);
  await mine.clear();
  assert.deepEqual(await mine.list(), []);
  assert.deepEqual(ids(await theirs.list()), ["r8", "p8"]);
  assert.ok(await theirs.blobOf("p8"));
});

test("without a database nothing is lost while the page is open, and it says so", async () => {
  const server = new Server();
  server.answer = offline;
  const outbox = new Outbox("7", { database: new Database(undefined), send: server.send, locks: null });
  made.push(outbox);
  await outbox.add([report("r1"), photo("p1", "r1")]);
  await outbox.flush();
  assert.equal(outbox.persistent, false);
  assert.deepEqual(ids(await outbox.list()), ["r1", "p1"]);
  server.answer = () => ({});
  await outbox.flush();
  assert.equal(await server.calls.at(-1).blob.text(), "picture");
  assert.deepEqual(await outbox.list(), []);
});

test("all of it goes into a file, pictures included", async () => {
  const server = new Server();
  server.answer = refuse(422, "no");
  const outbox = box(server);
  await outbox.add([report("r1"), photo("p1", "r1")]);
  await outbox.flush();
  const file = JSON.parse(JSON.stringify(await outbox.exported()));
  assert.equal(file.person, "7");
  assert.deepEqual(file.entries[0].request.body, { id: "r1", category: "06010" });
  assert.deepEqual([file.entries[0].state, file.entries[0].error], ["refused", "no"]);
  assert.equal(atob(file.entries[1].file.base64), "picture");
  assert.ok(!JSON.stringify(file).includes(outbox.entries[0].key));
});
