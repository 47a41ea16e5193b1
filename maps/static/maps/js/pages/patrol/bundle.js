/** What the page knows without a network: read from the server when it can be, kept on this device for when it cannot. */

import { ApiError, get } from "../../lib/api.js";
import { Emitter } from "../../lib/emitter.js";

/** Events: `bundle` {bundle, at} when another one is known, `state` {online, at, error}. */
export class Knowing extends Emitter {
  #reading = null;

  /**
   * @param {string} url
   * @param {{person: string, database: import("../../lib/database.js").Database}} where
   */
  constructor(url, { person, database }) {
    super();
    Object.assign(this, { url, person, database, bundle: null, at: null, online: null });
  }

  get #slot() {
    return `patrol-bundle:${this.person}`;
  }

  /** What this device kept, at once. */
  async recall() {
    const kept = await this.database.get("kept", this.#slot);
    if (kept?.person === this.person && !this.bundle) this.#know(kept.bundle, kept.at);
  }

  /** Read what the server has; one reading at a time. */
  read() {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read() {
    try {
      const bundle = await get(this.url);
      const at = Date.now();
      this.online = true;
      this.#know(bundle, at);
      await this.database.put("kept", { key: this.#slot, person: this.person, bundle, at });
    } catch (error) {
      this.online = false;
      // What may not be seen any more is not shown either.
      if (error instanceof ApiError && error.status === 404) this.#know(null, null);
      this.emit("state", { error });
      return;
    }
    this.emit("state", { error: null });
  }

  #know(bundle, at) {
    this.bundle = bundle;
    this.at = at;
    this.emit("bundle", { bundle, at });
  }
}
