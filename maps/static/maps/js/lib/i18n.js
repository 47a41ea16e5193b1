/**
 * The page's JavaScript catalogue, usable from modules and, untranslated, in node.
 * The functions have gettext's own names so that the message extractor finds what they are called with.
 */

export const gettext = (id) => globalThis.gettext?.(id) ?? id;

export const pgettext = (context, id) => globalThis.pgettext?.(context, id) ?? id;

export const ngettext = (one, many, count) =>
  globalThis.ngettext?.(one, many, count) ?? (count === 1 ? one : many);

/** Fill `%(name)s` in a translated text. */
export function interpolate(text, values) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
