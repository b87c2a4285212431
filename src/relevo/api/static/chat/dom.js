/** Builds page elements. Text only ever becomes a text node: nothing a person writes can turn into markup. */

/**
 * @param {string} tag
 * @param {Object<string, any>} properties attributes; a name beginning with "on" is an event listener
 * @param {...any} children nodes or strings; null, undefined and false are left out
 */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (absent(value)) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => !absent(child)));
  return node;
}

export const icon = (name) => el("span", { class: `icon icon-${name}`, "aria-hidden": "true" });

export const byId = (id) => document.getElementById(id);

function absent(value) {
  return value === null || value === undefined || value === false;
}
