import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { Database } from "../../maps/static/maps/js/lib/database.js";
import "./node18.js";

const row = (key, person = "7") => ({ key, person, what: key });

/** What the browser had before there was an outbox: photos that say themselves where they go. */
function versionOne(factory, photos) {
  return new Promise((resolve) => {
    const request = factory.open("gridwarden", 1);
    request.onupgradeneeded = () => {
      const table = request.result.createObjectStore("photos", { keyPath: "key" });
      for (const photo of photos) table.put(photo);
    };
    request.onsuccess = () => resolve(request.result);
  });
}

test("what is written is there for another page", async () => {
  const factory = new IDBFactory();
  assert.equal(await new Database(factory).put("kept", row("a"), row("b", "8")), true);
  const other = new Database(factory);
  assert.deepEqual(await other.get("kept", "a"), row("a"));
  assert.deepEqual(await other.all("kept", "8"), [row("b", "8")]);
  assert.equal(other.persistent, true);
});

test("positions are found by their patrol and time", async () => {
  const database = new Database(new IDBFactory());
  const fixes = [3, 1, 2].map((time) => ({ patrol: "p", time, person: "7" }));
  await database.put("fixes", ...fixes);
  assert.deepEqual(
    (await database.all("fixes")).map(({ time }) => time),
    [1, 2, 3],
  );
  await database.drop("fixes", ["p", 2]);
  assert.equal(await database.get("fixes", ["p", 2]), undefined);
  assert.equal((await database.get("fixes", ["p", 3])).time, 3);
});

test("several tables are written together or not at all", async () => {
  const factory = new IDBFactory();
  const database = new Database(factory);
  await database.put("outbox", { id: "old", person: "7" });
  const uncloneable = { key: "p", blob: () => {} };
  const put = [
    ["outbox", { id: "new", person: "7" }],
    ["photos", uncloneable],
  ];
  assert.equal(await database.write({ put, drop: [["outbox", "old"]] }), false);
  assert.deepEqual(
    (await new Database(factory).all("outbox")).map(({ id }) => id),
    ["old"],
  );
  // This page goes on with what was to be.
  assert.deepEqual(
    (await database.all("outbox")).map(({ id }) => id),
    ["new"],
  );
});

test("two that change the same row lose neither change", async () => {
  const factory = new IDBFactory();
  const [one, other] = [new Database(factory), new Database(factory)];
  await one.put("kept", { key: "n", count: 0 });
  const more = (kept) => ({ ...kept, count: kept.count + 1 });
  await Promise.all([one.change("kept", "n", more), other.change("kept", "n", more)]);
  assert.equal((await one.get("kept", "n")).count, 2);
  assert.equal(await one.change("kept", "no", more), undefined);
});

for (const [why, factory] of [
  ["no database", undefined],
  [
    "a forbidden one",
    {
      open() {
        throw new DOMException("no", "SecurityError");
      },
    },
  ],
])
  test(`with ${why} nothing that was just entered is lost, and it is said`, async () => {
    const database = new Database(factory);
    assert.equal(database.persistent, true);
    assert.equal(await database.put("outbox", { id: "a", person: "7", n: 1 }), false);
    assert.equal(database.persistent, false);
    await database.change("outbox", "a", (entry) => ({ ...entry, n: 2 }));
    assert.equal((await database.get("outbox", "a")).n, 2);
    await database.put("outbox", { id: "b", person: "8" });
    await database.wipe("outbox", ({ person }) => person === "7");
    assert.deepEqual(
      (await database.all("outbox")).map(({ id }) => id),
      ["b"],
    );
  });

test("a database that fills up keeps what it had, and the page the rest", async () => {
  const factory = new IDBFactory();
  const database = new Database(factory);
  await database.put("kept", row("a"));
  const full = {
    open() {
      const request = factory.open("gridwarden", 2);
      return new Proxy(request, {
        set(target, name, value) {
          target[name] = value;
          return true;
        },
        get(target, name) {
          if (name !== "result") return target[name];
          return { transaction: target.result.transaction.bind(target.result) && refuse(target.result) };
        },
      });
    },
  };
  const refuse = (real) => (tables, mode) => {
    if (mode === "readwrite") throw new DOMException("full", "QuotaExceededError");
    return real.transaction(tables, mode);
  };
  const late = new Database(full);
  assert.equal(await late.put("kept", row("b")), false);
  await late.drop("kept", "a");
  assert.deepEqual(await late.all("kept"), [row("b")]);
  assert.deepEqual(await new Database(factory).all("kept"), [row("a")]);
});

test("photos of the first version become entries of the outbox", async () => {
  const factory = new IDBFactory();
  const blob = new Blob(["x"], { type: "image/jpeg" });
  const old = { key: "k1", person: "7", report: "r1", kind: "after", name: "a.jpg", blob, added: 5 };
  (await versionOne(factory, [old])).close();
  const database = new Database(factory);
  const [entry] = await database.all("outbox");
  assert.equal(entry.url, "/api/v1/reports/r1/photos");
  assert.deepEqual([entry.key, entry.person, entry.needs, entry.madeAt], ["k1", "7", ["r1"], 5]);
  assert.deepEqual(entry.body, { kind: "after" });
  assert.deepEqual(Object.keys(await database.get("photos", "k1")).sort(), ["blob", "key", "person"]);
});

test("an old page that holds the tables open delays nobody for ever, and what waited comes after it", async () => {
  const factory = new IDBFactory();
  const old = await versionOne(factory, []);
  const database = new Database(factory);
  const started = Date.now();
  assert.equal(await database.put("kept", row("a")), false);
  assert.equal(await database.put("kept", row("b")), false);
  assert.ok(Date.now() - started < 6000);
  assert.deepEqual(await database.get("kept", "a"), row("a"));
  old.close();
  for (let turn = 0; turn < 100 && !database.persistent; turn++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(database.persistent, true);
  const keys = (await new Database(factory).all("kept")).map(({ key }) => key);
  assert.deepEqual(keys, ["a", "b"]);
});

test("what a full database refused is written when there is room again", async () => {
  const factory = new IDBFactory();
  let full = true;
  const narrow = {
    open(...args) {
      if (full) throw new DOMException("full", "QuotaExceededError");
      return factory.open(...args);
    },
  };
  const database = new Database(narrow);
  await database.put("kept", row("a"), row("b"));
  await database.drop("kept", "b");
  assert.equal(database.persistent, false);
  full = false;
  assert.equal(await database.put("kept", row("c")), true);
  assert.equal(database.persistent, true);
  const keys = (await new Database(factory).all("kept")).map(({ key }) => key);
  assert.deepEqual(keys, ["a", "c"]);
});
