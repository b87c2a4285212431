/** The list of messages: keeps the page's entries equal to the timeline, touching only what changed. */

import { bubble, look } from "./bubbles.js";
import { byId } from "./dom.js";
import { onLanguage } from "./language.js";

export class Log {
  #list = byId("log");
  #live = byId("live-log");
  #shown = new Map(); // key → {node, look}
  #actions;
  #animate = false;

  constructor(actions) {
    this.#actions = actions;
    onLanguage(() => this.#shown.forEach((shown) => (shown.look = null)));
  }

  /** Shows these items; returns how many of them are new words from the team. */
  show(items) {
    const keys = new Set(items.map((item) => item.key));
    for (const [key, { node }] of this.#shown) {
      if (keys.has(key)) continue;
      node.remove();
      this.#shown.delete(key);
    }
    let fresh = 0;
    items.forEach((item, index) => {
      if (!this.#shown.has(item.key) && ["agent", "operator"].includes(item.message?.role)) fresh += 1;
      this.#place(item, index);
    });
    return fresh;
  }

  /** Starts over with another chat: what it already holds appears at once and is not read aloud. */
  clear() {
    this.#shown.clear();
    this.#list.replaceChildren();
    this.#animate = false;
    this.#live.setAttribute("aria-busy", "true");
  }

  loaded() {
    this.#animate = true;
    this.#live.removeAttribute("aria-busy");
  }

  #place(item, index) {
    const shown = this.#shown.get(item.key);
    let node = shown?.node;
    if (!shown || shown.look !== look(item)) {
      node = bubble(item, this.#actions);
      if (!shown && this.#animate) node.classList.add("enters");
      shown?.node.replaceWith(node);
      this.#shown.set(item.key, { node, look: look(item) });
    }
    if (this.#list.children[index] !== node) this.#list.insertBefore(node, this.#list.children[index] ?? null);
  }
}
