/**
 * The kept pages of the one person who was signed in last. A page is put in after everything that it names is here, so
 * it opens whole or not at all, whatever version of the site it is from.
 */

const PREFIX = "gridwarden-page:";
/** How long the network may take before a kept page is shown, in ms. */
const PATIENCE = 3000;
const KEPT_AT = "X-Kept-At";

export class Pages {
  #keeping = Promise.resolve();
  /** Grows with each wiping: what was asked for before it is not kept after it. */
  #generation = 0;

  constructor({ pages, static: root, catalogue, apology }, files, storage = globalThis.caches) {
    this.paths = pages;
    this.catalogue = catalogue;
    this.apology = apology;
    this.named = new RegExp(`"(${root}[^"?#]+)"`, "g");
    this.files = files;
    this.storage = storage;
  }

  holds(request, { pathname }) {
    if (request.mode === "navigate") return pathname === "/" || this.paths.includes(pathname);
    return pathname.startsWith(this.catalogue);
  }

  answer(event, url) {
    return event.request.mode === "navigate" ? this.#page(event, url) : this.#translations(event);
  }

  async #page(event, url) {
    const asking = fetch(event.request);
    event.waitUntil(asking.then((answer) => this.#keepLater(url.pathname, answer.clone())).catch(() => {}));
    let timer = null;
    const late = new Promise((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error("late")), PATIENCE);
    });
    try {
      const answer = await Promise.race([asking, late]);
      if (![502, 503, 504].includes(answer.status)) return answer;
      return (await this.#kept(url)) ?? answer;
    } catch {
      return (await this.#kept(url)) ?? asking.catch(() => this.#sorry());
    } finally {
      clearTimeout(timer);
    }
  }

  #sorry() {
    const headers = {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": "default-src 'none'; style-src 'self'",
    };
    return new Response(this.apology, { status: 503, headers });
  }

  async #translations({ request }) {
    try {
      return await fetch(request);
    } catch (error) {
      const known = await (await this.#cache())?.match(request, { ignoreVary: true });
      if (known) return known;
      throw error;
    }
  }

  async #kept({ pathname }) {
    const cache = await this.#cache();
    if (!cache) return null;
    if (pathname === "/") {
      const home = (await cache.keys()).map(({ url }) => new URL(url).pathname);
      const first = this.paths.find((path) => home.includes(path));
      return first ? Response.redirect(first) : null;
    }
    const kept = await cache.match(pathname, { ignoreVary: true });
    if (!kept) return null;
    // The page must know that it is not of now.
    const html = (await kept.text()).replace("<body ", `<body data-kept="${kept.headers.get(KEPT_AT)}" `);
    return new Response(html, { headers: kept.headers });
  }

  async #cache() {
    const name = (await this.storage.keys()).find((one) => one.startsWith(PREFIX));
    return name ? this.storage.open(name) : null;
  }

  /** Keep a page that was opened before there was a worker. */
  async fetchAndKeep(path) {
    if (!this.paths.includes(path)) return;
    const generation = this.#generation;
    const answer = await fetch(path, { credentials: "same-origin" });
    await this.#keepLater(path, answer, generation);
  }

  #keepLater(path, answer, generation = this.#generation) {
    const isPage = answer.ok && !answer.redirected && this.paths.includes(path);
    if (!isPage) return null;
    this.#keeping = this.#keeping.then(() => this.#keep(path, answer, generation)).catch(() => {});
    return this.#keeping;
  }

  async #keep(path, answer, generation) {
    const html = await answer.text();
    const person = /<body[^>]*\bdata-person="(\w+)"/.exec(html)?.[1];
    if (!person) return;
    const needed = namedIn(html, this.named);
    await this.files.add(needed);
    const words = /"(\/jsi18n\/[^"]*)"/.exec(html)?.[1];
    const translations = words ? await fetch(words) : null;
    if (generation !== this.#generation) return;
    const cache = await this.storage.open(PREFIX + person);
    if (translations?.ok) await cache.put(words, translations);
    const headers = new Headers(answer.headers);
    headers.set(KEPT_AT, String(Date.now()));
    headers.delete("Content-Encoding");
    headers.delete("Content-Length");
    await cache.put(path, new Response(html, { headers }));
    if (generation !== this.#generation) return;
    for (const name of await this.storage.keys())
      if (name.startsWith(PREFIX) && name !== PREFIX + person) await this.storage.delete(name);
    await this.#tidy(cache);
  }

  /** Files that no kept page names any more go. */
  async #tidy(cache) {
    const needed = [];
    for (const path of this.paths) {
      const page = await cache.match(path, { ignoreVary: true });
      if (page) needed.push(...namedIn(await page.text(), this.named));
    }
    await this.files.prune(needed);
  }

  /** Forget everybody's pages, and those that are on their way here. */
  async wipe() {
    this.#generation += 1;
    await this.#keeping;
    for (const name of await this.storage.keys())
      if (name.startsWith(PREFIX)) await this.storage.delete(name);
  }
}

const namedIn = (html, pattern) => [...new Set([...html.matchAll(pattern)].map(([, address]) => address))];
