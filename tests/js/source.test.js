import assert from "node:assert/strict";
import { test } from "node:test";
import { TileSource } from "../../maps/static/maps/js/lib/source.js";

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
const FEATURES = new Map([["streets", [{ id: "1" }]]]);

function makeSource(answer, options = {}) {
  const asked = [];
  const changes = [];
  const source = new TileSource({
    name: "streets",
    url: "/tiles/streets/{z}/{x}/{y}.mvt",
    decode: () => FEATURES,
    random: () => 0,
    onChange: (entry) => changes.push(entry.state),
    fetch: (url, init) => {
      asked.push({ url, ...init });
      return answer(url, init, asked.length);
    },
    ...options,
  });
  return { source, asked, changes };
}
const ok = async () => new Response(new Uint8Array([1]), { status: 200 });
const status = (code) => async () => new Response(null, { status: code });

test("a tile is fetched once for all who hold it", async () => {
  const { source, asked } = makeSource(ok);
  const [a, b] = [source.retain(14, 1, 2), source.retain(14, 1, 2)];
  await settle();
  assert.equal(a, b);
  assert.equal(a.features, FEATURES);
  assert.deepEqual(
    asked.map(({ url }) => url),
    ["/tiles/streets/14/1/2.mvt"],
  );
});

test("204 is an empty tile, not a failure", async () => {
  const { source, changes } = makeSource(status(204));
  const entry = source.retain(14, 1, 2);
  await settle();
  assert.equal(entry.features.size, 0);
  assert.deepEqual(changes, ["ready"]);
});

test("a tile nobody wants any more is no longer fetched", async () => {
  const { source, asked } = makeSource(() => new Promise(() => {}));
  source.release(source.retain(14, 1, 2));
  assert.equal(asked[0].signal.aborted, true);
  source.retain(14, 1, 2);
  assert.equal(asked.length, 2);
});

test("a released tile is remembered", async () => {
  const { source, asked } = makeSource(ok);
  const entry = source.retain(14, 1, 2);
  await settle();
  source.release(entry);
  assert.equal(source.retain(14, 1, 2).features, FEATURES);
  assert.equal(asked.length, 1);
});

test("a server fault is tried again, a refusal is not", async () => {
  for (const [code, tries] of [
    [503, 2],
    [403, 1],
  ]) {
    const answer = async (_url, _init, count) =>
      count === 1 ? new Response(null, { status: code, headers: { "Retry-After": "0" } }) : ok();
    const { source, asked, changes } = makeSource(answer);
    const entry = source.retain(14, 1, 2);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(asked.length, tries, `${code}`);
    assert.equal(changes[0], "failed");
    assert.equal(entry.state, tries === 2 ? "ready" : "failed");
    source.destroy();
  }
});

test("a failed tile comes back when the user asks", async () => {
  let broken = true;
  const { source } = makeSource(async () => (broken ? new Response(null, { status: 400 }) : ok()));
  const entry = source.retain(14, 1, 2);
  await settle();
  assert.deepEqual(source.pending, { loading: 0, failed: 1 });
  broken = false;
  source.retryFailed();
  await settle();
  assert.equal(entry.state, "ready");
  assert.deepEqual(source.pending, { loading: 0, failed: 0 });
});

test("a fault that passes is not reported", async () => {
  const answer = async (_url, _init, count) => (count === 1 ? new Response(null, { status: 503 }) : ok());
  const { source } = makeSource(answer);
  source.retain(14, 1, 2);
  await settle();
  assert.deepEqual(source.pending, { loading: 0, failed: 0 });
  source.destroy();
});

test("bytes that are no tile count as a failure", async () => {
  const { source, changes } = makeSource(ok, {
    decode: () => {
      throw new Error("no tile");
    },
  });
  source.retain(14, 1, 2);
  await settle();
  assert.deepEqual(changes, ["failed"]);
  source.destroy();
});

test("a refresh keeps the old content until the new one is there, and revalidates", async () => {
  let resolve;
  const answer = (_url, _init, count) => (count === 1 ? ok() : new Promise((done) => (resolve = done)));
  const { source, asked } = makeSource(answer);
  const entry = source.retain(14, 1, 2);
  await settle();
  source.refresh();
  assert.equal(entry.features, FEATURES);
  assert.equal(asked[1].cache, "no-cache");
  resolve(new Response(null, { status: 204 }));
  await settle();
  assert.equal(entry.features.size, 0);
});

test("filters and version are part of the address", () => {
  const { source } = makeSource(ok);
  source.params = { state: ["reported", "accepted"], since: "2026-01-01", category: null };
  source.version = 7;
  assert.equal(
    source.address(3, 2, 1),
    "/tiles/streets/3/2/1.mvt?state=reported&state=accepted&since=2026-01-01&v=7",
  );
});

test("outside its bounds a source is empty without asking", () => {
  const { source, asked } = makeSource(ok, { bounds: [111.5, 40.7, 111.8, 40.9] });
  assert.equal(source.retain(10, 0, 0).features.size, 0);
  assert.equal(asked.length, 0);
});

test("what is known above or below stands in for a tile on its way", async () => {
  const { source } = makeSource(ok);
  source.retain(12, 2, 2);
  source.retain(15, 40, 40);
  await settle();
  assert.equal(source.best(14, 8, 8).z, 12);
  assert.equal(source.best(14, 0, 0), null);
  assert.equal(source.below(14, 20, 20)[0].z, 15);
  assert.deepEqual(source.below(14, 0, 0), []);
});

test("what was fetched beforehand is there at once when its filters are set, and only once", async () => {
  const { source, asked, changes } = makeSource(ok);
  const entry = source.retain(14, 1, 2);
  await settle();
  await source.prefetch({ since: "2026-11-03" });
  assert.equal(asked.at(-1).url, "/tiles/streets/14/1/2.mvt?since=2026-11-03");
  await source.prefetch({ since: "2026-11-03" });
  assert.equal(asked.length, 2, "what is there already is not asked for again");
  source.params = { since: "2026-11-03" };
  source.refresh();
  await settle();
  assert.equal(asked.length, 2);
  assert.equal(entry.state, "ready");
  assert.deepEqual(changes, ["ready", "ready"]);
  assert.deepEqual(source.pending, { loading: 0, failed: 0 });
  source.refresh();
  await settle();
  assert.equal(asked.length, 3);
});

test("what cannot be fetched beforehand is no failure of what is shown", async () => {
  const { source } = makeSource((_url, _init, number) =>
    number === 1 ? ok() : Promise.reject(new Error("away")),
  );
  const entry = source.retain(14, 1, 2);
  await settle();
  await source.prefetch({ since: "2026-11-03" });
  assert.deepEqual(source.pending, { loading: 0, failed: 0 });
  assert.equal(entry.features, FEATURES);
});
