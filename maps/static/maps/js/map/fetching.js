/** How far the tiles of a map have come: what is under way, what failed, and asking for that again. */

export class Fetching {
  #stack;
  #onFailed;
  #onState;
  #state = "";

  /**
   * @param {import("./layers.js").LayerStack} stack whose sources are looked at
   * @param {{onFailed: (some: boolean) => void, onState: (told: {state: "loading"|"ready"|"failed", failed: number}) =>
   *   void}} options `onFailed` hears at every look whether a tile failed, `onState` only of another state
   */
  constructor(stack, { onFailed, onState }) {
    this.#stack = stack;
    this.#onFailed = onFailed;
    this.#onState = onState;
  }

  /** Look how far they are. */
  report() {
    let loading = 0;
    let failed = 0;
    for (const { pending } of this.#stack.sources) {
      loading += pending.loading;
      failed += pending.failed;
    }
    this.#onFailed(failed > 0);
    const state = failed ? "failed" : loading ? "loading" : "ready";
    if (state === this.#state) return;
    this.#state = state;
    this.#onState({ state, failed });
  }

  retry() {
    for (const source of this.#stack.sources) source.retryFailed();
    this.report();
  }

  /** Resolves when what is in view is there, or after so many milliseconds. */
  async settled(patience = 4000) {
    const end = performance.now() + patience;
    do await new Promise((resolve) => setTimeout(resolve, 50));
    while (this.#state === "loading" && performance.now() < end);
  }
}
