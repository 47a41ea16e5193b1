/**
 * Talking to /api/v1/: session cookie, CSRF header, idempotency keys, problem details.
 */

import { gettext } from "./i18n.js";

/** What the server refused, in words for the reader. */
export class ApiError extends Error {
  /** @param {number} status @param {{title?: string, detail?: string}} problem RFC 9457 body, empty when there was none */
  constructor(status, problem = {}) {
    super(problem.detail || problem.title || sentenceFor(status));
    this.name = "ApiError";
    this.status = status;
    this.problem = problem;
  }

  get detail() {
    return this.message;
  }

  /** Whether the same request may succeed later without the person changing anything. */
  get temporary() {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/** The request did not get through; whether the server acted on it is unknown, so repeat it with the same key. */
export class NetworkError extends Error {
  constructor(cause) {
    super(gettext("No connection."), { cause });
    this.name = "NetworkError";
    this.temporary = true;
  }

  get detail() {
    return this.message;
  }
}

function sentenceFor(status) {
  if (status === 401 || status === 403)
    return gettext("You are signed out or may not do this. Sign in again.");
  if (status === 404) return gettext("This does not exist, or you may not see it.");
  if (status === 409) return gettext("Somebody else changed this meanwhile. Look again.");
  if (status === 429) return gettext("Too many requests. Wait a moment and try again.");
  if (status >= 500) return gettext("The server has a problem. Nothing was changed; try again in a moment.");
  return gettext("The server did not accept this.");
}

export function csrfToken() {
  const match = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie);
  return match
    ? decodeURIComponent(match[1])
    : (document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "");
}

/** A random version 4 key; pages on plain HTTP have no crypto.randomUUID. */
export function newKey() {
  if (globalThis.crypto.randomUUID) return globalThis.crypto.randomUUID();
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  return dashed(bytes);
}

/** A version 7 UUID (RFC 9562): sorts by time, made on the client so that a repeated request is the same thing. */
export function newId(now = Date.now()) {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  let rest = now;
  for (let index = 5; index >= 0; index--) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  return dashed(bytes);
}

function dashed(bytes) {
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * @param {string} url
 * @param {{method?: string, body?: object|Blob|FormData, key?: string, signal?: AbortSignal, keepalive?: boolean, timeout?: number,
 *   headers?: object}} options `timeout` in ms
 * @returns {Promise<any>} the parsed answer, null when it is empty
 * @throws {ApiError|NetworkError} and whatever `signal` aborts with
 */
export async function request(url, options = {}) {
  const { method = "GET", body, key, signal, keepalive = false, timeout = 20_000 } = options;
  const headers = { Accept: "application/json", ...options.headers };
  if (method !== "GET") headers["X-CSRFToken"] ??= csrfToken();
  if (key) headers["Idempotency-Key"] = key;
  const isJson = body !== undefined && !(body instanceof Blob) && !(body instanceof FormData);
  if (isJson) headers["Content-Type"] = "application/json";
  const watch = new AbortController();
  const stop = () => watch.abort(signal.reason);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  const timer = setTimeout(() => watch.abort(new DOMException("timeout", "TimeoutError")), timeout);
  try {
    const response = await fetch(url, {
      method,
      headers,
      keepalive,
      credentials: "same-origin",
      body: isJson ? JSON.stringify(body) : body,
      signal: watch.signal,
    });
    return await read(response);
  } catch (error) {
    if (signal?.aborted || error instanceof ApiError) throw error;
    throw new NetworkError(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

async function read(response) {
  const text = await response.text();
  const json = /\bjson\b/.test(response.headers.get("content-type") ?? "");
  let body = null;
  if (text && json) {
    try {
      body = JSON.parse(text);
    } catch (error) {
      throw new NetworkError(error);
    }
  }
  if (!response.ok) throw new ApiError(response.status, body ?? {});
  if (text && !json) throw new ApiError(response.redirected ? 401 : 502);
  return body;
}

export const get = (url, options) => request(url, options);

/** POST with an idempotency key; pass the draft's own key so that a repetition does nothing twice. */
export const post = (url, body, { key = newKey(), ...options } = {}) =>
  request(url, { ...options, method: "POST", body, key });
