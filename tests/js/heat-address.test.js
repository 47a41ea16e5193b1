import assert from "node:assert/strict";
import test from "node:test";
import { readLooks, reportsAddress, writeLooks } from "../../maps/static/maps/js/lib/heat-address.js";

const USUAL = { draw: "hexagons", heat: true, hotspots: false, shading: "", step: "", at: "", cell: "" };

test("without anything in the address heat is drawn as hexagons", () => {
  assert.deepEqual(readLooks(""), USUAL);
  assert.equal(writeLooks("?region=150199", USUAL), "?region=150199");
  assert.equal(writeLooks("", USUAL), "");
});

test("what is written is read again, beside the filters", () => {
  const looks = {
    draw: "smooth",
    heat: true,
    hotspots: true,
    shading: "load",
    step: "week",
    at: "2026-11-03",
    cell: "8a31aa5082c7fff",
  };
  const written = writeLooks("?period=92&at=2020-01-01", looks);
  assert.deepEqual(readLooks(written), looks);
  assert.ok(written.startsWith("?period=92&"));
  assert.deepEqual(readLooks(writeLooks("", { ...USUAL, heat: false })), { ...USUAL, heat: false });
});

test("what cannot be is not looked at", () => {
  assert.deepEqual(readLooks("?draw=x&layers=heat,y&step=year&at=yesterday&cell=<b>"), USUAL);
});

test("a cell leads to its reports with the same filters", () => {
  assert.equal(
    reportsAddress("/reports/", {
      bounds: [111.1234567, 40, 111.2, 40.1],
      days: { since: "2026-11-01", until: "2026-11-30" },
      filters: { state: "open" },
    }),
    "/reports/?bbox=111.123457,40.000000,111.200000,40.100000&since=2026-11-01&until=2026-11-30&state=open",
  );
  assert.equal(
    reportsAddress("/reports/", { bounds: [1, 2, 3, 4], days: {}, filters: {} }).includes("&"),
    false,
  );
});
