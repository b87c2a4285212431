/** The language of the page: the host page's or browser's at first, then the person's own, or the one they chose. */

import { askedLanguage } from "./place.js";
import { recall, remember } from "./storage.js";
import { TEXTS } from "./texts.js";

const saved = recall("language", {});
// The host page changed its language since: that counts for more than what was written before.
const changed = askedLanguage !== (saved.asked ?? null) && !saved.pinned;
const wishes = changed ? [askedLanguage, saved.code] : [saved.code, askedLanguage];
let current = wishes.find((code) => code in TEXTS) ?? browserLanguage();
let pinned = saved.pinned === true;
const listeners = [];

export const language = () => current;

/** How dates and numbers are written: neutral Latin American Spanish, and English. */
export const locale = () => ({ es: "es-419", en: "en" })[current];

export const onLanguage = (listener) => listeners.push(listener);

/** The person writes in this language. */
export function followLanguage(code) {
  if (!pinned) change(code);
}

/** The person chose this language with the switch. */
export function chooseLanguage(code) {
  pinned = true;
  change(code);
}

/** A text of the page in the current language; `{name}` is replaced by `values.name`. */
export function t(key, values = {}) {
  return TEXTS[current][key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** The side of a text the server sends in both languages. */
export const inLanguage = (both) => both?.[current] ?? both?.es ?? "";

/** Puts the current language into the elements marked with data-text, data-label and data-placeholder. */
export function translate(root = document) {
  document.documentElement.lang = current;
  for (const node of root.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
  for (const node of root.querySelectorAll("[data-title]")) node.title = t(node.dataset.title);
  for (const node of root.querySelectorAll("[data-placeholder]")) node.placeholder = t(node.dataset.placeholder);
}

function change(code) {
  if (!(code in TEXTS)) return;
  remember("language", { code, pinned, asked: askedLanguage });
  if (code === current) return;
  current = code;
  translate();
  for (const listener of listeners) listener();
}

function browserLanguage() {
  const known = navigator.languages.map((tag) => tag.slice(0, 2)).find((code) => code in TEXTS);
  return known ?? "es";
}
