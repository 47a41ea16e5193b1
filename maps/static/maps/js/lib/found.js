/** What a search for places found, without the page: which letters matched, what was chosen lately, one line of context. */

import { gettext, interpolate } from "./i18n.js";

/**
 * Cuts a text where it matched.
 *
 * @param {string} text
 * @param {[number, number][]} ranges start and end in characters as the server counts them (code points)
 * @returns {{text: string, hit: boolean}[]} never empty pieces; together they are the text
 */
export function pieces(text, ranges) {
  const letters = Array.from(text);
  const hit = new Array(letters.length).fill(false);
  for (const [start, end] of ranges) hit.fill(true, Math.max(0, start), Math.max(0, end));
  const cut = [];
  letters.forEach((letter, place) => {
    const last = cut.at(-1);
    if (last && last.hit === hit[place]) last.text += letter;
    else cut.push({ text: letter, hit: hit[place] });
  });
  return cut;
}

/** Where a place is, as far as it is known: its community and its grid, by its number there (the code's last digits). */
export function contextOf({ kind, context, grid }) {
  const number = grid && kind !== "grid" && Number(grid.code.slice(12));
  return [context, number && interpolate(gettext("Grid %(number)s"), { number })].filter(Boolean).join(" · ");
}

/** The last choices of this page; nothing is kept on the device. */
export class Recent {
  #rows = [];

  /** @param {number} most */
  constructor(most = 5) {
    this.most = most;
  }

  add(place) {
    const same = (row) => row.source === place.source && row.id === place.id;
    this.#rows = [place, ...this.#rows.filter((row) => !same(row))].slice(0, this.most);
  }

  /** @param {string[]} kinds only these; all without any */
  of(kinds = []) {
    return kinds.length ? this.#rows.filter(({ kind }) => kinds.includes(kind)) : [...this.#rows];
  }
}
