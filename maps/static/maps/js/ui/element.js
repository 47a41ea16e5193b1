/**
 * Makes an element. Texts are set as text, never parsed.
 *
 * @param {string} tag "div", or "div.pill.bad" with classes
 * @param {Record<string, any>} attributes `onclick` and the like are listeners; true sets an empty attribute, false,
 *   null and undefined none; `dataset` is an object
 * @param {...(Node|string|null|false)} children
 */
export function element(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "dataset") Object.assign(node.dataset, value);
    else if (key === "className") node.classList.add(...value.split(" ").filter(Boolean));
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** An element that holds one of our own inline symbols (lib/symbols-svg.js escapes what it draws). */
export function symbol(svg) {
  const holder = element("span.symbol", { dataset: { drawn: "" } });
  holder.innerHTML = svg;
  return holder;
}
