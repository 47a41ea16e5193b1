/** What a feature of a tile is called in the language of the page. */

/**
 * The name in a language, the Chinese one when there is no other. A grid's name that nobody chose, such as 第3网格, is
 * “Grid 3” in English, as on the pages (grids/models/grid.py).
 */
export function localName({ name, name_en: english, code }, language) {
  const text = typeof name === "string" ? name.trim() : "";
  if (language !== "en") return text;
  const number = Number(String(code ?? "").slice(12));
  if (number && text.endsWith(`第${number}网格`)) return `Grid ${number}`;
  return (typeof english === "string" && english.trim()) || text;
}
