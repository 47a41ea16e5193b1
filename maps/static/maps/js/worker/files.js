/** The site's own files, by names that change with their contents: nobody's in particular, and never stale. */

import { PUBLIC_CACHE } from "../lib/wiping.js";

export class Files {
  constructor({ files, static: root, hashed }, storage = globalThis.caches) {
    this.files = files;
    this.root = root;
    this.hashed = hashed;
    this.storage = storage;
  }

  holds(_request, url) {
    return url.pathname.startsWith(this.root);
  }

  async answer({ request }) {
    const cache = await this.storage.open(PUBLIC_CACHE);
    const known = await cache.match(request, { ignoreVary: true });
    if (this.hashed) return known ?? fetch(request);
    // While the site is being worked on a name keeps and its content does not.
    try {
      const answer = await fetch(request);
      if (known && answer.ok) await cache.put(request, answer.clone());
      return answer;
    } catch (error) {
      if (known) return known;
      throw error;
    }
  }

  /** Fetch what is not here; fails if anything is missing. @param {string[]} addresses */
  async add(addresses) {
    const cache = await this.storage.open(PUBLIC_CACHE);
    const known = new Set((await cache.keys()).map(({ url }) => pathOf(url)));
    const missing = addresses.filter((address) => !known.has(address));
    await cache.addAll(missing);
  }

  /** Forget what neither this version nor a kept page needs. @param {string[]} needed */
  async prune(needed) {
    const wanted = new Set([...this.files, ...needed]);
    const cache = await this.storage.open(PUBLIC_CACHE);
    for (const request of await cache.keys())
      if (!wanted.has(pathOf(request.url))) await cache.delete(request);
  }
}

const pathOf = (url) => {
  const { pathname, search } = new URL(url, globalThis.location.origin);
  return pathname + search;
};
