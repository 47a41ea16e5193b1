import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { ApiError, get, NetworkError, newId, newKey, post } from "../../maps/static/maps/js/lib/api.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
let asked;
let answer;
const { fetch } = globalThis;

beforeEach(() => {
  asked = [];
  answer = () => Response.json({ fine: true });
  globalThis.document = { cookie: "a=1; csrftoken=token; b=2", querySelector: () => null };
  globalThis.fetch = async (url, options) => {
    asked.push({ url, ...options });
    return answer(url, options);
  };
});

afterEach(() => {
  globalThis.fetch = fetch;
  delete globalThis.document;
});

test("a post carries the token, a key and the body", async () => {
  assert.deepEqual(await post("/api/v1/reports", { category: "06010" }), { fine: true });
  const [{ headers, method, body }] = asked;
  assert.equal(method, "POST");
  assert.equal(headers["X-CSRFToken"], "token");
  assert.match(headers["Idempotency-Key"], UUID);
  assert.equal(body, '{"category":"06010"}');
});

test("the same draft is posted with its own key", async () => {
  await post("/x", {}, { key: "one" });
  await post("/x", {}, { key: "one" });
  assert.deepEqual(
    asked.map(({ headers }) => headers["Idempotency-Key"]),
    ["one", "one"],
  );
});

test("a refusal is told in the server's words", async () => {
  answer = () =>
    new Response('{"title": "Conflict", "detail": "Somebody was faster."}', {
      status: 409,
      headers: { "content-type": "application/problem+json" },
    });
  await assert.rejects(post("/x", {}), (error) => {
    assert.ok(error instanceof ApiError);
    assert.equal(error.status, 409);
    assert.equal(error.detail, "Somebody was faster.");
    assert.equal(error.temporary, false);
    return true;
  });
});

test("an answer without words gets ours, and a server's fault is temporary", async () => {
  answer = () => new Response("<h1>502</h1>", { status: 502, headers: { "content-type": "text/html" } });
  await assert.rejects(
    get("/x"),
    (error) => error instanceof ApiError && error.temporary && error.detail.length > 10,
  );
});

test("no connection is told apart from a refusal", async () => {
  answer = () => {
    throw new TypeError("Failed to fetch");
  };
  await assert.rejects(get("/x"), (error) => error instanceof NetworkError && error.temporary);
});

test("an answer that ends early is no answer", async () => {
  answer = () => new Response('{"fine": tr', { headers: { "content-type": "application/json" } });
  await assert.rejects(get("/x"), NetworkError);
});

test("giving up is not a network failure", async () => {
  const given = new AbortController();
  answer = (_url, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const going = get("/x", { signal: given.signal });
  given.abort();
  await assert.rejects(going, { name: "AbortError" });
});

test("a slow answer is given up", async () => {
  answer = (_url, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  await assert.rejects(get("/x", { timeout: 5 }), NetworkError);
});

test("an empty answer is nothing", async () => {
  answer = () => new Response(null, { status: 204 });
  assert.equal(await get("/x"), null);
});

test("keys are random and ids sort by time", () => {
  assert.match(newKey(), UUID);
  assert.notEqual(newKey(), newKey());
  const early = newId(1_700_000_000_000);
  const late = newId(1_700_000_000_001);
  assert.equal(UUID.exec(early)[1], "7");
  assert.equal(early.slice(0, 13), "018bcfe5-6800");
  assert.ok(early < late);
});
