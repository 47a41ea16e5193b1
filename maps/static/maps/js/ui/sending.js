/**
 * Getting drafts to the server: now, after the time in which they can be undone, or when the network is back.
 */

import { ApiError, newKey, post } from "../lib/api.js";
import { delay } from "../lib/backoff.js";
import { Drafts } from "../lib/drafts.js";

/** How long signing out waits for the network, in ms. */
const PATIENCE = 5000;

export class Sender {
  /** The page's own, if it has one: what it is sending must not be sent a second time beside it. */
  static current = null;

  /**
   * @param {{storage: Storage, person: string, onSent: (report: object, draft: object) => void,
   *   onRefused: (error: ApiError, draft: object) => void, onWaiting: (drafts: object[]) => void}} options
   */
  constructor({ storage, person, onSent, onRefused, onWaiting }) {
    this.drafts = new Drafts(storage, person);
    this.onSent = onSent;
    this.onRefused = onRefused;
    this.onWaiting = onWaiting;
    this.flying = new Map();
    this.leaving = false;
    Sender.current = this;
    this.failures = 0;
    this.timer = null;
    window.addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.flush();
    });
    // The page goes away before the time for undoing is over: what was said to be done is done.
    window.addEventListener("pagehide", () => {
      for (const draft of this.drafts.list()) if (!this.flying.has(draft.key)) this.#attempt(draft, true);
    });
  }

  /** Keep a draft and send it after `undo` ms. @returns the draft's key */
  keep(body, name, undo = 0) {
    const draft = { key: newKey(), body, name, after: Date.now() + undo };
    this.drafts.keep(draft);
    return draft.key;
  }

  /** Take a draft back. @returns {boolean} false when it is on its way or gone already */
  undo(key) {
    if (this.flying.has(key) || !this.drafts.has(key)) return false;
    this.drafts.drop(key);
    this.#tell();
    return true;
  }

  /** Send one draft now. @returns {Promise<boolean>} whether the server has it */
  async send(key) {
    const draft = this.drafts.list().find((row) => row.key === key);
    return draft ? this.#attempt(draft) : false;
  }

  /** Send whatever waits and can no longer be undone, oldest first. */
  async flush() {
    clearTimeout(this.timer);
    this.timer = null;
    for (const draft of this.drafts.list()) {
      if (draft.after > Date.now()) continue;
      if (!(await this.#attempt(draft)) && this.drafts.has(draft.key)) break;
    }
    this.#tell();
  }

  /**
   * Send everything before the person signs out, also what could still be undone: it was said to be done. What the
   * server refuses stays, since nobody could read the reason.
   *
   * @param {number} patience in ms
   * @returns {Promise<number>} how many are still not sent
   */
  async finish(patience = PATIENCE) {
    this.leaving = true;
    let timer = null;
    const enough = new Promise((resolve) => {
      timer = setTimeout(resolve, patience);
    });
    await Promise.race([Promise.all(this.drafts.list().map((draft) => this.#attempt(draft, true))), enough]);
    clearTimeout(timer);
    return this.drafts.list().length;
  }

  /** The person stays after all. */
  resume() {
    this.leaving = false;
    return this.flush();
  }

  /** Give up what is not sent. */
  abandon() {
    clearTimeout(this.timer);
    this.drafts.clear();
  }

  #attempt(draft, keepalive = false) {
    if (this.flying.has(draft.key)) return this.flying.get(draft.key);
    const going = this.#post(draft, keepalive).finally(() => this.flying.delete(draft.key));
    this.flying.set(draft.key, going);
    return going;
  }

  async #post(draft, keepalive) {
    try {
      const report = await post("/api/v1/reports", draft.body, { key: draft.key, keepalive });
      this.failures = 0;
      this.drafts.drop(draft.key);
      this.onSent(report, draft);
      return true;
    } catch (error) {
      // Signed out: the draft is sound, it waits for whoever signs in again.
      const refused = error instanceof ApiError && !error.temporary && ![401, 403].includes(error.status);
      if (refused && this.leaving) return false;
      if (refused) {
        this.drafts.drop(draft.key);
        this.onRefused(error, draft);
        return false;
      }
      this.failures += 1;
      this.timer ??= setTimeout(() => this.flush(), delay(this.failures + 2, { cap: 60_000 }));
      this.#tell(error);
      return false;
    }
  }

  #tell(error = null) {
    this.onWaiting(
      this.drafts.list().filter((draft) => draft.after <= Date.now()),
      error,
    );
  }
}
