/** "Am I recording?": the sentence on top and the line below it, always in sight. */

import { recordingWords, unsentWords } from "../../lib/patrol-words.js";
import { announce } from "../../ui/announce.js";

export class Status {
  #said = "";

  /** @param {HTMLElement} box the line @param {HTMLElement} sentence */
  constructor(box, sentence) {
    Object.assign(this, { box, sentence });
  }

  /** @param {string} text */
  say(text) {
    if (this.sentence.textContent !== text) this.sentence.textContent = text;
  }

  /**
   * @param {import("../../lib/recording.js").Recording} recording
   * @param {{trouble: string|null, unsent: number}} state
   */
  show(recording, { trouble, unsent }) {
    this.box.hidden = !recording.active;
    if (!recording.active) {
      this.#said = "";
      return;
    }
    const { state, fix, tone } = recordingWords(recording, { now: Date.now(), trouble });
    this.box.dataset.tone = tone;
    const parts = { state, fix, unsent: unsentWords(unsent) };
    for (const [name, text] of Object.entries(parts)) {
      const place = this.box.querySelector(`[data-says=${name}]`);
      if (place.textContent !== text) place.textContent = text;
    }
    // Every second would be too often to hear; that it stopped, or goes on, is not.
    if (state !== this.#said) announce(state);
    this.#said = state;
  }
}
