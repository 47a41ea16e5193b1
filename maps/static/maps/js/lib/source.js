/**
 * A vector tile source: fetches, decodes and keeps the tiles of one URL template.
 *
 * A tile is held while somebody retains it; released tiles wait in a cache that forgets the oldest. A refresh
 * keeps the old content until the new one has come, so that nothing blinks.
 */

import { delay, isTransient } from "./backoff.js";
import { Lru } from "./lru.js";
import { tileKey, touches } from "./tilemath.js";

const MAX_ATTEMPTS = 5;
const MOST_AHEAD = 64;
const NOTHING = new Map();

/**
 * @typedef {import("./decode.js").TileFeature} TileFeature
 * @typedef {{z: number, x: number, y: number, holders: number, features: Map<string, TileFeature[]>|null,
 *   state: "loading"|"ready"|"failed", controller: AbortController|null, timer: any, attempts: number}} Entry
 */
export class TileSource {
  #entries = new Map();
  #ahead = new Lru(MOST_AHEAD);
  #cache;
  #fetch;
  #decode;
  #random;

  /**
   * @param {{name: string, url: string, minzoom?: number, maxzoom?: number, bounds?: number[]|null,
   *   contents?: string[], params?: Record<string, string|string[]>, version?: string|number|null,
   *   decode: (bytes: ArrayBuffer) => Map<string, TileFeature[]>, fetch?: typeof fetch, cacheSize?: number,
   *   random?: () => number, onChange?: (entry: Entry) => void}} options
   *   `url` has `{z}`, `{x}`, `{y}`; `contents` names the layers inside a tile (default: the source's own name);
   *   `onChange` runs when a tile's features or state changed
   */
  constructor(options) {
    this.name = options.name;
    this.url = options.url;
    this.minzoom = options.minzoom ?? 0;
    this.maxzoom = options.maxzoom ?? 16;
    this.bounds = options.bounds ?? null;
    this.contents = options.contents ?? [options.name];
    this.params = options.params ?? {};
    this.version = options.version ?? null;
    this.onChange = options.onChange ?? (() => {});
    this.#decode = options.decode;
    this.#fetch = options.fetch ?? ((...args) => fetch(...args));
    this.#random = options.random ?? Math.random;
    this.#cache = new Lru(options.cacheSize ?? 96);
  }

  /** Address of a tile with filters and version. */
  address(z, x, y, params = this.params) {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(params))
      for (const one of [value].flat())
        if (one !== null && one !== undefined && one !== "") query.append(key, String(one));
    if (this.version !== null) query.set("v", String(this.version));
    const path = this.url.replace("{z}", z).replace("{x}", x).replace("{y}", y);
    return query.size === 0 || `${query}` === "" ? path : `${path}?${query}`;
  }

  /** Take hold of a tile; it is fetched unless it is known. Every `retain` needs one `release`. */
  retain(z, x, y) {
    const key = tileKey(z, x, y);
    let entry = this.#entries.get(key) ?? this.#cache.take(key);
    if (!entry) {
      entry = {
        z,
        x,
        y,
        holders: 0,
        features: null,
        state: "loading",
        controller: null,
        timer: null,
        attempts: 0,
      };
      if (touches(entry, this.bounds)) this.#load(entry);
      else Object.assign(entry, { state: "ready", features: NOTHING });
    }
    entry.holders += 1;
    this.#entries.set(key, entry);
    return entry;
  }

  release(entry) {
    entry.holders -= 1;
    if (entry.holders > 0) return;
    const key = tileKey(entry.z, entry.x, entry.y);
    if (this.#entries.get(key) !== entry) return;
    this.#entries.delete(key);
    const busy = entry.controller || entry.timer;
    this.#stop(entry);
    if (entry.features && entry.state === "ready" && !busy) this.#cache.set(key, entry);
  }

  /** The tile as far as it is known: itself, else the nearest known ancestor, or null. Does not fetch. */
  best(z, x, y) {
    for (let up = 0; up <= 5 && z - up >= 0; up += 1) {
      const key = tileKey(z - up, x >> up, y >> up);
      const entry = this.#entries.get(key) ?? this.#cache.peek(key);
      if (entry?.features) return entry;
    }
    return null;
  }

  /** Known tiles one or two zooms below; they stand in when one has zoomed out. */
  below(z, x, y) {
    for (let down = 1; down <= 2; down += 1) {
      const found = [];
      for (let dy = 0; dy < 2 ** down; dy += 1)
        for (let dx = 0; dx < 2 ** down; dx += 1) {
          const key = tileKey(z + down, (x << down) + dx, (y << down) + dy);
          const entry = this.#entries.get(key) ?? this.#cache.peek(key);
          if (entry?.features) found.push(entry);
        }
      if (found.length) return found;
    }
    return [];
  }

  /** How many held tiles are loading or failed; a first failure that will be tried again soon does not count yet. */
  get pending() {
    let loading = 0;
    let failed = 0;
    for (const entry of this.#entries.values()) {
      if (entry.controller) loading += 1;
      if (entry.attempts > 1 || (entry.state === "failed" && !entry.timer)) failed += 1;
    }
    return { loading, failed };
  }

  /** Fetch what is held again; the browser revalidates by ETag. Unheld tiles are forgotten. */
  refresh() {
    this.#cache.clear();
    for (const entry of this.#entries.values()) {
      if (!touches(entry, this.bounds)) continue;
      this.#stop(entry);
      entry.attempts = 0;
      this.#load(entry, "no-cache");
    }
  }

  /** Fetch what is held as it would be with other filters, so that it is there at once when they are set. */
  async prefetch(params) {
    const wanted = [...this.#entries.values()]
      .filter((entry) => touches(entry, this.bounds))
      .map(({ z, x, y }) => this.address(z, x, y, params))
      .filter((address) => !this.#ahead.peek(address));
    await Promise.all(
      wanted.map(async (address) => {
        try {
          const response = await this.#fetch(address, { credentials: "same-origin" });
          if (response.status === 204) this.#ahead.set(address, NOTHING);
          else if (response.ok) this.#ahead.set(address, this.#decode(await response.arrayBuffer()));
        } catch {
          // It is fetched again when it is needed, and what is wrong is said then.
        }
      }),
    );
  }

  /** Try failed tiles again at once (the user asked, or the network came back). */
  retryFailed() {
    for (const entry of this.#entries.values())
      if (entry.state === "failed" || entry.timer) {
        this.#stop(entry);
        entry.attempts = 0;
        this.#load(entry);
      }
  }

  destroy() {
    for (const entry of this.#entries.values()) this.#stop(entry);
    this.#entries.clear();
    this.#cache.clear();
  }

  #stop(entry) {
    clearTimeout(entry.timer);
    entry.controller?.abort();
    entry.timer = null;
    entry.controller = null;
  }

  async #load(entry, cache = "default") {
    const controller = new AbortController();
    entry.controller = controller;
    if (entry.state === "failed") entry.state = "loading";
    const address = this.address(entry.z, entry.x, entry.y);
    const known = this.#ahead.take(address);
    if (known) {
      Object.assign(entry, { features: known, state: "ready", controller: null, attempts: 0 });
      queueMicrotask(() => this.onChange(entry));
      return;
    }
    let status = 0;
    let retryAfter = null;
    try {
      const response = await this.#fetch(address, {
        signal: controller.signal,
        credentials: "same-origin",
        cache,
      });
      status = response.status;
      retryAfter = response.headers.get("Retry-After");
      const empty = status === 204 || status === 404;
      if (!empty && !response.ok) throw new Error(`HTTP ${status}`);
      const features = empty ? NOTHING : this.#decode(await response.arrayBuffer());
      if (entry.controller !== controller) return;
      Object.assign(entry, { features, state: "ready", controller: null, attempts: 0 });
      this.onChange(entry);
    } catch {
      if (entry.controller !== controller) return;
      entry.controller = null;
      this.#failed(entry, status, retryAfter);
    }
  }

  #failed(entry, status, retryAfter) {
    entry.attempts += 1;
    entry.state = "failed";
    if (isTransient(status) && entry.attempts < MAX_ATTEMPTS)
      entry.timer = setTimeout(
        () => {
          entry.timer = null;
          this.#load(entry);
        },
        delay(entry.attempts, { retryAfter, random: this.#random }),
      );
    this.onChange(entry);
  }
}
