import assert from "node:assert/strict";
import { test } from "node:test";
import { Drafts } from "../../maps/static/maps/js/lib/drafts.js";

class Store {
  constructor(rows = {}) {
    this.rows = rows;
  }
  getItem(key) {
    return this.rows[key] ?? null;
  }
  setItem(key, value) {
    this.rows[key] = value;
  }
  removeItem(key) {
    delete this.rows[key];
  }
}

const draft = (key, name = "x") => ({ key, body: { category: "06010" }, name, after: 0 });

test("what is kept is there in the order in which it was kept, also for another page", () => {
  const storage = new Store();
  const drafts = new Drafts(storage, "7");
  drafts.keep(draft("a"));
  drafts.keep(draft("b"));
  assert.deepEqual(
    new Drafts(storage, "7").list().map(({ key }) => key),
    ["a", "b"],
  );
});

test("keeping the same draft again replaces it", () => {
  const drafts = new Drafts(new Store(), "7");
  drafts.keep(draft("a", "first"));
  drafts.keep(draft("a", "second"));
  assert.deepEqual(
    drafts.list().map(({ name }) => name),
    ["second"],
  );
});

test("nothing is left in the storage after the last one is dropped", () => {
  const storage = new Store();
  const drafts = new Drafts(storage, "7");
  drafts.keep(draft("a"));
  drafts.drop("a");
  assert.deepEqual(storage.rows, {});
});

test("one person does not see what another left", () => {
  const storage = new Store();
  new Drafts(storage, "7").keep(draft("a"));
  assert.deepEqual(new Drafts(storage, "8").list(), []);
});

test("a storage that is full or forbidden loses nothing while the page is open", () => {
  const storage = new Store();
  storage.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  const drafts = new Drafts(storage, "7");
  drafts.keep(draft("a"));
  assert.ok(drafts.has("a"));
});

test("garbage in the storage is no draft", () => {
  for (const text of ["{", "7", '[{"key": "a"}]', "null"])
    assert.deepEqual(new Drafts(new Store({ "gridwarden:drafts:7": text }), "7").list(), []);
});
