/** Bringing one entry of the outbox to the server. */

import { request } from "./api.js";
import { upload } from "./upload.js";

/** A weak signal is slow, not lost, in ms. */
const FILE_PATIENCE = 180_000;

/**
 * @param {import("./outbox-entry.js").Entry} entry
 * @param {Blob|undefined} blob
 * @param {{onProgress?: (share: number) => void, keepalive?: boolean, headers?: object}} options
 * @returns {Promise<any>} the server's answer
 * @throws {ApiError|NetworkError}
 */
export function deliver(entry, blob, { onProgress, keepalive = false, headers = {} } = {}) {
  const { method, url, body, key, file } = entry;
  const options = { method, key, headers: { ...entry.headers, ...headers } };
  if (!blob) return request(url, { ...options, body: body ?? undefined, keepalive });
  options.timeout = FILE_PATIENCE;
  if (!file?.field) return request(url, { ...options, body: blob });
  const content = new File([blob], file.name, { type: blob.type });
  const fields = { ...body, [file.field]: content };
  // Only a page can say how far it is.
  if (globalThis.XMLHttpRequest && method === "POST") return upload(url, fields, { key, onProgress });
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return request(url, { ...options, body: form });
}

/** Read what the server has now; null when it does not say. */
export async function readNow(url, headers = {}) {
  try {
    return await request(url, { headers });
  } catch {
    return null;
  }
}
