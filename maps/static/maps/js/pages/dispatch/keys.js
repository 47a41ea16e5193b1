/** The board's keys: j k down and up, 1–9 who goes, o the next step, n a new case, d a duplicate, Enter open, / find, Escape back. */

const typing = (target) =>
  target.closest("input:not([type=radio]), textarea, select, dialog, [role=application]");

/**
 * @param {object} run
 * @param {(step: number) => void} run.move
 * @param {() => void} run.next
 * @param {(place: number) => boolean} run.pick chooses a candidate by place from 0; false when there are none
 * @param {(id: string) => void} run.open
 * @param {() => boolean} run.close false when nothing is open
 * @param {() => void} run.find
 * @param {() => void} run.merge marks the chosen one as a duplicate
 * @param {() => void} run.enter goes to the form for a new case
 */
export function bindKeys({ move, next, pick, open, close, find, enter, merge }) {
  const keys = { n: enter, d: merge, j: () => move(1), k: () => move(-1), o: next, "/": find };

  /** @returns {boolean} whether the key was ours */
  function pressed({ key, target }) {
    if (key === "Escape") return close();
    if (key === "Enter" && target.matches(".queue-row")) {
      open(target.closest("li").dataset.id);
      return true;
    }
    if (typing(target)) return false;
    if (/^[1-9]$/.test(key)) return pick(Number(key) - 1);
    const run = keys[key.toLowerCase()];
    run?.();
    return Boolean(run);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (pressed(event)) event.preventDefault();
  });
}
