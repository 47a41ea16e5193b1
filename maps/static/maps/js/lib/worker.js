/** The service worker of the site. Fails in a browser without module workers, or in private mode. */
export async function theWorker() {
  await navigator.serviceWorker.register("/sw.js", { type: "module", updateViaCache: "none" });
  return navigator.serviceWorker.ready;
}
