/** A report and its photos as entries of the outbox. */

import { followEntry } from "./similar.js";

const MOST_BYTES = 25 * 2 ** 20;

/**
 * @param {{body: object, name: string, photos?: {blob: Blob, name: string, kind: string}[], handle?: string|null,
 *   looked?: boolean}} filed `body` as the API takes it, under an id of its own; with a `handle` the report behind that
 *   is followed instead; `looked` says that the person was shown what may be the same
 * @param {{undo?: number}} options for how many ms it may be taken back
 * @returns {object[]} to be added together: a photo goes after its report
 */
export function reportEntries({ body, name, photos = [], handle, looked = false }, { undo = 0 } = {}) {
  if (handle) return [followEntry({ body, name, handle }), ...photoEntries(body.id, photos)];
  const url = "/api/v1/reports";
  const after = undo ? Date.now() + undo : 0;
  return [
    { kind: "report", url, look: `${url}/${body.id}`, body, name, after, looked },
    ...photoEntries(body.id, photos),
  ];
}

/** Photos for a report, whether it is sent or not. @param {string} report its id */
export const photoEntries = (report, photos) =>
  photos.map(({ blob, name, kind }) => ({
    kind: "photo",
    url: `/api/v1/reports/${report}/photos`,
    body: { kind },
    file: { field: "photo", name, type: blob.type },
    blob,
    name,
    report,
    needs: [report],
  }));

/** The photos of a report that is not sent, as they were chosen. @param {import("./outbox.js").Outbox} outbox */
export async function photosOf(outbox, report) {
  const entries = (await outbox.list()).filter((entry) => entry.kind === "photo" && entry.report === report);
  const blobs = await Promise.all(entries.map(({ id }) => outbox.blobOf(id)));
  return entries.map(({ name, body }, index) => ({ blob: blobs[index], name, kind: body.kind }));
}

/** What a photo is not taken for, or null. The server looks again. */
export function unsuitable(file, { gettext }) {
  if (file.size > MOST_BYTES) return gettext("The picture is larger than 25 MB.");
  if (file.type && !/^image\/(jpeg|png|webp|hei[cf])$/.test(file.type))
    return gettext("This is no picture that can be taken: send a JPEG, PNG, WebP or HEIC.");
  return null;
}
