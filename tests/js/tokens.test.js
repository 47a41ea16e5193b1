import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const CSS = readFileSync(new URL("../../maps/static/maps/css/tokens.css", import.meta.url), "utf8");
const [light, dark, contrast, darkContrast] = CSS.split(/@media[^{]+\{/).map((block) =>
  Object.fromEntries(
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})\b/g)].map(([, name, value]) => [name, value]),
  ),
);
const THEMES = {
  light,
  dark: { ...light, ...dark },
  "light, more contrast": { ...light, ...contrast },
  "dark, more contrast": { ...light, ...dark, ...darkContrast },
};

/** WCAG 2.2 relative luminance. */
function luminance(hex) {
  const [r, g, b] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const GROUNDS = [
  "map-land",
  "map-street",
  "map-building",
  "map-park",
  "map-school",
  "map-estate",
  "map-market",
];
/** Text token, what it may stand on. */
const TEXTS = [
  ...["ink", "soft", "accent", "bad", "warn"].map((name) => [name, ["paper", "card"]]),
  ["accent", ["accent-tint"]],
  ["bad", ["bad-tint"]],
  ["warn", ["warn-tint"]],
  ["accent-ink", ["accent"]],
  ["bad-ink", ["bad"]],
  ["warn-ink", ["warn"]],
  ["map-label", [...GROUNDS, "map-water"]],
  ["map-label-strong", [...GROUNDS, "map-water"]],
  ["map-label-water", ["map-halo"]],
  ["map-label-park", ["map-halo"]],
];
/** Lines and symbols need 3:1 against the ground. */
const SHAPES = ["accent", "bad", "warn", "soft", "map-mine", "map-edge"];

for (const [theme, tokens] of Object.entries(THEMES)) {
  test(`text is readable (4.5:1) in the ${theme} theme`, () => {
    for (const [name, grounds] of TEXTS)
      for (const ground of grounds) {
        const found = ratio(tokens[name], tokens[ground]);
        assert.ok(found >= 4.5, `${name} on ${ground}: ${found.toFixed(2)}`);
      }
  });

  test(`symbols and boundaries stand out (3:1) in the ${theme} theme`, () => {
    for (const name of SHAPES) {
      const found = ratio(tokens[name], tokens["map-land"]);
      assert.ok(found >= 3, `${name}: ${found.toFixed(2)}`);
    }
  });
}

test("both themes define the same colours", () => {
  const colours = (block) => Object.keys(block).sort();
  assert.deepEqual(colours(dark), colours(light));
});
