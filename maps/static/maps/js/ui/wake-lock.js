/** Keeps the screen on while it is wanted, where the browser can; it is lost with every hidden page and taken again. */

/** @returns {{hold(): void, release(): void, readonly possible: boolean}} */
export function wakeLock() {
  let wanted = false;
  let lock = null;

  async function take() {
    if (!wanted || lock || document.visibilityState !== "visible") return;
    try {
      lock = await navigator.wakeLock.request("screen");
      lock.addEventListener("release", () => {
        lock = null;
      });
      if (!wanted) lock.release();
    } catch {
      // A phone that saves its battery refuses: then the screen goes off as always.
      lock = null;
    }
  }

  const possible = "wakeLock" in navigator;
  if (possible) document.addEventListener("visibilitychange", take);
  return {
    possible,
    hold() {
      wanted = true;
      if (possible) take();
    },
    release() {
      wanted = false;
      lock?.release();
    },
  };
}
