/** Drawing a part of a page anew without losing the keyboard: what had the focus is mostly another element by then. */

const MAY_HAVE_IT = "button, a[href], input, select, textarea, [tabindex]";

/** What makes a control the same one after drawing: its id, the row it stands in, else its words or what it is. */
function identity(node) {
  if (node.id) return `#${node.id}`;
  const row = node.closest("[data-key], [data-id]");
  if (row) return `${row.dataset.key ?? row.dataset.id} ${node.className}`;
  return `${node.tagName} ${node.matches("[tabindex='-1']") ? node.className : node.textContent}`;
}

/**
 * Draw a box anew. Had something in it the focus, then the same control has it afterwards, or if that is gone, what says
 * where one is now.
 *
 * @param {HTMLElement} box
 * @param {() => void} draw
 * @param {string} otherwise selector of what says so, which has tabindex -1
 */
export function redraw(box, draw, otherwise) {
  const { activeElement } = document;
  const held = box.contains(activeElement) ? identity(activeElement) : null;
  draw();
  if (held === null || box.contains(document.activeElement)) return;
  const same = [...box.querySelectorAll(MAY_HAVE_IT)].find((node) => identity(node) === held);
  (same ?? box.querySelector(otherwise))?.focus({ preventScroll: Boolean(same) });
}
