/**
 * What this device keeps: one database of the browser, the same for every page and for the service worker.
 *
 * | table | key | rows |
 * |---|---|---|
 * | `outbox` | `id` | what is not sent yet (`lib/outbox.js`) |
 * | `photos` | `key` (its entry's id) | the pictures of those entries: `{key, person, blob}` |
 * | `fixes` | `["patrol", "time"]` | positions of a patrol, index `person` |
 * | `kept` | given | what was read for later: `{key, person, …}` |
 *
 * Where there is no database, or it is full or forbidden, rows live in memory as long as the page does: nothing that
 * was just entered is lost, and `persistent` says so.
 */

const NAME = "gridwarden";
const VERSION = 2;
/** An old page in another tab may hold the old tables open; a person does not wait for it, in ms. */
const PATIENCE = 3000;
const BLOCKED = "blocked";

export const TABLES = ["outbox", "photos", "fixes", "kept"];

const KEY_PATHS = { outbox: "id", photos: "key", fixes: ["patrol", "time"], kept: "key" };

export const keyOf = (table, row) =>
  Array.isArray(KEY_PATHS[table]) ? KEY_PATHS[table].map((part) => row[part]) : row[KEY_PATHS[table]];

const shared = new Map();

export class Database {
  /** The page's one. @param {IDBFactory|undefined} factory */
  static shared(factory = theFactory()) {
    if (!shared.has(factory)) shared.set(factory, new Database(factory));
    return shared.get(factory);
  }

  #opened = null;
  #asked = false;
  /** Rows that are not in the database by key, null for a row that is to be gone. */
  #memory = new Map(TABLES.map((table) => [table, new Map()]));

  /** Whether everything written so far outlives the page. */
  persistent = true;

  /** @param {IDBFactory|undefined} factory without one, rows live as long as the page */
  constructor(factory = theFactory()) {
    this.factory = factory;
  }

  /** @returns {Promise<object|undefined>} */
  async get(table, key) {
    const here = this.#memory.get(table).get(JSON.stringify(key));
    if (here !== undefined) return here ?? undefined;
    return this.#run([table], "readonly", (store) => store(table).get(key));
  }

  /** @param {string} [person] only theirs @returns {Promise<object[]>} in the order of their keys */
  async all(table, person) {
    const rows = (await this.#run([table], "readonly", (store) => store(table).getAll())) ?? [];
    const here = this.#memory.get(table);
    const merged = [
      ...rows.filter((row) => !here.has(JSON.stringify(keyOf(table, row)))),
      ...[...here.values()].filter(Boolean),
    ];
    return person === undefined ? merged : merged.filter((row) => row.person === person);
  }

  put(table, ...rows) {
    return this.write({ put: rows.map((row) => [table, row]) });
  }

  drop(table, ...keys) {
    return this.write({ drop: keys.map((key) => [table, key]) });
  }

  /**
   * All of it or nothing.
   *
   * @param {{put?: [string, object][], drop?: [string, any][]}} changes pairs of a table and a row or a key
   * @returns {Promise<boolean>} whether the database has it; what it does not have is in memory
   */
  async write({ put = [], drop = [] }) {
    const tables = [...new Set([...put, ...drop].map(([table]) => table))];
    if (!tables.length) return true;
    const done = await this.#run(tables, "readwrite", (store) => {
      for (const [table, key] of drop) store(table).delete(key);
      for (const [table, row] of put) store(table).put(row);
    });
    const there = done !== undefined;
    if (!there) this.persistent = false;
    for (const [table, key] of drop) this.#remember(table, key, there, null);
    for (const [table, row] of put) this.#remember(table, keyOf(table, row), there, row);
    if (there) await this.#settle();
    return there;
  }

  /** Bring what had to stay in memory to where it belongs. */
  async #settle() {
    const rows = TABLES.flatMap((table) =>
      [...this.#memory.get(table)].map(([name, row]) => [table, name, row]),
    );
    if (!rows.length) return;
    const done = await this.#run([...new Set(rows.map(([table]) => table))], "readwrite", (store) => {
      for (const [table, name, row] of rows)
        row ? store(table).put(row) : store(table).delete(JSON.parse(name));
    });
    if (done === undefined) return;
    for (const [table, name, row] of rows)
      if (this.#memory.get(table).get(name) === row) this.#memory.get(table).delete(name);
    this.persistent = TABLES.every((table) => this.#memory.get(table).size === 0);
  }

  /**
   * Change a row as it is now, whoever else writes.
   *
   * @param {(row: object) => object|null} alter is given the row; null leaves it as it is
   * @returns {Promise<object|undefined>} the row as it is afterwards, undefined when there is none
   */
  async change(table, key, alter) {
    const here = this.#memory.get(table).get(JSON.stringify(key));
    if (here !== undefined) {
      const changed = here && alter(here);
      if (changed) this.#remember(table, key, false, changed);
      return changed ?? here ?? undefined;
    }
    let after;
    const done = await this.#run([table], "readwrite", (store) => {
      const reading = store(table).get(key);
      reading.onsuccess = () => {
        after = reading.result;
        const changed = after && alter(after);
        if (changed) store(table).put(changed);
        after = changed || after;
      };
    });
    if (done === undefined && after) this.#remember(table, key, false, after);
    return after;
  }

  /** Drop the rows of which `which` is true, or all. */
  async wipe(table, which = () => true) {
    const keys = (await this.all(table)).filter(which).map((row) => keyOf(table, row));
    if (keys.length) await this.drop(table, ...keys);
  }

  /** Ask the browser, once, not to throw this away when it is short of room. @returns {Promise<boolean>} */
  async askToPersist() {
    const storage = globalThis.navigator?.storage;
    if (this.#asked || !storage?.persist) return false;
    this.#asked = true;
    try {
      return (await storage.persisted()) || (await storage.persist());
    } catch {
      return false;
    }
  }

  async close() {
    const database = await this.#opened?.catch(() => null);
    this.#opened = null;
    database?.close();
  }

  #remember(table, key, there, row) {
    const name = JSON.stringify(key);
    if (there) this.#memory.get(table).delete(name);
    else this.#memory.get(table).set(name, row);
  }

  /** @returns {Promise<any>} the result of what `ask` returned or null, undefined when the database refuses */
  async #run(tables, mode, ask) {
    try {
      const database = await this.#open();
      return await new Promise((resolve, reject) => {
        // A tap that was answered must survive a battery that dies.
        const options = tables.includes("outbox") ? { durability: "strict" } : {};
        const transaction = database.transaction(tables, mode, options);
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
        let request = null;
        transaction.oncomplete = () => resolve(mode === "readonly" ? request?.result : null);
        try {
          request = ask((table) => transaction.objectStore(table));
        } catch (error) {
          // What was asked before it would be done otherwise.
          transaction.abort();
          throw error;
        }
      });
    } catch {
      return undefined;
    }
  }

  #open() {
    this.#opened ??= this.#connect().catch((error) => {
      // What is full or forbidden today may not be so tomorrow; what is blocked comes by itself.
      if (this.factory && error.message !== BLOCKED) this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  #connect() {
    return new Promise((resolve, reject) => {
      if (!this.factory) throw new Error("no database");
      const request = this.factory.open(NAME, VERSION);
      const timer = setTimeout(() => reject(new Error(BLOCKED)), PATIENCE);
      request.onupgradeneeded = () => upgrade(request.result, request.transaction);
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        clearTimeout(timer);
        const database = request.result;
        const forget = () => {
          this.#opened = null;
        };
        database.onclose = forget;
        database.onversionchange = () => {
          forget();
          database.close();
        };
        this.#opened = Promise.resolve(database);
        resolve(database);
        this.#settle();
      };
    });
  }
}

/** Some browsers throw where they only should have none. */
function theFactory() {
  try {
    return globalThis.indexedDB;
  } catch {
    return undefined;
  }
}

function upgrade(database, transaction) {
  const made = (name, options) =>
    database.objectStoreNames.contains(name)
      ? transaction.objectStore(name)
      : database.createObjectStore(name, options);
  for (const table of TABLES) made(table, { keyPath: KEY_PATHS[table] });
  const fixes = transaction.objectStore("fixes");
  if (!fixes.indexNames.contains("person")) fixes.createIndex("person", "person");
  bringOver(transaction.objectStore("photos"), transaction.objectStore("outbox"));
}

/** Version 1 had nothing but photos, which said themselves where they go. */
function bringOver(photos, outbox) {
  photos.openCursor().onsuccess = ({ target: { result: cursor } }) => {
    if (!cursor) return;
    const { key, person, report, kind, name, blob, added } = cursor.value;
    if (report) {
      outbox.put({
        id: key,
        person,
        kind: "photo",
        method: "POST",
        url: `/api/v1/reports/${report}/photos`,
        body: { kind },
        file: { field: "photo", name, type: blob.type },
        key,
        name,
        report,
        after: 0,
        needs: [report],
        state: "waiting",
        error: null,
        attempts: 0,
        madeAt: added,
      });
      cursor.update({ key, person, blob });
    }
    cursor.continue();
  };
}
