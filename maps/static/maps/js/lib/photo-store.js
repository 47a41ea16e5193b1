/**
 * Photos that are not sent yet, kept in the browser's database: they outlive a lost network and a closed page, and are
 * wiped as soon as the server has them.
 *
 * @typedef {{key: string, person: string, report: string, kind: string, name: string, blob: Blob, added: number}} Kept
 */

const NAME = "gridwarden";
const TABLE = "photos";

export class PhotoStore {
  /**
   * @param {string} person whose photos
   * @param {IDBFactory|undefined} factory without one, photos live as long as the page
   */
  constructor(person, factory = globalThis.indexedDB) {
    this.person = person;
    this.factory = factory;
    this.memory = new Map();
    this.opened = null;
  }

  /** @returns {Promise<Kept[]>} oldest first */
  async list() {
    const rows = (await this.#run("readonly", (table) => table.getAll())) ?? [];
    return [...rows.filter(({ person }) => person === this.person), ...this.memory.values()].sort(
      (a, b) => a.added - b.added,
    );
  }

  async keep(row) {
    const kept = { ...row, person: this.person };
    // A full or forbidden database must not lose what was just taken.
    if ((await this.#run("readwrite", (table) => table.put(kept))) === undefined)
      this.memory.set(row.key, kept);
  }

  async drop(key) {
    this.memory.delete(key);
    await this.#run("readwrite", (table) => table.delete(key));
  }

  /** Drop all of this person's, and nobody else's. */
  async clear() {
    for (const { key } of await this.list()) await this.drop(key);
  }

  /** @returns {Promise<any>} the request's result, undefined when there is no database or it refuses */
  async #run(mode, ask) {
    try {
      this.opened ??= this.#open();
      const database = await this.opened;
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(TABLE, mode);
        const request = ask(transaction.objectStore(TABLE));
        transaction.oncomplete = () => resolve(request.result ?? null);
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
      });
    } catch {
      return undefined;
    }
  }

  #open() {
    return new Promise((resolve, reject) => {
      if (!this.factory) return reject(new Error("no database"));
      const request = this.factory.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: "key" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = request.onblocked = () => reject(request.error);
      return undefined;
    });
  }
}
