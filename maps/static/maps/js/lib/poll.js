/**
 * Asking one address again and again whether anything changed, with its ETag: an unchanged answer is a 304.
 */

import { delay } from "./backoff.js";

/**
 * @typedef {"live"|"offline"|"signed-out"} PollState
 * @param {string|() => string} url
 * @param {object} options
 * @param {string|null} [options.etag] of what the page shows already
 * @param {number} [options.every] ms between two answers while somebody looks
 * @param {number} [options.rarely] ms while nobody does
 * @param {() => Record<string, string>} [options.also] headers that go with every question
 * @param {(headers: Headers) => void} [options.onAnswer] with every answer, new or not
 * @param {(data: object) => void} options.onData with every answer that is new
 * @param {(state: PollState) => void} [options.onState] when it changes
 */
export class Poll {
  #url;
  #options;
  #timer = 0;
  #failures = 0;
  #state = "live";
  #asking = null;
  #again = false;
  #watched = true;
  #stopped = true;

  constructor(url, options) {
    this.#url = url;
    this.#options = {
      etag: null,
      every: 5000,
      rarely: 30000,
      fetch: globalThis.fetch,
      onState: () => {},
      also: () => ({}),
      onAnswer: () => {},
      ...options,
    };
  }

  start() {
    this.#stopped = false;
    this.#plan(this.#options.every);
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Whether somebody looks at the page; who comes back gets an answer at once. */
  watch(watched) {
    if (this.#watched === watched) return;
    this.#watched = watched;
    if (watched) this.ask();
  }

  /** Forget what the page shows: the next answer is one in any case. */
  forget() {
    this.#options.etag = null;
  }

  /** Ask now. An answer under way may be older than the question, so it is asked once more after it. */
  ask() {
    if (this.#asking) {
      this.#again = true;
      return this.#asking;
    }
    clearTimeout(this.#timer);
    this.#asking = this.#ask().finally(() => {
      this.#asking = null;
      if (this.#again) {
        this.#again = false;
        this.ask();
      }
    });
    return this.#asking;
  }

  #plan(wait) {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.ask(), wait);
  }

  #pause() {
    return this.#watched ? this.#options.every : this.#options.rarely;
  }

  #enter(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state);
  }

  async #ask() {
    const { etag, fetch, onData, also, onAnswer } = this.#options;
    const headers = { Accept: "application/json", ...(etag ? { "If-None-Match": etag } : {}), ...also() };
    const url = typeof this.#url === "function" ? this.#url() : this.#url;
    try {
      const response = await fetch(url, { headers, credentials: "same-origin", cache: "no-store" });
      if (response.status === 401 || response.status === 404) {
        this.#enter("signed-out");
        this.stop();
        return;
      }
      if (response.status !== 304 && !response.ok) throw new Error(`status ${response.status}`);
      const data = response.status === 304 ? null : await response.json();
      this.#options.etag = response.headers.get("ETag") ?? etag;
      this.#failures = 0;
      this.#enter("live");
      if (data) onData(data);
      onAnswer(response.headers);
      this.#plan(this.#pause());
    } catch {
      this.#failures += 1;
      this.#enter("offline");
      this.#plan(delay(this.#failures, { base: this.#options.every }));
    }
  }
}
