/**
 * Everything that a person entered and the server does not have yet: reports, their photos, patrols, positions.
 *
 * An entry is written down before anything else happens, sent under an idempotency key of its own, and deleted when
 * the server acknowledged it: a page that dies in between sends it again under the same key. What the server refuses,
 * or what something else happened to meanwhile, stays, with the reason, until the person decides.
 *
 * Events: `change` (something about the entries), `sent` {entry, answer}, `refused` {entry, error}, `conflict`
 * {entry, error}, `waiting` {entry, error}, `progress` {entry, share} with a share from 0 to 1.
 */

import { newKey } from "./api.js";
import { delay } from "./backoff.js";
import { Database } from "./database.js";
import { Emitter } from "./emitter.js";
import { byAge, complete, exported, hangingOn, stopsAll, verdict } from "./outbox-entry.js";
import { deliver, readNow } from "./outbox-sending.js";

const FINISH = { entries: 5000, files: 15_000 };
const LONGEST_WAIT = 60_000;

export class Outbox extends Emitter {
  #busy = new Set();
  #running = null;
  #again = false;
  #tried = new Set();
  #timer = null;
  #leaving = false;
  #stopped = false;
  #channel = null;
  #stops = [];

  /** What the page knows to be unsent, oldest first. @type {import("./outbox-entry.js").Entry[]} */
  entries = [];

  /**
   * @param {string} person whose entries; nobody else's are seen, sent or dropped
   * @param {{database?: Database, send?: typeof deliver, look?: typeof readNow, locks?: LockManager|null,
   *   now?: () => number, words?: (error: Error) => string|null}} options `words` says a failure in the reader's
   *   language, null where that is not known
   */
  constructor(person, options = {}) {
    super();
    this.person = String(person);
    this.database = options.database ?? Database.shared();
    this.send = options.send ?? deliver;
    this.look = options.look ?? readNow;
    this.locks = options.locks === undefined ? (globalThis.navigator?.locks ?? null) : options.locks;
    this.now = options.now ?? Date.now;
    this.words = options.words ?? ((error) => error.detail ?? String(error));
  }

  /** Whether what is entered outlives the page. */
  get persistent() {
    return this.database.persistent;
  }

  /** What can no longer be undone and is not sent. */
  get unsent() {
    return this.entries.filter(({ after }) => after <= this.now());
  }

  // --- what is in it ---------------------------------------------------------------------------------------------

  /** @returns {Promise<import("./outbox-entry.js").Entry[]>} oldest first, as the database has it now */
  async list() {
    this.entries = (await this.database.all("outbox", this.person)).sort(byAge);
    return this.entries;
  }

  async get(id) {
    const entry = await this.database.get("outbox", id);
    return entry?.person === this.person ? entry : undefined;
  }

  /** @returns {Promise<Blob|undefined>} an entry's picture or file */
  async blobOf(id) {
    return (await this.database.get("photos", id))?.blob;
  }

  /**
   * Write entries down, all or none, and send them when they may go.
   *
   * @param {object|object[]} given `kind`, `url`, `name`, and what else an entry says (outbox-entry.js), with `blob`
   * @param {{instead?: string[]}} options ids of entries that these replace, and all that hangs on those
   * @returns {Promise<string[]>} their ids; also when the database refused and they live in memory
   */
  async add(given, { instead = [] } = {}) {
    const rows = [given].flat();
    let moment = this.now();
    const entries = rows.map((row) => complete(row, this.person, moment++));
    // At once, before anything waits: a page that is left now still sends them.
    const replaced = hangingOn(instead, this.entries);
    this.entries = [...this.entries.filter((entry) => !replaced.includes(entry)), ...entries];
    const put = entries.map((entry) => ["outbox", entry]);
    for (const [index, { blob }] of rows.entries())
      if (blob) put.push(["photos", { key: entries[index].id, person: this.person, blob }]);
    await this.database.write({ put, drop: bothOf(replaced) });
    this.database.askToPersist();
    this.#changed();
    this.flush();
    return entries.map(({ id }) => id);
  }

  /**
   * Take an entry back while it may be, with all that hangs on it.
   *
   * @returns {Promise<boolean>} false when it is on its way or gone already
   */
  async undo(id) {
    return (await this.drop(id, { onlyUntil: this.now() })) !== null;
  }

  /**
   * Give an entry up, with all that hangs on it.
   *
   * @returns {Promise<{entries: object[], blobs: Map<string, Blob>}|null>} what `restore` takes; null when it is on
   *   its way or gone
   */
  async drop(id, { onlyUntil = null } = {}) {
    return this.#alone(id, async () => {
      const entries = await this.list();
      const entry = entries.find((one) => one.id === id);
      if (!entry || (onlyUntil !== null && entry.after <= onlyUntil)) return null;
      const gone = hangingOn([id], entries);
      const blobs = new Map();
      for (const one of gone) {
        const blob = await this.blobOf(one.id);
        if (blob) blobs.set(one.id, blob);
      }
      await this.database.write({ drop: bothOf(gone) });
      await this.#told();
      return { entries: gone, blobs };
    });
  }

  /** Take back what was dropped. */
  async restore({ entries, blobs }) {
    const photos = [...blobs].map(([key, blob]) => ["photos", { key, person: this.person, blob }]);
    await this.database.write({ put: [...entries.map((entry) => ["outbox", entry]), ...photos] });
    await this.#told();
    this.flush();
  }

  /**
   * Send an entry that did not get through with another body: a new request, so under a new key.
   *
   * @returns {Promise<boolean>} false when it waits to be sent as it is, or is gone
   */
  async edit(id, body, changes = {}) {
    let done = false;
    await this.#alter(id, (entry) => {
      if (entry.state === "waiting") return null;
      done = true;
      const { name = entry.name, url = entry.url, after = 0 } = changes;
      return { ...entry, ...fresh, body, name, url, after, key: newKey(), edited: true };
    });
    if (done) this.flush({ anew: true });
    return done;
  }

  /** Send an entry again as it is. */
  async retry(id) {
    await this.#alter(id, (entry) => (entry.state === "waiting" ? null : { ...entry, ...fresh }));
    return this.flush({ anew: true });
  }

  /** Drop all of this person's, and nobody else's. */
  async clear() {
    clearTimeout(this.#timer);
    const mine = (row) => row.person === this.person;
    await this.database.wipe("outbox", mine);
    await this.database.wipe("photos", mine);
    await this.#told();
  }

  /** @returns {Promise<object>} all that is not sent, pictures in base64, for a file */
  async exported() {
    const entries = [];
    for (const entry of await this.list()) entries.push(await exported(entry, await this.blobOf(entry.id)));
    return { from: "gridwarden", person: this.person, saved_at: new Date(this.now()).toISOString(), entries };
  }

  // --- sending ---------------------------------------------------------------------------------------------------

  /** Send on load, when the network is back, when the page is seen, and before it goes. */
  start() {
    this.#stopped = false;
    const listen = (target, type, handler) => {
      target?.addEventListener?.(type, handler);
      this.#stops.push(() => target?.removeEventListener?.(type, handler));
    };
    listen(globalThis, "online", () => this.flush({ anew: true }));
    listen(globalThis.document, "visibilitychange", () => {
      if (document.visibilityState === "visible") this.flush();
    });
    // The page goes away before the time for undoing is over: what was said to be done is done.
    listen(globalThis, "pagehide", () => this.#sendKeptAlive());
    if (globalThis.BroadcastChannel) {
      this.#channel = new BroadcastChannel(`gridwarden:outbox:${this.person}`);
      this.#channel.onmessage = ({ data }) => this.#heard(data);
    }
    return this.flush();
  }

  /** Send nothing by itself any more. */
  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const off of this.#stops.splice(0)) off();
    this.#channel?.close();
    this.#channel = null;
  }

  /**
   * Send whatever waits, can no longer be undone and needs nothing that is not sent.
   *
   * @param {{anew?: boolean}} options `anew` also tries what failed a moment ago, since something is different now
   */
  flush({ anew = false } = {}) {
    this.#again = true;
    if (anew) this.#tried.clear();
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /**
   * Send everything before the person signs out, also what could still be undone: it was said to be done.
   *
   * @param {number} [patience] in ms; files get longer
   * @returns {Promise<import("./outbox-entry.js").Entry[]>} what is still not sent
   */
  async finish(patience) {
    this.#leaving = true;
    const files = (await this.list()).some(({ file }) => file);
    let timer = null;
    const enough = new Promise((resolve) => {
      timer = setTimeout(resolve, patience ?? (files ? FINISH.files : FINISH.entries));
    });
    await Promise.race([this.flush(), enough]);
    clearTimeout(timer);
    return this.list();
  }

  /** @returns {Promise<"sent"|"refused"|"conflict"|"waiting">} what becomes of an entry when it is next tried */
  outcome(id) {
    return new Promise((resolve) => {
      const offs = ["sent", "refused", "conflict", "waiting"].map((type) =>
        this.on(type, ({ entry }) => {
          if (entry.id !== id) return;
          for (const off of offs) off();
          resolve(type);
        }),
      );
    });
  }

  /** The person stays after all. */
  resume() {
    this.#leaving = false;
    return this.flush({ anew: true });
  }

  async #run() {
    this.#tried.clear();
    while (this.#again) {
      this.#again = false;
      for (;;) {
        const next = this.#next(await this.list());
        if (!next) break;
        this.#tried.add(next.id);
        // Another tab, or the worker, may be at it.
        const stopped = await this.#alone(next.id, () => this.#attempt(next.id));
        if (!stopped) continue;
        // Unless something changed while this was under way, the others would fare no better.
        if (this.#tried.size) this.#again = false;
        break;
      }
    }
    this.#schedule();
    this.emit("change", { entries: this.entries });
  }

  #next(entries) {
    const ids = new Set(entries.map(({ id }) => id));
    const now = this.#leaving ? Number.POSITIVE_INFINITY : this.now();
    return entries.find(
      ({ id, state, after, needs }) =>
        state === "waiting" && after <= now && !this.#tried.has(id) && !needs.some((need) => ids.has(need)),
    );
  }

  /** When to look again: when the time for undoing one is over, or some time after a failure. */
  #schedule() {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const now = this.now();
    const waits = this.entries
      .filter(({ state }) => state === "waiting")
      .map(({ after, attempts }) => (after > now ? after - now : delay(attempts + 2, { cap: LONGEST_WAIT })));
    if (waits.length) this.#timer = setTimeout(() => this.flush(), Math.min(...waits, LONGEST_WAIT));
  }

  /** @returns {Promise<boolean>} whether to leave the others alone for now */
  async #attempt(id) {
    // Another tab may have sent it, or somebody taken it back, since the list was read.
    const entry = await this.get(id);
    if (entry?.state !== "waiting") return false;
    const blob = entry.file ? await this.blobOf(id) : undefined;
    const onProgress = (share) => this.emit("progress", { entry, share });
    let answer = null;
    try {
      answer = await this.send(entry, blob, { onProgress });
    } catch (error) {
      return this.#failed(entry, error);
    }
    await this.#acknowledged(entry, answer);
    return false;
  }

  async #acknowledged(entry, answer) {
    await this.database.write({ drop: bothOf([entry]) });
    await this.#told({ sent: { entry, answer } });
    this.emit("sent", { entry, answer });
  }

  async #failed(entry, error) {
    let state = verdict(error);
    let server = null;
    if (state === "conflict" && entry.look) {
      server = await this.look(entry.look);
      // What this entry creates is there: an earlier answer got lost, and its key was forgotten since.
      if (server && entry.body?.id && server.id === entry.body.id && !entry.edited) {
        await this.#acknowledged(entry, server);
        return false;
      }
    }
    // A refusal on the way out stays to be tried again: nobody could read the reason.
    if (this.#leaving) state = "waiting";
    const changes = { state, server, error: this.words(error), attempts: entry.attempts + 1 };
    const changed = await this.database.change("outbox", entry.id, (row) =>
      row.key === entry.key ? { ...row, ...changes } : null,
    );
    await this.#told();
    if (changed) this.emit(state, { entry: changed, error });
    return state === "waiting" && stopsAll(error);
  }

  #sendKeptAlive() {
    // The database answers too late now. Whether this arrives is not known: it is sent again under the same key.
    for (const entry of this.entries)
      if (entry.state === "waiting" && !entry.file && !entry.needs.length)
        this.send(entry, undefined, { keepalive: true }).catch(() => {});
  }

  // --- beside others ---------------------------------------------------------------------------------------------

  /** Do it while nobody else does something with the same entry, in this page or another; else null. */
  async #alone(id, work) {
    if (this.#busy.has(id)) return null;
    this.#busy.add(id);
    try {
      if (!this.locks) return await work();
      const alone = { ifAvailable: true };
      return await this.locks.request(`gridwarden:outbox:${id}`, alone, (lock) => (lock ? work() : null));
    } finally {
      this.#busy.delete(id);
    }
  }

  async #alter(id, alter) {
    await this.database.change("outbox", id, (entry) => (entry.person === this.person ? alter(entry) : null));
    await this.#told();
  }

  /** Read again and tell this page and the others. */
  async #told(news = {}) {
    await this.list();
    this.#changed(news);
  }

  #changed(news = {}) {
    this.emit("change", { entries: this.entries });
    this.#channel?.postMessage(news);
  }

  async #heard({ sent }) {
    await this.list();
    this.emit("change", { entries: this.entries });
    if (sent) this.emit("sent", sent);
    this.#schedule();
  }
}

/** What an entry starts again with. */
const fresh = { state: "waiting", error: null, server: null };

/** An entry's rows in both tables. */
const bothOf = (entries) =>
  entries.flatMap(({ id }) => [
    ["outbox", id],
    ["photos", id],
  ]);
