/** Sending a file to /api/v1/: a form with progress, the same errors as `lib/api.js`. */

import { ApiError, csrfToken, NetworkError } from "./api.js";

/** A weak signal is slow, not lost. */
const PATIENCE = 180_000;

/**
 * @param {string} url
 * @param {Record<string, string|Blob>} fields a Blob may be a File, which keeps its name
 * @param {{key?: string, onProgress?: (share: number) => void, signal?: AbortSignal}} options `share` from 0 to 1
 * @returns {Promise<any>} the parsed answer
 * @throws {ApiError|NetworkError}
 */
export function upload(url, fields, { key, onProgress, signal } = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const request = new XMLHttpRequest();
  return new Promise((resolve, reject) => {
    const lost = () => reject(new NetworkError());
    request.open("POST", url);
    request.timeout = PATIENCE;
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    if (key) request.setRequestHeader("Idempotency-Key", key);
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(total ? loaded / total : 0);
    request.onerror = request.ontimeout = request.onabort = lost;
    request.onload = () => {
      const body = parsed(request);
      if (request.status >= 400) reject(new ApiError(request.status, body ?? {}));
      else if (body === null) lost();
      else resolve(body);
    };
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

function parsed(request) {
  if (!/\bjson\b/.test(request.getResponseHeader("content-type") ?? "")) return null;
  try {
    return JSON.parse(request.responseText);
  } catch {
    return null;
  }
}
