import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import {
  bytesOf,
  digestOf,
  fieldsOf,
  obstacle,
  showFor,
  shownFor,
  subscribe,
} from "../../maps/static/maps/js/lib/notices.js";
import { Notices } from "../../maps/static/maps/js/worker/notices.js";
import "./node18.js";

const KEY = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
const OTHER_KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

let names;
let storage;
let shown;
let opened;
let windows;
let manager;
let scope;
let posted;

/** A subscription as the browser gives it; it leaves the manager when it ends. */
const subscriptionUnder = (key, endpoint = "https://web.push.apple.com/1") => ({
  endpoint,
  options: { applicationServerKey: bytesOf(key).buffer },
  toJSON: () => ({ endpoint, keys: { p256dh: "p", auth: "a" } }),
  async unsubscribe() {
    manager.present = null;
  },
});

beforeEach(() => {
  names = new Set(["gridwarden-files"]);
  storage = {
    keys: async () => [...names],
    open: async (name) => names.add(name),
    delete: async (name) => names.delete(name),
  };
  shown = [];
  opened = [];
  windows = [];
  posted = [];
  manager = {
    present: null,
    made: 0,
    getSubscription: async () => manager.present,
    async subscribe({ userVisibleOnly, applicationServerKey }) {
      assert.equal(userVisibleOnly, true);
      assert.equal(applicationServerKey.length, 65);
      manager.made += 1;
      manager.present = subscriptionUnder(KEY, `https://web.push.apple.com/new${manager.made}`);
      return manager.present;
    },
  };
  scope = {
    location: new URL("https://site/sw.js"),
    registration: {
      pushManager: manager,
      async getNotifications({ tag } = {}) {
        return shown.filter((one) => !one.closed && (!tag || one.tag === tag));
      },
      async showNotification(title, options) {
        shown.push({ title, ...options, close: () => (shown.at(-1).closed = true) });
      },
    },
    clients: {
      matchAll: async () => windows,
      openWindow: async (url) => opened.push(url),
    },
  };
});

const worker = () =>
  new Notices({ icon: "/i.png", browsers: "/me/browsers/", key: "/me/browsers/key.json" }, scope, storage);

const told = (more = {}) => ({
  json: () => ({
    person: "7",
    id: "i1",
    tag: "t1",
    title: "已派遣",
    body: "垃圾 · 东街口",
    url: "/inbox/7/",
    urgent: false,
    lang: "zh-hans",
    at: 1_700_000_000_000,
    ...more,
  }),
});

test("a notice is shown to the one whose it is", async () => {
  await showFor("7", storage);
  await worker().show(told({ urgent: true }));
  assert.equal(shown.length, 1);
  const [{ title, body, tag, renotify, requireInteraction, icon, lang, data }] = shown;
  assert.deepEqual([title, body, tag, lang, icon], ["已派遣", "垃圾 · 东街口", "t1", "zh-hans", "/i.png"]);
  assert.deepEqual([renotify, requireInteraction], [true, true]);
  assert.deepEqual(data, { id: "i1", url: "/inbox/7/" });
});

test("a later one about the same rings again, a second attempt of the same does not", async () => {
  await showFor("7", storage);
  await worker().show(told());
  await worker().show(told());
  await worker().show(told({ id: "i2" }));
  assert.deepEqual(
    shown.map(({ renotify }) => renotify),
    [true, false, true],
  );
});

test("after signing out nothing is shown, and nothing is to come any more", async () => {
  await showFor("7", storage);
  manager.present = subscriptionUnder(KEY);
  await worker().show(told());
  await worker().stop();
  assert.equal(shown[0].closed, true);
  assert.equal(await shownFor(storage), "");
  assert.equal(manager.present, null);
  manager.present = subscriptionUnder(KEY);
  await worker().show(told({ id: "late" }));
  assert.equal(shown.length, 1);
  assert.equal(manager.present, null);
});

test("what was sent to another is not shown, and one's own goes on coming", async () => {
  await showFor("7", storage);
  await showFor("8", storage);
  manager.present = subscriptionUnder(KEY);
  await worker().show(told());
  assert.equal(shown.length, 0);
  assert.ok(manager.present);
  await worker().show(told({ person: "8" }));
  assert.equal(shown.length, 1);
  assert.deepEqual([...names], ["gridwarden-files", "gridwarden-notices:8"]);
});

test("what cannot be read is no notice", async () => {
  await showFor("7", storage);
  const broken = {
    json() {
      throw new SyntaxError("not JSON");
    },
  };
  for (const data of [null, broken, { json: () => null }, { json: () => ({ person: "7" }) }])
    await worker().show(data);
  assert.equal(shown.length, 0);
});

test("a tap brings the open page to the front, or opens it, and leads nowhere else", async () => {
  const focused = [];
  windows = ["/patrol/", "/inbox/7/"].map((path) => ({
    url: `https://site${path}`,
    focus: async () => focused.push(path),
  }));
  const tapped = (url) => ({ data: { url }, close() {} });
  await worker().open(tapped("/inbox/7/"));
  await worker().open(tapped("/inbox/8/"));
  await worker().open(tapped("https://evil.cn/"));
  await worker().open(tapped("//evil.cn/x"));
  assert.deepEqual(focused, ["/inbox/7/"]);
  assert.deepEqual(opened, ["https://site/inbox/8/"]);
});

/** What the site answers to the worker. */
const site = (signedIn, redirected = false) => {
  globalThis.fetch = async (url, options = {}) => {
    if (options.method === "POST") posted.push([url, options]);
    return { ok: true, redirected, json: async () => ({ key: KEY, person: signedIn, token: "T" }) };
  };
};

test("a new address from the push service is told to the server", async () => {
  await showFor("7", storage);
  site("7");
  await worker().renew({});
  await worker().renew({ newSubscription: subscriptionUnder(KEY, "https://web.push.apple.com/given") });
  assert.equal(manager.made, 1);
  assert.deepEqual(
    posted.map(([url, { body }]) => [url, body.get("endpoint"), body.get("p256dh"), body.get("auth")]),
    [
      ["/me/browsers/", "https://web.push.apple.com/new1", "p", "a"],
      ["/me/browsers/", "https://web.push.apple.com/given", "p", "a"],
    ],
  );
  assert.equal(posted[0][1].headers["X-CSRFToken"], "T");
});

test("a new address is nobody's business when the person is signed out or is another", async () => {
  site("7");
  await worker().renew({});
  await showFor("7", storage);
  site("8");
  await worker().renew({});
  site("7", true);
  await worker().renew({});
  assert.deepEqual([posted.length, manager.made], [0, 0]);
});

test("a subscription under the site's key is kept, one under an earlier key gives way", async () => {
  manager.present = subscriptionUnder(KEY);
  assert.equal((await subscribe(manager, KEY)).endpoint, "https://web.push.apple.com/1");
  manager.present = subscriptionUnder(OTHER_KEY);
  assert.equal((await subscribe(manager, KEY)).endpoint, "https://web.push.apple.com/new1");
  assert.deepEqual(fieldsOf(manager.present), {
    endpoint: "https://web.push.apple.com/new1",
    p256dh: "p",
    auth: "a",
  });
});

test("what stands in the way is said", () => {
  const able = { PushManager: class {}, Notification: { permission: "default" } };
  assert.equal(obstacle({ navigator: { serviceWorker: {} }, ...able }), "");
  assert.equal(
    obstacle({ navigator: { serviceWorker: {} }, ...able, Notification: { permission: "denied" } }),
    "blocked",
  );
  assert.equal(obstacle({ navigator: { serviceWorker: {}, standalone: false } }), "home-screen");
  assert.equal(obstacle({ navigator: { serviceWorker: {} } }), "unsupported");
  assert.equal(obstacle({ navigator: {}, ...able }), "unsupported");
});

test("the server knows a browser by the digest of its address", async () => {
  const digest = await digestOf("https://web.push.apple.com/QGfx");
  assert.match(digest, /^[0-9a-f]{64}$/);
  assert.equal(await digestOf("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
