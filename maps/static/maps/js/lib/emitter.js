/** Handlers by event name. */
export class Emitter {
  #handlers = new Map();

  /** @returns {() => void} takes the handler off again */
  on(type, handler) {
    if (!this.#handlers.has(type)) this.#handlers.set(type, new Set());
    this.#handlers.get(type).add(handler);
    return () => this.off(type, handler);
  }

  off(type, handler) {
    this.#handlers.get(type)?.delete(handler);
  }

  emit(type, detail) {
    // A copy: a handler may take itself off.
    for (const handler of [...(this.#handlers.get(type) ?? [])]) handler(detail);
  }

  /** Take every handler off. */
  silence() {
    this.#handlers.clear();
  }
}
