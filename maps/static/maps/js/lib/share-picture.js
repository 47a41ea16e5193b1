/** The long picture of a report: what, where with a small map, until when, and a code that leads to its page. */

export const WIDTH = 720;
const EDGE = 40;
const INNER = WIDTH - 2 * EDGE;
const QR = 220;
const FONT = '"PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", system-ui, sans-serif';
const INK = "#1c2024";
const SOFT = "#5a626a";
const BAD = "#b91c1c";

/**
 * Breaks a text into lines that fit: between any two characters, since Chinese has no spaces, but not within a word.
 *
 * @param {string} text @param {number} most the width @param {(text: string) => number} width measures a text
 */
export function wrap(text, most, width) {
  const lines = [];
  let line = "";
  for (const piece of text.match(/[\u0021-\u007e]+|\s+|./gsu) ?? []) {
    const parts = width(piece) > most ? [...piece] : [piece];
    for (const part of parts) {
      if (line && width(line + part) > most) {
        lines.push(line.trimEnd());
        line = part.trimStart();
      } else {
        line += part;
      }
    }
  }
  if (line.trim()) lines.push(line.trimEnd());
  return lines;
}

/** Draws on a canvas and sets its height. @param {HTMLCanvasElement} canvas @param {object} shared as share.json */
export function drawPicture(canvas, shared) {
  canvas.width = WIDTH;
  canvas.height = 10;
  const blocks = layout(canvas.getContext("2d"), shared);
  canvas.height = Math.ceil(blocks.reduce((sum, block) => sum + block.height, 0));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, WIDTH, canvas.height);
  pen.textBaseline = "top";
  let y = 0;
  for (const block of blocks) {
    block.draw(pen, y);
    y += block.height;
  }
}

function layout(pen, shared) {
  const blocks = [band(shared)];
  blocks.push(words(pen, shared.title, { size: 44, bold: true, before: 32, ink: shared.urgent ? BAD : INK }));
  for (const fact of shared.facts) {
    blocks.push(words(pen, fact.name, { size: 24, before: 20, ink: SOFT }));
    blocks.push(words(pen, fact.value, { size: 32, before: 4 }));
  }
  if (shared.map) blocks.push(smallMap(shared.map));
  blocks.push(code(pen, shared));
  return blocks;
}

function font(size, bold) {
  return `${bold ? "600 " : ""}${size}px ${FONT}`;
}

function band(shared) {
  return {
    height: 72,
    draw(pen) {
      pen.fillStyle = shared.urgent ? BAD : "#0b6e66";
      pen.fillRect(0, 0, WIDTH, 72);
      pen.fillStyle = "#ffffff";
      pen.font = font(28, true);
      pen.fillText(shared.site, EDGE, 22);
    },
  };
}

function words(pen, text, { size, bold = false, before, ink = INK }) {
  pen.font = font(size, bold);
  const lines = wrap(text, INNER, (part) => pen.measureText(part).width);
  const step = Math.round(size * 1.4);
  return {
    height: before + lines.length * step,
    draw(drawing, y) {
      drawing.font = font(size, bold);
      drawing.fillStyle = ink;
      lines.forEach((line, index) => {
        drawing.fillText(line, EDGE, y + before + index * step);
      });
    },
  };
}

function smallMap(map) {
  const side = INNER;
  const high = 420;
  return {
    height: 32 + high,
    draw(pen, top) {
      const y = top + 32;
      const scale = side / (2 * map.reach);
      const middle = [EDGE + side / 2, y + high / 2];
      pen.save();
      pen.beginPath();
      pen.rect(EDGE, y, side, high);
      pen.clip();
      pen.fillStyle = "#f1f1ee";
      pen.fillRect(EDGE, y, side, high);
      const trace = (line) => {
        pen.beginPath();
        for (const [east, south] of line) pen.lineTo(middle[0] + east * scale, middle[1] + south * scale);
      };
      pen.fillStyle = "#dedfda";
      for (const line of map.buildings) {
        trace(line);
        pen.fill();
      }
      pen.lineCap = pen.lineJoin = "round";
      stroke(
        pen,
        trace,
        map.streets.flatMap((street) => street.lines),
        14,
        "#ffffff",
      );
      pen.setLineDash([14, 8]);
      stroke(pen, trace, map.grid, 4, "#0b6e66");
      pen.setLineDash([]);
      stroke(pen, trace, map.report, 8, BAD);
      streetNames(pen, map, middle, scale);
      pin(pen, ...middle);
      pen.restore();
    },
  };
}

function stroke(pen, trace, lines, width, ink) {
  pen.lineWidth = width;
  pen.strokeStyle = ink;
  for (const line of lines) {
    trace(line);
    pen.stroke();
  }
}

/** Each name once, at the point of its street nearest to the place where it covers no other name. */
function streetNames(pen, map, middle, scale) {
  const points = map.streets.flatMap(({ name, lines }) =>
    lines.flat().map(([east, south]) => ({ name, east, south, far: Math.hypot(east, south) })),
  );
  points.sort((one, other) => one.far - other.far);
  pen.font = font(22, false);
  pen.textAlign = "center";
  pen.lineWidth = 5;
  pen.strokeStyle = "#ffffff";
  pen.fillStyle = SOFT;
  const written = new Map();
  for (const { name, east, south, far } of points) {
    if (!name || written.has(name) || far < 25 || far > map.reach) continue;
    const label = {
      x: middle[0] + east * scale,
      y: middle[1] + south * scale - 11,
      half: pen.measureText(name).width / 2 + 6,
    };
    const hidden = [...written.values()].some(
      (other) => Math.abs(other.x - label.x) < other.half + label.half && Math.abs(other.y - label.y) < 30,
    );
    if (hidden || label.x - label.half < EDGE || label.x + label.half > WIDTH - EDGE) continue;
    written.set(name, label);
    pen.strokeText(name, label.x, label.y);
    pen.fillText(name, label.x, label.y);
  }
  pen.textAlign = "left";
}

function pin(pen, x, y) {
  pen.beginPath();
  pen.arc(x, y, 16, 0, 2 * Math.PI);
  pen.fillStyle = BAD;
  pen.fill();
  pen.lineWidth = 5;
  pen.strokeStyle = "#ffffff";
  pen.stroke();
}

function code(pen, shared) {
  pen.font = font(24, false);
  const lines = wrap(shared.hint, INNER - QR - 24, (part) => pen.measureText(part).width);
  return {
    height: QR + 64,
    draw(drawing, top) {
      const y = top + 24;
      const dot = QR / shared.qr.length;
      drawing.fillStyle = "#000000";
      shared.qr.forEach((row, down) => {
        [...row].forEach((dark, across) => {
          if (dark === "1") drawing.fillRect(EDGE + across * dot, y + down * dot, dot + 0.5, dot + 0.5);
        });
      });
      drawing.font = font(24, false);
      drawing.fillStyle = SOFT;
      lines.forEach((line, index) => {
        drawing.fillText(line, EDGE + QR + 24, y + QR / 2 - 16 + index * 34);
      });
    },
  };
}
