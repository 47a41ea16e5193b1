import { gettext } from "../lib/i18n.js";

let shown = null;

/** Take the last message away, unless it is one that can be undone. */
export function clearToasts() {
  shown?.close();
  shown = null;
}

/**
 * Short messages at the edge of the screen, with one action such as Undo. They stay while the pointer or the
 * keyboard is on them.
 *
 * @param {string} text
 * @param {{action?: string, onAction?: () => void, onEnd?: () => void, seconds?: number, tone?: ""|"bad", href?: string,
 *   countdown?: boolean}} options `href` makes the action a link; `seconds: 0` keeps the toast until it is closed;
 *   `countdown` shows the seconds left and never waits for the pointer
 * @returns {{close(): void}} closing does not call `onEnd`
 */
export function toast(
  text,
  { action, onAction, onEnd, seconds = 6, tone = "", href, countdown = false } = {},
) {
  const box = document.createElement("div");
  box.className = `toast ${tone}`.trim();
  box.setAttribute("role", tone === "bad" ? "alert" : "status");
  const words = document.createElement("p");
  words.textContent = text;
  box.append(words);
  let left = seconds;
  let over = false;

  const close = () => {
    if (over) return;
    over = true;
    clearInterval(timer);
    box.remove();
  };

  let button = null;
  if (action) {
    button = document.createElement(href ? "a" : "button");
    if (href) button.href = href;
    else button.type = "button";
    button.className = "toast-action";
    button.textContent = action;
    button.addEventListener("click", () => {
      close();
      onAction?.();
    });
    box.append(button);
  }
  if (!countdown) {
    const dismiss = document.createElement("button");
    dismiss.type = "button";
    dismiss.className = "toast-close";
    dismiss.setAttribute("aria-label", gettext("Close"));
    dismiss.textContent = "×";
    dismiss.addEventListener("click", () => {
      close();
      onEnd?.();
    });
    box.append(dismiss);
  }

  const clock = countdown && button ? document.createElement("span") : null;
  if (clock) {
    clock.className = "toast-clock";
    clock.setAttribute("aria-hidden", "true");
    clock.textContent = String(left);
    button.append(clock);
  }
  const timer = setInterval(() => {
    const held = !countdown && (box.matches(":hover") || box.contains(document.activeElement));
    if (!seconds || held) return;
    left -= 1;
    if (clock) clock.textContent = String(Math.max(0, left));
    if (left > 0) return;
    close();
    onEnd?.();
  }, 1000);

  const handle = { close };
  if (!countdown) {
    clearToasts();
    shown = handle;
  }
  document.getElementById("toasts").append(box);
  return handle;
}
