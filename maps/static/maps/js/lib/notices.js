/**
 * Notices that this browser shows although no page is open: whose they are, and what its push service has to be told.
 *
 * Whose they are is the name of an empty cache, the one storage that pages and the worker share and that goes with
 * everything else of a person (lib/wiping.js).
 */

const PREFIX = "gridwarden-notices:";

/** @returns {Promise<string>} the person whose notices are shown here, "" for nobody */
export async function shownFor(caches = globalThis.caches) {
  const name = (await caches.keys()).find((one) => one.startsWith(PREFIX));
  return name ? name.slice(PREFIX.length) : "";
}

/** Show this person's notices and nobody else's; "" for nobody's. */
export async function showFor(person, caches = globalThis.caches) {
  for (const name of await caches.keys())
    if (name.startsWith(PREFIX) && name !== PREFIX + person) await caches.delete(name);
  if (person) await caches.open(PREFIX + person);
}

/**
 * What stands between this browser and notices.
 *
 * @returns {"home-screen" | "unsupported" | "blocked" | ""} "" for nothing
 */
export function obstacle(scope = globalThis) {
  const able = scope.navigator.serviceWorker && "PushManager" in scope && "Notification" in scope;
  // Only browsers on iPhones and iPads know `standalone`.
  if (!able) return scope.navigator.standalone === false ? "home-screen" : "unsupported";
  return scope.Notification.permission === "denied" ? "blocked" : "";
}

/** The subscription under the site's key: the present one, or a new one in place of one under an earlier key. */
export async function subscribe(manager, key) {
  const present = await manager.getSubscription();
  if (present && sameKey(present.options?.applicationServerKey, bytesOf(key))) return present;
  await present?.unsubscribe();
  return manager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) });
}

/** What the server takes: the fields of its form. */
export function fieldsOf(subscription) {
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint, p256dh: keys.p256dh, auth: keys.auth };
}

/** By what the server knows a subscription: SHA-256 of its address, in hexadecimal. */
export async function digestOf(endpoint) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Bytes in base64url. */
export function bytesOf(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

function sameKey(buffer, key) {
  const bytes = new Uint8Array(buffer ?? []);
  return bytes.length === key.length && bytes.every((byte, index) => byte === key[index]);
}
