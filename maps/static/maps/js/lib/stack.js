/**
 * Symbols on top of each other: small groups are set side by side around their place, larger ones become a
 * stack with a count, so that nothing hides. Screen px.
 *
 * @typedef {{x: number, y: number, order: number}} Symbol order: the more urgent lies on top (larger first)
 * @typedef {{x: number, y: number, items: Symbol[], offset: number}} Placed where a symbol or stack is drawn,
 *   `offset` = px from its true place
 */

/**
 * Groups items nearer than `distance` to a group's first member (the most urgent).
 *
 * @template {Symbol} T
 * @param {T[]} items
 * @returns {T[][]} every item in exactly one group, most urgent first
 */
export function groupNear(items, distance) {
  const sorted = [...items].sort((a, b) => b.order - a.order);
  const cells = new Map();
  const groups = [];
  const near = (a, b) => Math.hypot(a.x - b.x, a.y - b.y) < distance;
  for (const item of sorted) {
    const cx = Math.floor(item.x / distance);
    const cy = Math.floor(item.y / distance);
    let home = null;
    for (let dy = -1; dy <= 1 && !home; dy += 1)
      for (let dx = -1; dx <= 1 && !home; dx += 1)
        home = (cells.get(`${cx + dx},${cy + dy}`) ?? []).find((group) => near(group[0], item)) ?? null;
    if (home) {
      home.push(item);
      continue;
    }
    const group = [item];
    groups.push(group);
    const key = `${cx},${cy}`;
    cells.set(key, [...(cells.get(key) ?? []), group]);
  }
  return groups;
}

/**
 * Lays out one group.
 *
 * @param {Symbol[]} group
 * @param {{spread: number, radius: number}} options up to `spread` members are set apart, circles of `radius` px
 * @returns {Placed[]}
 */
export function layOut(group, { spread, radius }) {
  if (group.length === 1) return [{ x: group[0].x, y: group[0].y, items: group, offset: 0 }];
  const x = group.reduce((sum, item) => sum + item.x, 0) / group.length;
  const y = group.reduce((sum, item) => sum + item.y, 0) / group.length;
  if (group.length > spread) return [{ x: group[0].x, y: group[0].y, items: group, offset: 0 }];
  const gap = 2 * radius + 2;
  const reach = group.length === 2 ? gap / 2 : gap / (2 * Math.sin(Math.PI / group.length));
  // Two members keep their own left and right; more go round the clock from their bearing.
  const ordered = [...group].sort((a, b) =>
    group.length === 2 ? a.x - b.x || a.order - b.order : b.order - a.order,
  );
  return ordered.map((item, index) => {
    const angle =
      group.length === 2 ? Math.PI * (1 - index) : (2 * Math.PI * index) / group.length - Math.PI / 2;
    const px = x + reach * Math.cos(angle);
    const py = y + reach * Math.sin(angle);
    return { x: px, y: py, items: [item], offset: Math.hypot(px - item.x, py - item.y) };
  });
}
