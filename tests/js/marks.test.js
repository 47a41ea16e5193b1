import assert from "node:assert/strict";
import { test } from "node:test";
import { askWords, marksOf } from "../../maps/static/maps/js/lib/marks.js";
import { useZone } from "../../maps/static/maps/js/lib/times.js";
import { staysLine } from "../../maps/static/maps/js/ui/loop.js";

const NOW = Date.UTC(2026, 10, 30, 4) / 1000;
const quiet = { supervised: 0, urged: 0, rework: 0, ask: null };

test("a report about which nothing stands out has no marks", () => assert.deepEqual(marksOf(quiet, NOW), []));

test("what is pressing comes first, counted from the second time on", () => {
  const ask = { kind: "extension", until: "2026-12-03" };
  assert.deepEqual(marksOf({ supervised: 1, urged: 2, rework: 3, ask }, NOW), [
    { kind: "supervised", text: "supervised" },
    { kind: "urged", text: "urged ×2" },
    { kind: "ask", text: "asks for time until 3 Dec" },
    { kind: "rework", text: "rework ×3" },
  ]);
});

test("what closes by itself says when", () => {
  useZone("Asia/Shanghai");
  const marks = marksOf({ ...quiet, settles_at: "2026-11-30T06:05:00+00:00" }, NOW);
  assert.deepEqual(marks, [{ kind: "settles", text: "closes by itself at 14:05" }]);
  useZone("");
});

test("the last of each kind is compared", async () => {
  const { lastOf } = await import("../../maps/static/maps/js/ui/compare.js");
  const photos = [
    { kind: "before", n: 1 },
    { kind: "before", n: 2 },
    { kind: "after", n: 3 },
    { kind: "other", n: 4 },
  ];
  assert.deepEqual(lastOf(photos, "before"), { photo: photos[1], index: 1 });
  assert.deepEqual(lastOf(photos, "after"), { photo: photos[2], index: 2 });
});

test("deferring is asked for in other words", () =>
  assert.equal(askWords({ kind: "deferral", until: "2027-01-05" }, NOW), "asks to defer until 5 Jan 2027"));

test("who had it is told where there was more than one, or where it went back", () => {
  const stay = (name, seconds, end = null) => ({
    holder: { name },
    seconds,
    ended_by: end,
    ended_label: end && "Sent back",
  });
  assert.equal(staysLine({ stays: [stay("Squad", 7200)] }), "");
  assert.equal(staysLine({ stays: [stay("Squad", 7200, "send_back")] }), "Squad 2 hours (Sent back)");
  assert.equal(
    staysLine({ stays: [stay("Squad", 7200, "send_back"), stay("Cleaners", 600)] }),
    "Squad 2 hours (Sent back) → Cleaners 10 min",
  );
});
