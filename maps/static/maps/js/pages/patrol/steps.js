/** The panels that lie over the list for a step: the consent, how to begin, what came of it. One at a time. */

export class Steps {
  /**
   * @param {HTMLElement} root the page
   * @param {{onOpen: () => void, onClose: () => void}} handlers
   */
  constructor(root, { onOpen, onClose }) {
    Object.assign(this, { root, onOpen, onClose, shown: null, opener: null });
    for (const panel of root.querySelectorAll(".step")) {
      panel.addEventListener("click", ({ target }) => {
        if (target.closest("[data-step-does=close]")) this.close();
      });
      panel.addEventListener("keydown", ({ key }) => {
        if (key === "Escape" && panel.querySelector("[data-step-does=close]")) this.close();
      });
    }
  }

  /** @param {string} id of a panel */
  open(id) {
    if (this.shown === id) return;
    if (!this.shown) this.opener = document.activeElement;
    for (const panel of this.root.querySelectorAll(".step")) panel.hidden = panel.id !== id;
    this.shown = id;
    this.root.dataset.filing = "";
    this.say(id, "");
    this.onOpen();
    this.root.querySelector(`#${id} h2`)?.focus({ preventScroll: true });
  }

  close() {
    if (!this.shown) return;
    this.root.querySelector(`#${this.shown}`).hidden = true;
    this.shown = null;
    delete this.root.dataset.filing;
    this.onClose();
    if (this.opener?.isConnected) this.opener.focus({ preventScroll: true });
  }

  /** An error in a panel, or with no text none. */
  say(id, text) {
    const box = this.root.querySelector(`#${id} [data-error]`);
    if (!box) return;
    box.textContent = text;
    box.hidden = !text;
  }
}
