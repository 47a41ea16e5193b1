/** A map that forgets what was used longest ago once it holds more than `limit` entries. */
export class Lru {
  #entries = new Map();
  #limit;

  constructor(limit) {
    this.#limit = limit;
  }

  get size() {
    return this.#entries.size;
  }

  get(key) {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  /** Look without counting it as use. */
  peek(key) {
    return this.#entries.get(key);
  }

  set(key, value) {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    while (this.#entries.size > this.#limit) this.#entries.delete(this.#entries.keys().next().value);
  }

  take(key) {
    const value = this.#entries.get(key);
    this.#entries.delete(key);
    return value;
  }

  clear() {
    this.#entries.clear();
  }
}
