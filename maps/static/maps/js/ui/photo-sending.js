/** Getting photos to the server, each with its own key, after the report that they belong to. */

import { ApiError, newKey } from "../lib/api.js";
import { delay } from "../lib/backoff.js";
import { Drafts } from "../lib/drafts.js";
import { upload } from "../lib/upload.js";

const MOST_BYTES = 25 * 2 ** 20;

/** What a photo is not taken for, or null. The server looks again. */
export function unsuitable(file, { gettext }) {
  if (file.size > MOST_BYTES) return gettext("The picture is larger than 25 MB.");
  if (file.type && !/^image\/(jpeg|png|webp|hei[cf])$/.test(file.type))
    return gettext("This is no picture that can be taken: send a JPEG, PNG, WebP or HEIC.");
  return null;
}

/** A report that is itself kept on this device cannot take photos yet. */
const keptHere = (person) => (report) =>
  new Drafts(globalThis.localStorage, person).list().some(({ body }) => body.id === report);

export class PhotoSender {
  /** The page's own, if it has one. */
  static current = null;

  /**
   * @param {{store: import("../lib/photo-store.js").PhotoStore, waits?: (report: string) => boolean,
   *   onSent?: (photo: object, report: string) => void, onRefused?: (error: ApiError, row: object) => void,
   *   onChange?: (state: {waiting: number, share: number|null, error: Error|null}) => void, send?: typeof upload}} options
   *   `waits` says whether a report is itself not sent yet; `share` is how much of all that waits has arrived, null
   *   while nothing is on its way
   */
  constructor({ store, waits = keptHere(store.person), onSent, onRefused, onChange, send = upload }) {
    Object.assign(this, { store, waits, onSent, onRefused, onChange, upload: send });
    this.failures = 0;
    this.timer = null;
    this.running = null;
    this.stopped = false;
    PhotoSender.current = this;
    globalThis.addEventListener?.("online", () => this.flush());
    globalThis.document?.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.flush();
    });
  }

  /** @param {string} report its id @param {{blob: Blob, name: string, kind: string}[]} photos */
  async keep(report, photos) {
    let added = Date.now();
    for (const { blob, name, kind } of photos)
      await this.store.keep({ key: newKey(), report, blob, name, kind, added: added++ });
    if (photos.length) await this.#tell();
  }

  /** Take a report's photos back. @returns {Promise<{blob: Blob, name: string, kind: string}[]>} */
  async takeBack(report) {
    const rows = (await this.store.list()).filter((row) => row.report === report);
    for (const { key } of rows) await this.store.drop(key);
    await this.#tell();
    return rows.map(({ blob, name, kind }) => ({ blob, name, kind }));
  }

  /** Send whatever waits and may go, oldest first; one run at a time. */
  flush() {
    clearTimeout(this.timer);
    this.timer = null;
    this.running ??= this.#run().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /** Before signing out. @returns {Promise<number>} how many are still not sent */
  async finish(patience = 15_000) {
    await Promise.race([this.flush(), new Promise((resolve) => setTimeout(resolve, patience))]);
    return (await this.store.list()).length;
  }

  resume() {
    return this.flush();
  }

  /** Give up what is not sent. */
  async abandon() {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.store.clear();
  }

  async #run() {
    const tried = new Set();
    for (;;) {
      const rows = (await this.store.list()).filter(
        ({ key, report }) => !tried.has(key) && !this.waits(report),
      );
      if (!rows.length || this.stopped) break;
      tried.add(rows[0].key);
      if (!(await this.#send(rows[0], rows.length))) break;
    }
    if (!this.timer) await this.#tell();
  }

  /** @returns {Promise<boolean>} whether to go on with the next */
  async #send(row, count) {
    this.onChange?.({ waiting: count, share: 0, error: null });
    const onProgress = (share) => this.onChange?.({ waiting: count, share: share / count, error: null });
    try {
      const file = new File([row.blob], row.name, { type: row.blob.type });
      const fields = { kind: row.kind, photo: file };
      const photo = await this.upload(`/api/v1/reports/${row.report}/photos`, fields, {
        key: row.key,
        onProgress,
      });
      this.failures = 0;
      await this.store.drop(row.key);
      this.onSent?.(photo, row.report);
      return true;
    } catch (error) {
      // Signed out: the photo is sound, it waits for whoever signs in again.
      if (error instanceof ApiError && !error.temporary && error.status !== 401) {
        await this.store.drop(row.key);
        this.onRefused?.(error, row);
        return true;
      }
      this.failures += 1;
      this.timer ??= setTimeout(() => this.flush(), delay(this.failures + 2, { cap: 60_000 }));
      await this.#tell(error);
      return false;
    }
  }

  async #tell(error = null) {
    const { length } = await this.store.list();
    this.onChange?.({ waiting: length, share: null, error });
  }
}
