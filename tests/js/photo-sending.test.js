import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, NetworkError } from "../../maps/static/maps/js/lib/api.js";
import { PhotoStore } from "../../maps/static/maps/js/lib/photo-store.js";
import { PhotoSender, unsuitable } from "../../maps/static/maps/js/ui/photo-sending.js";
import "./node18.js";

globalThis.File ??= class extends Blob {
  constructor(parts, name, options) {
    super(parts, options);
    this.name = name;
  }
};

const photo = (name) => ({ blob: new Blob(["x"], { type: "image/jpeg" }), name, kind: "before" });

/** A sender whose server does what `answer` says; without a database photos live in memory. */
function make({ answer = async () => ({ id: "p" }), waits } = {}) {
  const log = { calls: [], sent: [], refused: [], states: [] };
  const sender = new PhotoSender({
    store: new PhotoStore("7", undefined),
    waits: waits ?? (() => false),
    send: async (url, fields, { key, onProgress }) => {
      log.calls.push({ url, kind: fields.kind, name: fields.photo.name, key });
      onProgress(0.5);
      return answer(log.calls.length);
    },
    onSent: (_made, report) => log.sent.push(report),
    onRefused: (error) => log.refused.push(error.detail),
    onChange: (state) => log.states.push(state),
  });
  return { sender, log };
}

const stop = (sender) => clearTimeout(sender.timer);

test("photos are sent oldest first, each once, to their report", async () => {
  const { sender, log } = make();
  await sender.keep("r1", [photo("a.jpg"), photo("b.jpg")]);
  await Promise.all([sender.flush(), sender.flush()]);
  assert.deepEqual(
    log.calls.map(({ url, name }) => [url, name]),
    [
      ["/api/v1/reports/r1/photos", "a.jpg"],
      ["/api/v1/reports/r1/photos", "b.jpg"],
    ],
  );
  assert.deepEqual(log.sent, ["r1", "r1"]);
  assert.deepEqual(log.states.at(-1), { waiting: 0, share: null, error: null });
});

test("a photo waits for its report", async () => {
  let filed = false;
  const { sender, log } = make({ waits: () => !filed });
  await sender.keep("r1", [photo("a.jpg")]);
  await sender.flush();
  assert.equal(log.calls.length, 0);
  filed = true;
  await sender.flush();
  assert.equal(log.calls.length, 1);
});

test("on any page a photo waits for a report that is kept on this device", async () => {
  const drafts = [{ key: "k", body: { id: "r1" } }];
  globalThis.localStorage = { getItem: () => JSON.stringify(drafts) };
  let calls = 0;
  const sender = new PhotoSender({
    store: new PhotoStore("7", undefined),
    send: async () => ({ id: ++calls }),
  });
  await sender.keep("r1", [photo("a.jpg")]);
  await sender.flush();
  assert.equal(calls, 0);
  drafts.pop();
  await sender.flush();
  assert.equal(calls, 1);
});

test("without network it is kept and sent again with the same key", async () => {
  const { sender, log } = make({
    answer: async (turn) => {
      if (turn === 1) throw new NetworkError();
      return { id: "p" };
    },
  });
  await sender.keep("r1", [photo("a.jpg"), photo("b.jpg")]);
  await sender.flush();
  assert.equal(log.states.at(-1).waiting, 2);
  assert.ok(log.states.at(-1).error instanceof NetworkError);
  stop(sender);
  await sender.flush();
  assert.equal(log.calls[0].key, log.calls[1].key);
  assert.notEqual(log.calls[1].key, log.calls[2].key);
  assert.equal((await sender.store.list()).length, 0);
});

test("what the server refuses is said and gone, the others go on", async () => {
  const { sender, log } = make({
    answer: async (turn) => {
      if (turn === 1) throw new ApiError(422, { detail: "damaged" });
      return { id: "p" };
    },
  });
  await sender.keep("r1", [photo("a.jpg"), photo("b.jpg")]);
  await sender.flush();
  assert.deepEqual(log.refused, ["damaged"]);
  assert.deepEqual(log.sent, ["r1"]);
});

test("who is signed out loses nothing", async () => {
  const { sender, log } = make({
    answer: async () => {
      throw new ApiError(401);
    },
  });
  await sender.keep("r1", [photo("a.jpg")]);
  await sender.flush();
  stop(sender);
  assert.deepEqual(log.refused, []);
  assert.equal((await sender.store.list()).length, 1);
});

test("photos of a report that was not taken come back", async () => {
  const { sender } = make();
  await sender.keep("r1", [photo("a.jpg")]);
  await sender.keep("r2", [photo("b.jpg")]);
  const back = await sender.takeBack("r1");
  assert.deepEqual(
    back.map(({ name, kind }) => [name, kind]),
    [["a.jpg", "before"]],
  );
  assert.deepEqual(
    (await sender.store.list()).map(({ report }) => report),
    ["r2"],
  );
});

test("signing out all the same wipes them", async () => {
  const { sender } = make({ waits: () => true });
  await sender.keep("r1", [photo("a.jpg")]);
  assert.equal(await sender.finish(50), 1);
  await sender.abandon();
  assert.equal((await sender.store.list()).length, 0);
});

test("what is no picture or too large is told before it is sent", () => {
  const gettext = (text) => text;
  assert.equal(unsuitable({ size: 10, type: "image/heic" }, { gettext }), null);
  assert.equal(unsuitable({ size: 10, type: "" }, { gettext }), null);
  assert.match(unsuitable({ size: 10, type: "image/gif" }, { gettext }), /JPEG/);
  assert.match(unsuitable({ size: 26 * 2 ** 20, type: "image/jpeg" }, { gettext }), /25 MB/);
});
