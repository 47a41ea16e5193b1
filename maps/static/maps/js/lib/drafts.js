/**
 * Reports that are not sent yet. Each is kept with its own key, so that sending it again files it once; it is wiped
 * as soon as the server has it.
 *
 * @typedef {{key: string, body: object, name: string, after: number}} Draft `name` is what to call it, `after` the
 *   epoch ms before which it may still be undone
 */
export class Drafts {
  /**
   * @param {Storage} storage
   * @param {string} person whose drafts
   */
  constructor(storage, person) {
    this.storage = storage;
    this.slot = `gridwarden:drafts:${person}`;
    this.memory = null;
  }

  /** @returns {Draft[]} oldest first */
  list() {
    if (this.memory) return [...this.memory];
    try {
      const rows = JSON.parse(this.storage.getItem(this.slot) ?? "[]");
      return Array.isArray(rows) ? rows.filter((row) => row?.key && row?.body) : [];
    } catch {
      return [];
    }
  }

  /** @param {Draft} draft */
  keep(draft) {
    this.#write([...this.list().filter((row) => row.key !== draft.key), draft]);
  }

  drop(key) {
    this.#write(this.list().filter((row) => row.key !== key));
  }

  /** Drop all of this person's, and nobody else's. */
  clear() {
    this.#write([]);
  }

  has(key) {
    return this.list().some((row) => row.key === key);
  }

  #write(rows) {
    try {
      if (rows.length) this.storage.setItem(this.slot, JSON.stringify(rows));
      else this.storage.removeItem(this.slot);
      this.memory = null;
    } catch {
      // A full or forbidden storage must not lose what was just entered: it lives as long as the page then.
      this.memory = rows;
    }
  }
}
