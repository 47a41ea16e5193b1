/** Finding a category by what one types: a code, first letters, pinyin, initials or a piece of its name. */

/**
 * @param {{code: string, words: string[], pinyin: string, initials: string}[]} categories in the catalogue's order
 * @param {string} typed
 * @param {number} most
 * @returns {object[]} those that begin with it before those that only hold it
 */
export function findCategories(categories, typed, most = 6) {
  const wanted = typed.trim().toLowerCase().replaceAll(/\s+/g, " ");
  if (!wanted) return [];
  const closed = wanted.replaceAll(" ", "");
  const rank = ({ words, pinyin, initials }) => {
    if (words.includes(wanted)) return 0;
    if (initials === closed) return 1;
    if (words.some((word) => word.startsWith(wanted))) return 2;
    if (pinyin.startsWith(closed) || initials.startsWith(closed)) return 3;
    if (words.some((word) => word.includes(wanted))) return 4;
    return closed.length > 1 && (pinyin.includes(closed) || initials.includes(closed)) ? 5 : 9;
  };
  return categories
    .map((category, index) => ({ category, index, rank: rank(category) }))
    .filter((row) => row.rank < 9)
    .sort((one, other) => one.rank - other.rank || one.index - other.index)
    .slice(0, most)
    .map((row) => row.category);
}
