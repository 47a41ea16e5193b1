/**
 * Searching for a place: a field becomes a combobox (ARIA 1.2) over /api/v1/places/search. Its list lies above
 * everything else, so no sheet or panel cuts it off.
 */

import { get } from "../lib/api.js";
import { metres } from "../lib/format.js";
import { contextOf, pieces, Recent } from "../lib/found.js";
import { gettext, interpolate, ngettext } from "../lib/i18n.js";
import { announce } from "./announce.js";
import { element } from "./element.js";

const SOURCE = "/api/v1/places/search";
const WAIT = 160; // ms after the last letter
const MARGIN = 8;
const ICONS = {
  home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
  street: "M8 3L5 21M16 3l3 18M12 4v3M12 10.5v3M12 17v3",
  grid: "M4 4h16v16H4zM4 12h16M12 4v16",
  point: "M12 21s7-6.5 7-12a7 7 0 0 0-14 0c0 5.5 7 12 7 12zM12 11.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  body: "M4 20h16M6 20V9M10 20V9M14 20V9M18 20V9M3 9l9-5 9 5z",
  shop: "M4 10l1.5-6h13L20 10M5 10v10h14V10M4 10h16M10 20v-6h4v6",
  tree: "M12 3l5 7h-3l4 6H6l4-6H7zM12 16v5",
};
const ICON_OF = {
  estate: "home",
  building: "home",
  stairwell: "home",
  street: "street",
  grid: "grid",
  region: "grid",
  organisation: "body",
  office: "body",
  school: "body",
  hospital: "body",
  market: "shop",
  shop: "shop",
  park: "tree",
  square: "tree",
  water: "tree",
};

const recent = new Recent();
let made = 0;

/**
 * @typedef {{source: string, id: number, kind: string, kind_label: string, name: string, context: string, lon: number,
 *   lat: number, box: number[], grid: {id: number, code: string, name: string}|null, distance: number|null,
 *   match: {text: string, ranges: [number, number][]}}} FoundPlace
 */

/**
 * Makes a field search for places.
 *
 * @param {HTMLInputElement} input has a label of its own
 * @param {object} options
 * @param {() => ({lon: number, lat: number}|null)} [options.near] what is close comes first; default one's own grids
 * @param {string[]} [options.kinds] only these kinds; default all
 * @param {string} [options.source] the address that is asked; default the search of those who are signed in
 * @param {(place: FoundPlace) => void} options.onChoose the field holds the place's name then
 * @param {boolean} [options.free] what is typed counts by itself: Enter without a choice is left to the form
 * @param {number} [options.limit] rows of the list
 * @returns {{close(): void, stop(): void}} `stop` makes it a plain field again
 */
export function placeSearch(
  input,
  { near = () => null, kinds = [], source = SOURCE, onChoose, free = false, limit = 8 },
) {
  made += 1;
  const id = `places-${made}`;
  const list = element("ul.found-list", { id, role: "listbox", "aria-label": gettext("Places found") });
  const words = element("p.found-words", { hidden: true });
  const box = element("div.found", { popover: "manual" }, words, list);
  let rows = [];
  let active = -1;
  let timer = 0;
  let asking = null;
  let shownFor = null; // the text that the rows belong to

  const isOpen = () => box.matches(":popover-open");

  function close() {
    clearTimeout(timer);
    asking?.abort();
    asking = null;
    if (isOpen()) box.hidePopover();
    input.setAttribute("aria-expanded", "false");
    point(-1);
  }

  function open() {
    if (!isOpen()) {
      box.showPopover();
    }
    input.setAttribute("aria-expanded", String(rows.length > 0));
    place();
  }

  /** Below the field, above it where there is more room. */
  function place() {
    const { left, top, bottom, width } = input.getBoundingClientRect();
    const height = window.visualViewport?.height ?? window.innerHeight;
    const room = document.documentElement.clientWidth - 2 * MARGIN;
    const wide = Math.min(room, Math.max(width, 300));
    const below = height - bottom - MARGIN;
    const above = top - MARGIN;
    const up = below < 200 && above > below;
    box.style.width = `${wide}px`;
    box.style.left = `${Math.max(MARGIN, Math.min(left, room + MARGIN - wide))}px`;
    box.style.maxHeight = `${Math.max(120, Math.min(420, (up ? above : below) - 4))}px`;
    box.style.top = up ? "auto" : `${bottom + 4}px`;
    box.style.bottom = up ? `${window.innerHeight - top + 4}px` : "auto";
  }

  function point(index) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const row = list.children[active];
    if (!row) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    row.setAttribute("aria-selected", "true");
    row.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", row.id);
  }

  function show(found, title = "") {
    rows = found;
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.replaceChildren(...rows.map((row, index) => option(row, `${id}-${index}`, () => choose(row))));
    list.hidden = rows.length === 0;
    words.textContent = title;
    words.hidden = !title;
    if (rows.length || title) open();
    else close();
  }

  function choose(row) {
    recent.add(row);
    input.value = row.name;
    shownFor = row.name;
    close();
    onChoose(row);
  }

  async function ask(text) {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    try {
      const { results } = await get(address(source, text, near(), kinds, limit), { signal: mine.signal });
      if (asking !== mine) return;
      shownFor = text;
      show(results, results.length ? "" : nothing());
      announce(results.length ? counted(results.length) : nothing());
    } catch (error) {
      if (error.name === "AbortError" || asking !== mine) return;
      shownFor = null;
      show([], error.detail ?? String(error));
      announce(error.detail ?? String(error));
    }
  }

  function later(wait) {
    clearTimeout(timer);
    asking?.abort();
    const text = input.value.trim();
    if (text) timer = setTimeout(() => ask(text), wait);
    else show(recent.of(kinds), recent.of(kinds).length ? gettext("Chosen before") : "");
  }

  async function enter(event) {
    if (rows[active]) {
      event.preventDefault();
      choose(rows[active]);
      return;
    }
    if (free) {
      close();
      return;
    }
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    clearTimeout(timer);
    if (shownFor !== text) await ask(text);
    if (shownFor === text && rows.length) choose(rows[0]);
  }

  const heard = {
    input: () => later(WAIT),
    focus: () => {
      if (!input.value.trim()) later(0);
    },
    blur: () => close(),
    keydown(event) {
      // While characters are being composed the keys belong to the input method.
      if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        if (!isOpen()) later(0);
        else if (rows.length)
          point((active + step + (active < 0 && step < 0 ? 1 : 0) + rows.length) % rows.length);
      } else if (event.key === "Enter") enter(event);
      else if (event.key === "Escape" && isOpen()) {
        event.preventDefault();
        event.stopPropagation();
        close();
      } else if (event.key === "Tab") close();
    },
  };
  // A tap on a row must not take the focus, and with it the list, away.
  const hold = (event) => event.preventDefault();
  const moved = () => isOpen() && place();

  for (const [type, listener] of Object.entries(heard)) input.addEventListener(type, listener);
  box.addEventListener("pointerdown", hold);
  box.addEventListener("mousedown", hold);
  window.addEventListener("resize", moved);
  window.addEventListener("scroll", moved, { capture: true, passive: true });
  const attributes = {
    role: "combobox",
    autocomplete: "off",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": id,
    spellcheck: "false",
  };
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
  // Within the landmark of its field; where exactly does not matter to what is in the top layer.
  (input.closest("dialog, [popover], main") ?? document.body).append(box);

  return {
    close,
    stop() {
      close();
      for (const [type, listener] of Object.entries(heard)) input.removeEventListener(type, listener);
      window.removeEventListener("resize", moved);
      window.removeEventListener("scroll", moved, { capture: true });
      for (const name of Object.keys(attributes)) input.removeAttribute(name);
      box.remove();
    },
  };
}

function address(source, text, near, kinds, limit) {
  const query = new URLSearchParams({ q: text.slice(0, 60), limit: String(limit) });
  if (near) query.set("near", `${near.lon.toFixed(6)},${near.lat.toFixed(6)}`);
  if (kinds.length) query.set("kinds", kinds.join());
  return `${source}?${query}`;
}

const nothing = () => gettext("Nothing found. Try fewer characters, or pinyin.");

const counted = (count) =>
  interpolate(ngettext("%(count)s place found", "%(count)s places found", count), { count });

function option(row, id, onclick) {
  const { name, match } = row;
  const asNamed = match.text === name;
  const context = contextOf(row);
  return element(
    "li.found-row",
    { id, role: "option", "aria-selected": "false", onclick },
    icon(ICON_OF[row.kind] ?? "point"),
    element(
      "span.found-text",
      {},
      element("span.found-name", {}, asNamed ? marked(match) : name),
      asNamed ? null : element("span.found-other", {}, marked(match)),
      element("span.found-where", {}, [row.kind_label, context].filter(Boolean).join(" · ")),
    ),
    row.distance === null ? null : element("span.found-far", {}, metres(row.distance)),
  );
}

function marked({ text, ranges }) {
  return pieces(text, ranges).map((piece) => (piece.hit ? element("mark", {}, piece.text) : piece.text));
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" }))
    svg.setAttribute(key, value);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
