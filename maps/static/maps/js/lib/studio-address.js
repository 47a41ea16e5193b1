/** The split studio's address: every state of it is a link. */

const VIEWS = ["now", "new", "proposals", "owners"];
const TASKS = ["", "edit", "accept"];
const MOST = 3; // more than three cannot be compared at a glance

const ids = (text) =>
  (text ?? "")
    .split(".")
    .filter((part) => /^\d{1,18}$/.test(part))
    .map(Number);

/**
 * @param {string} search "?community=…"
 * @param {string} usual the view without one in the address
 * @returns {{view: string, split: number|null, task: string, compare: number[]}}
 */
export function read(search, usual) {
  const asked = new URLSearchParams(search);
  const [split = null] = ids(asked.get("split"));
  const view = split ? "proposals" : asked.get("view");
  const task = asked.get("task") ?? "";
  return {
    view: VIEWS.includes(view) ? view : usual,
    split,
    task: split && TASKS.includes(task) ? task : "",
    compare: ids(asked.get("compare")).slice(0, MOST),
  };
}

export function address(community, { view, split, task, compare }) {
  const asked = new URLSearchParams({ community });
  if (view !== "now") asked.set("view", view);
  if (split) asked.set("split", split);
  if (split && task) asked.set("task", task);
  if (compare.length) asked.set("compare", compare.join("."));
  return `?${asked}`;
}
