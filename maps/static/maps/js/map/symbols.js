/** Draws the shapes of lib/symbols.js on a canvas, from a sheet of pictures made once per look and pixel ratio. */

const REACH = 24;

function paint(context, shape, theme) {
  const colour = (name) => theme.colour[name] ?? name;
  if (shape.kind === "text") {
    context.fillStyle = colour(shape.fill);
    context.font = `600 ${shape.size}px ${theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    context.fillText(shape.text, shape.x, shape.y + shape.size * 0.36);
    return;
  }
  const path = new Path2D(shape.kind === "path" ? shape.d : undefined);
  if (shape.kind === "circle") path.arc(shape.x, shape.y, shape.r, -Math.PI / 2, 1.5 * Math.PI);
  if (shape.fill) {
    context.fillStyle = colour(shape.fill);
    context.fill(path, "evenodd");
  }
  if (shape.stroke) {
    context.strokeStyle = colour(shape.stroke);
    context.lineWidth = shape.width ?? 1;
    context.lineCap = shape.dash ? "butt" : "round";
    context.lineJoin = "round";
    context.setLineDash(shape.dash ?? []);
    context.stroke(path);
    context.setLineDash([]);
  }
}

/** Pictures by key; forget them all when the theme or the pixel ratio changes. */
export class SymbolSheet {
  #pictures = new Map();

  clear() {
    this.#pictures.clear();
  }

  /**
   * @param {CanvasRenderingContext2D} context in CSS px
   * @param {{key: string, shapes: () => import("../lib/symbols.js").Shape[], x: number, y: number, scale?: number,
   *   ratio: number, theme: import("./theme.js").Theme}} symbol
   */
  draw(context, { key, shapes, x, y, scale = 1, ratio, theme }) {
    const id = `${key}|${scale}|${ratio}`;
    let picture = this.#pictures.get(id);
    if (!picture) {
      if (this.#pictures.size > 800) this.clear();
      picture = document.createElement("canvas");
      const side = Math.ceil(2 * REACH * scale * ratio);
      picture.width = side;
      picture.height = side;
      const brush = picture.getContext("2d");
      brush.setTransform(scale * ratio, 0, 0, scale * ratio, side / 2, side / 2);
      for (const shape of shapes()) paint(brush, shape, theme);
      this.#pictures.set(id, picture);
    }
    const size = picture.width / ratio;
    // Whole device pixels keep rings and characters sharp.
    const snap = (value) => Math.round((value - size / 2) * ratio) / ratio;
    context.drawImage(picture, snap(x), snap(y), size, size);
  }
}
