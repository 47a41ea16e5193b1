/** Who else has which report open: told with every answer of the board's poll, said in the panel. */

import { enumerated } from "../../lib/format.js";
import { interpolate, ngettext } from "../../lib/i18n.js";

/** @param {Headers} headers of an answer @returns {Record<string, string[]>} names by the report's id */
export function lookingOf(headers) {
  try {
    return JSON.parse(headers.get("Looking") ?? "{}");
  } catch {
    return {};
  }
}

/** @param {string[]} [names] @returns {string} "张三正在处理", nothing for nobody */
export function lookingWords(names = []) {
  if (!names.length) return "";
  const words = ngettext("%(names)s has this open, too", "%(names)s have this open, too", names.length);
  return interpolate(words, { names: enumerated(...names) });
}
