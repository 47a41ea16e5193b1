import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { ApiError, NetworkError } from "../../maps/static/maps/js/lib/api.js";
import { Database } from "../../maps/static/maps/js/lib/database.js";
import { Outbox } from "../../maps/static/maps/js/lib/outbox.js";
import { BATCH, QUIET, Recording } from "../../maps/static/maps/js/lib/recording.js";

let clock = 1_800_000_000_000;
let online = true;
let requests = [];
let database;
let outbox;
const now = () => clock;

async function send({ url, body, key }) {
  if (!online) throw new NetworkError(new TypeError("offline"));
  requests.push({ url, body, key });
  return { id: body?.id };
}

const parts = () => ({ person: "7", database, outbox, now });

beforeEach(() => {
  clock = 1_800_000_000_000;
  online = true;
  requests = [];
  // Rows live in memory: what is tested is what is written when, not the browser.
  database = new Database(undefined);
  outbox = new Outbox("7", { database, send, locks: null, now });
});

afterEach(() => outbox.stop());

const position = (time, east = 0) => ({
  time,
  lon: 111.67 + east * 1e-5,
  lat: 40.82,
  accuracy: 5,
  speed: null,
  course: null,
  altitude: null,
});

async function begun() {
  const recording = new Recording(parts());
  await recording.start({ grid: 5, mode: "walk", name: "网格 5" });
  await outbox.flush();
  return recording;
}

/** Positions every second. */
async function walk(recording, seconds) {
  for (let turn = 0; turn < seconds; turn++) {
    clock += 1000;
    await recording.fix(position(clock, turn));
    await recording.beat();
  }
  await outbox.flush();
}

const sentTo = (ending) => requests.filter(({ url }) => url.endsWith(ending));
const times = () => sentTo("/fixes").flatMap(({ body }) => body.fixes.map(([time]) => time));

test("a patrol starts under an id of the phone's own, and its positions go there", async () => {
  const recording = await begun();
  assert.equal(requests[0].url, "/api/v1/patrols");
  assert.equal(requests[0].body.id, recording.patrol.id);
  await walk(recording, BATCH.fixes);
  assert.equal(sentTo("/fixes")[0].url, `/api/v1/patrols/${recording.patrol.id}/fixes`);
  assert.deepEqual(sentTo("/fixes")[0].body.fixes[0], [
    1_800_000_001_000,
    111.67,
    40.82,
    5,
    null,
    null,
    null,
  ]);
});

test("a batch goes after fifty positions or after half a minute, not with each", async () => {
  const recording = await begun();
  await walk(recording, 10);
  assert.equal(sentTo("/fixes").length, 0);
  await walk(recording, 21);
  assert.equal(sentTo("/fixes").length, 1);
  assert.equal(recording.loose, 31 - times().length);
});

test("without a network nothing piles up in the outbox, and all of it goes once there is one", async () => {
  const recording = await begun();
  online = false;
  await walk(recording, 400);
  assert.equal(outbox.entries.filter(({ kind }) => kind === "fixes").length, 1);
  online = true;
  await outbox.flush({ anew: true });
  await walk(recording, 60);
  await recording.end();
  await outbox.flush();
  assert.equal(times().length, 460);
  assert.equal(new Set(times()).size, 460);
});

test("every position is written down as it comes, and gone when it is on its way", async () => {
  const recording = await begun();
  await walk(recording, 10);
  assert.equal((await database.all("fixes", "7")).length, 10);
  await walk(recording, 40);
  assert.ok((await database.all("fixes", "7")).length < 50);
});

test("a page that dies goes on with the same patrol, and the time between is a gap", async () => {
  const first = await begun();
  await walk(first, 20);
  const { id } = first.patrol;
  clock += 200_000;
  const second = new Recording(parts());
  assert.equal(await second.load(), true);
  assert.equal(second.active, true);
  assert.equal(second.patrol.id, id);
  assert.equal(second.loose, 20);
  assert.equal(second.last.time, first.last.time);
  assert.deepEqual(second.gap, { from: first.last.time, to: null, why: "closed" });
  await walk(second, 40);
  await second.end();
  clock += 60_000;
  await outbox.flush();
  assert.equal(requests.filter(({ url }) => url === "/api/v1/patrols").length, 1);
  assert.equal(new Set(times()).size, 60);
  assert.equal(second.gaps[0].to - second.gaps[0].from, 201_000);
});

test("somebody else on the same phone does not see it", async () => {
  await begun();
  assert.equal(await new Recording({ ...parts(), person: "8" }).load(), false);
});

test("a minute without a position is a gap that says why, and ends with the next position", async () => {
  const recording = await begun();
  await walk(recording, 5);
  const since = recording.last.time;
  clock += QUIET - 1;
  await recording.beat();
  assert.equal(recording.gap, null);
  recording.hidden = true;
  clock += 1;
  await recording.beat();
  assert.deepEqual(recording.gap, { from: since, to: null, why: "hidden" });
  clock += 30_000;
  await recording.fix(position(clock));
  assert.equal(recording.gap, null);
  assert.deepEqual(recording.gaps, [{ from: since, to: clock, why: "hidden" }]);
});

test("a gap that nobody saw, since timers stood still, is one all the same", async () => {
  const recording = await begun();
  await walk(recording, 5);
  const since = recording.last.time;
  clock += 600_000;
  await recording.fix(position(clock));
  assert.deepEqual(recording.gaps, [{ from: since, to: clock, why: "signal" }]);
});

test("the same position again, and one from before the patrol, do not count", async () => {
  const recording = await begun();
  await recording.fix(position(clock - 60_000));
  clock += 1000;
  await recording.fix(position(clock));
  await recording.fix(position(clock));
  assert.equal(recording.loose, 1);
});

test("an end can be taken back for a while, and goes after all positions", async () => {
  const recording = await begun();
  await walk(recording, 5);
  await recording.end();
  assert.equal(recording.active, false);
  await outbox.flush();
  assert.equal(sentTo("/end").length, 0);
  assert.equal(await recording.resume(), true);
  assert.equal(recording.active, true);
  assert.equal(recording.gap.why, "closed");
  await walk(recording, 5);
  await recording.end();
  clock += 11_000;
  await outbox.flush();
  assert.deepEqual(
    requests.map(({ url }) => url.split("/").at(-1)),
    ["patrols", "fixes", "fixes", "end"],
  );
  assert.equal(await recording.resume(), false);
});

test("an end that was asked for while the page died can still be taken back, or is sent", async () => {
  const first = await begun();
  online = false;
  await first.end();
  const second = new Recording(parts());
  await second.load();
  assert.equal(second.active, false);
  assert.equal(await second.resume(), true);
  assert.equal(
    outbox.entries.some(({ kind }) => kind === "end"),
    false,
  );
});

test("a tick is kept with the patrol, and taken back by the same words", async () => {
  const recording = await begun();
  await recording.tick({ thing: "street", key: 9, name: "西巷" });
  await outbox.flush();
  const again = new Recording(parts());
  await again.load();
  assert.deepEqual([...again.ticks], ["street/9"]);
  await again.tick({ thing: "street", key: 9, name: "西巷", ticked: false });
  await outbox.flush();
  assert.deepEqual(
    sentTo("/ticks").map(({ body }) => [body.thing, body.key, body.ticked]),
    [
      ["street", 9, undefined],
      ["street", 9, false],
    ],
  );
  assert.equal(again.ticks.size, 0);
});

test("what is over is forgotten", async () => {
  const recording = await begun();
  await recording.end();
  await recording.forget();
  assert.equal(await new Recording(parts()).load(), false);
});

test("a new patrol ends the one that is under way elsewhere first, also without a network", async () => {
  const recording = new Recording(parts());
  online = false;
  const instead = { id: "other", started_at: clock - 60_000, name: "网格 4" };
  await recording.start({ grid: 5, mode: "walk", name: "网格 5", instead });
  await outbox.flush();
  assert.deepEqual(requests, []);
  assert.deepEqual(
    outbox.entries.map(({ kind, name }) => [kind, name]),
    [
      ["end", "网格 4"],
      ["patrol", "网格 5"],
    ],
  );
  online = true;
  await outbox.flush({ anew: true });
  const moment = new Date(clock).toISOString();
  assert.deepEqual(
    requests.map(({ url, body }) => [url, body.at ?? body.started_at]),
    [
      ["/api/v1/patrols/other/end", moment],
      ["/api/v1/patrols", moment],
    ],
  );
});

test("a new patrol is not sent before the end of the other one", async () => {
  const recording = new Recording(parts());
  outbox.send = async (entry) => {
    if (entry.kind === "end") throw new ApiError(400, {});
    return send(entry);
  };
  const instead = { id: "other", started_at: clock - 60_000, name: "网格 4" };
  await recording.start({ grid: 5, mode: "walk", name: "网格 5", instead });
  await outbox.flush();
  assert.deepEqual(requests, []);
});

test("one that another phone's fast clock started is not ended before it began", async () => {
  const recording = new Recording(parts());
  const instead = { id: "other", started_at: clock + 60_000, name: "网格 4" };
  await recording.start({ grid: 5, mode: "walk", name: "网格 5", instead });
  await outbox.flush();
  assert.equal(requests[0].body.at, new Date(clock + 60_001).toISOString());
  assert.equal(requests[1].body.started_at, requests[0].body.at);
});

test("what the server knows to be under way is elsewhere unless it is recorded here or about to end", async () => {
  const recording = new Recording(parts());
  const known = { id: "other" };
  assert.equal(recording.elsewhere(null), null);
  assert.equal(recording.elsewhere(known), known);
  await recording.start({ grid: 5, mode: "walk", name: "网格 5" });
  assert.equal(recording.elsewhere(known), null);
  const { id } = recording.patrol;
  await recording.end();
  assert.equal(recording.elsewhere({ id }), null);
  assert.equal(recording.elsewhere(known), known);
  await recording.forget();
  assert.equal(recording.elsewhere({ id }), null);
  await outbox.clear();
  assert.deepEqual(recording.elsewhere({ id }), { id });
});

test("a patrol begun while the end of the one before can be taken back is sent after that end", async () => {
  const recording = await begun();
  clock += 20_000;
  await recording.end();
  clock += 2000;
  await recording.start({ grid: 5, mode: "walk", name: "网格 5" });
  await outbox.flush();
  assert.deepEqual(
    requests.map(({ url }) => url.split("/").at(-1)),
    ["patrols"],
  );
  clock += 20_000;
  await outbox.flush();
  assert.deepEqual(
    requests.map(({ url }) => url.split("/").at(-1)),
    ["patrols", "end", "patrols"],
  );
});
