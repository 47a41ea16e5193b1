/** Tiles of the ground: those around one's own grids are kept, of others the latest; shown at once, renewed behind. */

const OWN = "gridwarden-tiles-own";
const SEEN = "gridwarden-tiles-seen";
const MOST_SEEN = 400;
const AT_ONCE = 4;

export class Tiles {
  constructor({ ground }, storage = globalThis.caches) {
    this.ground = ground;
    this.storage = storage;
  }

  holds(_request, { pathname }) {
    return pathname.startsWith(this.ground);
  }

  async answer(event) {
    const { request } = event;
    const own = await this.storage.open(OWN);
    const isOwn = await own.match(request, { ignoreVary: true });
    const seen = await this.storage.open(SEEN);
    const known = isOwn ?? (await seen.match(request, { ignoreVary: true }));
    const renewing = fetch(request).then((answer) => {
      if (answer.ok)
        event.waitUntil(isOwn ? own.put(request, answer.clone()) : see(seen, request, answer.clone()));
      return answer;
    });
    if (!known) return renewing;
    event.waitUntil(renewing.catch(() => {}));
    return known;
  }

  /** Keep these and no others of one's own. @param {string[]} addresses */
  async keep(addresses) {
    const cache = await this.storage.open(OWN);
    const wanted = new Set(addresses);
    const here = new Set();
    for (const request of await cache.keys()) {
      const { pathname, search } = new URL(request.url);
      if (wanted.has(pathname + search)) here.add(pathname + search);
      else await cache.delete(request);
    }
    const missing = addresses.filter((address) => !here.has(address));
    const fetchNext = async () => {
      for (let next = missing.shift(); next; next = missing.shift()) {
        const answer = await fetch(next, { credentials: "same-origin" });
        if (answer.ok) await cache.put(next, answer);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, fetchNext));
  }
}

async function see(cache, request, answer) {
  await cache.put(request, answer);
  const keys = await cache.keys();
  const oldest = keys.slice(0, Math.max(0, keys.length - MOST_SEEN));
  await Promise.all(oldest.map((key) => cache.delete(key)));
}
