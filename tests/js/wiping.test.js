import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { Database, TABLES } from "../../maps/static/maps/js/lib/database.js";
import { bringOver } from "../../maps/static/maps/js/lib/old-drafts.js";
import { Outbox } from "../../maps/static/maps/js/lib/outbox.js";
import { Recording } from "../../maps/static/maps/js/lib/recording.js";
import { photosOf, reportEntries, unsuitable } from "../../maps/static/maps/js/lib/report-entries.js";
import { isAnother } from "../../maps/static/maps/js/lib/whose.js";
import { wipeAll, wipeOthers } from "../../maps/static/maps/js/lib/wiping.js";
import "./node18.js";

function storageOf(rows = {}) {
  const storage = { ...rows };
  Object.defineProperties(storage, {
    getItem: { value: (key) => storage[key] ?? null },
    setItem: {
      value(key, value) {
        storage[key] = value;
      },
    },
    removeItem: { value: (key) => delete storage[key] },
  });
  return storage;
}

function cachesOf(...names) {
  const left = new Set(names);
  return { left, keys: async () => [...left], delete: async (name) => left.delete(name) };
}

async function filled() {
  const database = new Database(new IDBFactory());
  for (const person of ["7", "8"]) {
    await database.put("outbox", { id: `o${person}`, person });
    await database.put("photos", { key: `o${person}`, person, blob: new Blob(["x"]) });
    await database.put("fixes", { patrol: `p${person}`, time: 1, person });
    await database.put("kept", { key: `bundle${person}`, person });
  }
  return database;
}

const owners = async (database) => {
  const rows = await Promise.all(TABLES.map((table) => database.all(table)));
  return [...new Set(rows.flat().map(({ person }) => person))];
};

test("signing out leaves nothing of anybody", async () => {
  const database = await filled();
  const caches = cachesOf("gridwarden-files", "gridwarden-page:7", "gridwarden-tiles", "other");
  const storage = storageOf({
    "gridwarden:person": "7",
    "gridwarden:drafts:7": "[]",
    "gridwarden:tour": "1",
  });
  await wipeAll({ database, caches, storage });
  assert.deepEqual(await owners(database), []);
  assert.deepEqual([...caches.left], ["gridwarden-files", "other"]);
  assert.deepEqual(Object.keys(storage), ["gridwarden:tour"]);
});

test("whoever signs in after a session that ended by itself finds nothing of the other", async () => {
  const database = await filled();
  const caches = cachesOf("gridwarden-files", "gridwarden-page:7", "gridwarden-page:8");
  const storage = storageOf({
    "gridwarden:person": "7",
    "gridwarden:drafts:7": "[]",
    "gridwarden:drafts:8": "[]",
  });
  assert.equal(isAnother("8", storage), true);
  await wipeOthers("8", { database, caches, storage });
  assert.deepEqual(await owners(database), ["8"]);
  assert.deepEqual([...caches.left], ["gridwarden-files", "gridwarden-page:8"]);
  assert.deepEqual(Object.keys(storage), ["gridwarden:person", "gridwarden:drafts:8"]);
  assert.equal(isAnother("8", storage), false);
});

test("nobody, the same person and the first one are no other person", () => {
  const storage = storageOf();
  assert.equal(isAnother("7", storage), false);
  assert.equal(isAnother("", storage), false);
  assert.equal(isAnother("7", storage), false);
  assert.equal(isAnother("7", undefined), false);
  assert.equal(isAnother("8", storage), true);
});

test("a browser that forbids its storage forbids nothing else", async () => {
  const database = await filled();
  const caches = { keys: async () => Promise.reject(new DOMException("no", "SecurityError")) };
  await wipeAll({ database, caches, storage: undefined });
  assert.deepEqual(await owners(database), []);
});

const outboxOf = (database) =>
  new Outbox("7", { database, locks: null, send: () => Promise.reject(new TypeError("offline")) });

test("drafts of an older version move into the outbox under their keys", async () => {
  const drafts = [
    { key: "k1", body: { id: "r1", category: "06010" }, name: "Litter", after: 0 },
    { key: "k2", body: { category: "06011" }, name: "x", after: 0 },
  ];
  const storage = storageOf({ "gridwarden:drafts:7": JSON.stringify(drafts), "gridwarden:drafts:8": "[]" });
  const outbox = outboxOf(new Database(new IDBFactory()));
  await bringOver(outbox, storage);
  await outbox.flush();
  outbox.stop();
  const [first, second] = await outbox.list();
  assert.deepEqual([first.id, first.key, first.name, first.body], ["r1", "k1", "Litter", drafts[0].body]);
  assert.equal(second.key, "k2");
  assert.deepEqual(Object.keys(storage), ["gridwarden:drafts:8"]);
  await bringOver(outbox, storage);
  assert.equal(outbox.entries.length, 2);
});

test("without a database drafts stay where they were", async () => {
  const storage = storageOf({ "gridwarden:drafts:7": JSON.stringify([{ key: "k", body: { id: "r" } }]) });
  const outbox = outboxOf(new Database(undefined));
  await bringOver(outbox, storage);
  await outbox.flush();
  outbox.stop();
  assert.equal(outbox.entries.length, 1);
  assert.deepEqual(Object.keys(storage), ["gridwarden:drafts:7"]);
});

test("garbage where drafts were is no draft", async () => {
  const outbox = outboxOf(new Database(new IDBFactory()));
  for (const text of ["{", "7", '[{"key": "a"}]', "null"])
    await bringOver(outbox, storageOf({ "gridwarden:drafts:7": text }));
  assert.deepEqual(await outbox.list(), []);
});

test("a report's photos go after it and come back as they were chosen", async () => {
  const outbox = outboxOf(new Database(new IDBFactory()));
  const blob = new Blob(["x"], { type: "image/png" });
  const draft = { body: { id: "r1" }, name: "Litter", photos: [{ blob, name: "a.png", kind: "after" }] };
  await outbox.add(reportEntries(draft, { undo: 5000 }));
  outbox.stop();
  const [report, photo] = outbox.entries;
  assert.equal(report.id, "r1");
  assert.ok(report.after > Date.now());
  assert.deepEqual([photo.needs, photo.url], [["r1"], "/api/v1/reports/r1/photos"]);
  const [back] = await photosOf(outbox, "r1");
  assert.deepEqual([back.name, back.kind, await back.blob.text()], ["a.png", "after", "x"]);
  assert.deepEqual(await photosOf(outbox, "r2"), []);
});

test("positions that no batch has taken yet go to the outbox before somebody signs out", async () => {
  const outbox = outboxOf(new Database(new IDBFactory()));
  const parts = { person: "7", database: outbox.database, outbox };
  await Recording.handOver(parts);
  const recording = new Recording(parts);
  await recording.start({ grid: 1, mode: "walk", name: "Grid 1" });
  for (const time of [1, 2, 3])
    await recording.fix({ time: Date.now() + time * 1000, lon: 111, lat: 40, accuracy: 5 });
  outbox.stop();
  await Recording.handOver(parts);
  const entries = await outbox.list();
  assert.deepEqual(
    entries.map(({ kind }) => kind),
    ["patrol", "fixes"],
  );
  assert.equal(entries[1].body.fixes.length, 3);
  assert.deepEqual(await outbox.database.all("fixes"), []);
});

test("what is no picture or too large is told before it is sent", () => {
  const gettext = (text) => text;
  assert.equal(unsuitable({ size: 10, type: "image/heic" }, { gettext }), null);
  assert.equal(unsuitable({ size: 10, type: "" }, { gettext }), null);
  assert.match(unsuitable({ size: 10, type: "image/gif" }, { gettext }), /JPEG/);
  assert.match(unsuitable({ size: 26 * 2 ** 20, type: "image/jpeg" }, { gettext }), /25 MB/);
});
