/** The proposals of a community as the server last told of them. */

import { discard, list, load, loadBlocks } from "./wire.js";

export class Shelf {
  rows = [];
  #community;
  #known = new Map(); // id → the whole proposal, of the version it has

  constructor(community) {
    this.#community = community;
  }

  async refresh() {
    this.rows = await list(this.#community);
  }

  /** A proposal with its grids, fetched again only when it has another version by now. */
  async get(id) {
    const row = this.rows.find((one) => one.id === id);
    const known = this.#known.get(id);
    if (known && row && known.version === row.version && known.state === row.state) return known;
    return this.keep(await load(id));
  }

  /** Remember what the server answered to a change. */
  keep(split) {
    this.#known.set(split.id, split);
    const at = this.rows.findIndex((one) => one.id === split.id);
    if (at >= 0) this.rows[at] = { ...split, grids: split.grids.length };
    return split;
  }

  blocks = (id) => loadBlocks(id);

  async discard(split) {
    await discard(split);
    this.#known.delete(split.id);
    this.rows = this.rows.filter((one) => one.id !== split.id);
  }
}
