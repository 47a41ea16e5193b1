/** Boxes already taken on the screen, in a coarse grid: inserting and asking cost what is near, not what is there. */
export class CollisionIndex {
  #cells = new Map();
  #size;

  /** @param {number} size cell edge in px */
  constructor(size = 64) {
    this.#size = size;
  }

  *#keys([x0, y0, x1, y1]) {
    const size = this.#size;
    for (let y = Math.floor(y0 / size); y <= Math.floor(y1 / size); y += 1)
      for (let x = Math.floor(x0 / size); x <= Math.floor(x1 / size); x += 1) yield `${x},${y}`;
  }

  /** @param {[number, number, number, number]} box left, top, right, bottom; touching edges do not collide */
  collides(box) {
    for (const key of this.#keys(box))
      for (const other of this.#cells.get(key) ?? [])
        if (box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]) return true;
    return false;
  }

  insert(box) {
    for (const key of this.#keys(box)) {
      const cell = this.#cells.get(key);
      if (cell) cell.push(box);
      else this.#cells.set(key, [box]);
    }
  }

  /** Take all boxes or none. */
  claim(boxes) {
    if (boxes.some((box) => this.collides(box))) return false;
    for (const box of boxes) this.insert(box);
    return true;
  }
}
