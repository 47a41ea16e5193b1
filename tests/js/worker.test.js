import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Files } from "../../maps/static/maps/js/worker/files.js";
import { Pages } from "../../maps/static/maps/js/worker/pages.js";
import { Tiles } from "../../maps/static/maps/js/worker/tiles.js";
import "./node18.js";

const ORIGIN = "https://site";
globalThis.location = new URL(`${ORIGIN}/sw.js`);

/** The browser's caches, as far as the worker asks for them. */
class Caches {
  all = new Map();

  async open(name) {
    if (!this.all.has(name)) this.all.set(name, new FakeCache());
    return this.all.get(name);
  }

  keys = async () => [...this.all.keys()];
  delete = async (name) => this.all.delete(name);
}

class FakeCache {
  rows = new Map();
  #url = (request) => new URL(request.url ?? request, ORIGIN).href;

  match = async (request) => this.rows.get(this.#url(request))?.clone();
  keys = async () => [...this.rows.keys()].map((url) => ({ url }));
  delete = async (request) => this.rows.delete(this.#url(request));
  async put(request, answer) {
    this.rows.set(this.#url(request), answer);
  }
  async addAll(addresses) {
    const answers = await Promise.all(addresses.map((address) => fetch(address)));
    if (!answers.every(({ ok }) => ok)) throw new TypeError("not all");
    for (const [index, address] of addresses.entries()) await this.put(address, answers[index]);
  }
}

let storage;
let asked;
let site;
let online;

/** A page of a person as the site writes it, with the files of a version. */
const html = (person, version, language = "en") =>
  `<html><script src="/jsi18n/?${language}"></script><link href="/static/${version}.css">` +
  `<script src="/static/${version}.js"></script><body class="x" data-person="${person}">${version}</body></html>`;

beforeEach(() => {
  storage = new Caches();
  asked = [];
  online = true;
  site = { "/patrol/": html("7", "v1") };
  globalThis.fetch = async (request) => {
    const { pathname, search } = new URL(request.url ?? request, ORIGIN);
    asked.push(pathname + search);
    if (!online) throw new TypeError("Failed to fetch");
    const said = site[pathname] ?? pathname;
    if (typeof said === "number") return new Response("", { status: said });
    return new Response(said, { headers: { "Content-Security-Policy": "default-src 'none'" } });
  };
});

function worker() {
  const config = {
    files: ["/static/core.js"],
    static: "/static/",
    hashed: true,
    pages: ["/patrol/", "/my-grid/"],
    catalogue: "/jsi18n/",
    ground: "/tiles/ground",
    apology: "no network",
  };
  const files = new Files(config, storage);
  return { files, pages: new Pages(config, files, storage), tiles: new Tiles(config, storage) };
}

/** Ask as the browser would; resolves when what goes on behind is done, too. */
async function ask(part, address, mode = "navigate") {
  const behind = [];
  const url = new URL(address, ORIGIN);
  const request = { url: url.href, mode };
  if (!part.holds(request, url)) return null;
  const answer = await part.answer({ request, waitUntil: (work) => behind.push(work) }, url);
  for (let index = 0; index < behind.length; index++) await behind[index];
  return answer;
}

const filesHere = async () =>
  (await (await storage.open("gridwarden-files")).keys()).map(({ url }) => new URL(url).pathname).sort();

test("a page that was seen opens without a network, with its files and words, and says when it was kept", async () => {
  const { pages, files } = worker();
  assert.match(await (await ask(pages, "/patrol/?grid=1")).text(), /v1/);
  online = false;
  const answer = await ask(pages, "/patrol/");
  assert.match(await answer.text(), /<body data-kept="\d{13}" class="x" data-person="7">v1/);
  assert.equal(answer.headers.get("Content-Security-Policy"), "default-src 'none'");
  assert.equal(await (await ask(files, "/static/v1.js", "cors")).text(), "/static/v1.js");
  assert.equal(await (await ask(pages, "/jsi18n/?en", "cors")).text(), "/jsi18n/");
});

test("the network comes first", async () => {
  const { pages } = worker();
  await ask(pages, "/patrol/");
  site["/patrol/"] = html("7", "v2");
  assert.match(await (await ask(pages, "/patrol/")).text(), /v2/);
  assert.deepEqual(await filesHere(), ["/static/v2.css", "/static/v2.js"]);
});

test("a page of a new version is kept whole or not at all", async () => {
  const { pages } = worker();
  await ask(pages, "/patrol/");
  site["/patrol/"] = html("7", "v2");
  site["/static/v2.js"] = 404;
  await ask(pages, "/patrol/");
  online = false;
  assert.match(await (await ask(pages, "/patrol/")).text(), /v1/);
  assert.deepEqual(await filesHere(), ["/static/v1.css", "/static/v1.js"]);
});

test("a network that is too slow is not waited for", async () => {
  const { pages } = worker();
  await ask(pages, "/patrol/");
  const now = globalThis.fetch;
  let release = null;
  globalThis.fetch = (request) => new Promise((resolve) => (release = () => resolve(now(request))));
  const started = Date.now();
  const request = { url: `${ORIGIN}/patrol/`, mode: "navigate" };
  const answer = await pages.answer({ request, waitUntil() {} }, new URL(request.url));
  assert.match(await answer.text(), /data-kept/);
  assert.ok(Date.now() - started >= 2900);
  release();
});

test("a gateway without a server behind it is no network", async () => {
  const { pages } = worker();
  await ask(pages, "/patrol/");
  site["/patrol/"] = 502;
  assert.match(await (await ask(pages, "/patrol/")).text(), /v1/);
  assert.equal((await ask(pages, "/my-grid/")).status, 200);
});

test("what the server refuses is shown as it is and not kept", async () => {
  const { pages } = worker();
  await ask(pages, "/patrol/");
  site["/patrol/"] = 404;
  assert.equal((await ask(pages, "/patrol/")).status, 404);
  online = false;
  assert.match(await (await ask(pages, "/patrol/")).text(), /v1/);
});

test("home leads to the page that is kept, and where nothing is kept that is said", async () => {
  const { pages } = worker();
  online = false;
  const sorry = await ask(pages, "/patrol/");
  assert.deepEqual([sorry.status, await sorry.text()], [503, "no network"]);
  online = true;
  await ask(pages, "/patrol/");
  online = false;
  globalThis.Response.redirect = (to) => ({ to });
  assert.equal((await ask(pages, "/")).to, "/patrol/");
  assert.equal((await ask(pages, "/my-grid/")).status, 503);
});

test("pages of one person only are kept, none of nobody", async () => {
  const { pages } = worker();
  await ask(pages, "/patrol/");
  site["/my-grid/"] = html("8", "v1");
  await ask(pages, "/my-grid/");
  assert.deepEqual(
    (await storage.keys()).filter((name) => name.startsWith("gridwarden-page")),
    ["gridwarden-page:8"],
  );
  site["/my-grid/"] = "<body>sign in</body>";
  await ask(pages, "/my-grid/");
  online = false;
  assert.match(await (await ask(pages, "/my-grid/")).text(), /v1/);
});

test("a page that was asked for before signing out is not kept after it", async () => {
  const { pages } = worker();
  const real = globalThis.fetch;
  let release = null;
  globalThis.fetch = async (request) => {
    const address = new URL(request.url ?? request, ORIGIN).pathname;
    if (address === "/jsi18n/") await new Promise((resolve) => (release = resolve));
    return real(request);
  };
  const keeping = pages.fetchAndKeep("/patrol/");
  while (!release) await new Promise(setImmediate);
  const wiping = pages.wipe();
  release();
  await Promise.all([keeping, wiping]);
  assert.deepEqual(await storage.keys(), ["gridwarden-files"]);
});

test("other pages and what the API says go by", async () => {
  const { pages, files, tiles } = worker();
  for (const address of ["/api/v1/reports", "/dispatch/", "/patrol/bundle.json"])
    for (const part of [pages, files, tiles]) assert.equal(await ask(part, address), null, address);
});

test("only what is missing is fetched, and a file that is missing on the site is an error", async () => {
  const { files } = worker();
  await files.add(["/static/a.js", "/static/b.js"]);
  await files.add(["/static/a.js", "/static/c.js"]);
  assert.deepEqual(asked, ["/static/a.js", "/static/b.js", "/static/c.js"]);
  site["/static/d.js"] = 404;
  await assert.rejects(files.add(["/static/d.js", "/static/e.js"]));
  await files.prune(["/static/c.js"]);
  assert.deepEqual(await filesHere(), ["/static/c.js"]);
});

test("tiles of one's own grids stay, of others the latest, and both are renewed behind", async () => {
  const { tiles } = worker();
  await tiles.keep(["/tiles/ground.json", "/tiles/ground/16/1/1.mvt"]);
  await tiles.keep(["/tiles/ground/16/1/1.mvt", "/tiles/ground/16/1/2.mvt"]);
  assert.equal(asked.length, 3);
  site["/tiles/ground/16/1/1.mvt"] = "new";
  assert.equal(
    await (await ask(tiles, "/tiles/ground/16/1/1.mvt", "cors")).text(),
    "/tiles/ground/16/1/1.mvt",
  );
  online = false;
  assert.equal(await (await ask(tiles, "/tiles/ground/16/1/1.mvt", "cors").catch(() => null))?.text(), "new");
  await assert.rejects(ask(tiles, "/tiles/ground/16/9/9.mvt", "cors"));
  online = true;
  for (let x = 0; x < 405; x++) await ask(tiles, `/tiles/ground/14/${x}/0.mvt`, "cors");
  const seen = await (await storage.open("gridwarden-tiles-seen")).keys();
  assert.equal(seen.length, 400);
  assert.ok(seen[0].url.endsWith("/14/5/0.mvt"));
  assert.equal((await (await storage.open("gridwarden-tiles-own")).keys()).length, 2);
});

test("while names do not change with contents the network's file is the right one", async () => {
  const files = new Files({ files: [], static: "/static/", hashed: false }, storage);
  await files.add(["/static/a.js"]);
  site["/static/a.js"] = "new";
  assert.equal(await (await ask(files, "/static/a.js", "cors")).text(), "new");
  online = false;
  assert.equal(await (await ask(files, "/static/a.js", "cors")).text(), "new");
});
