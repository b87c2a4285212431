/** What the browser keeps between visits. Where it refuses storage, things are kept until the page goes. */

import { host, inWidget } from "./place.js";

// The widget has a visitor of its own; two sites that embed it share nothing, even where a browser would let them.
const PREFIX = inWidget ? `relevo-widget:${host}:` : "relevo:";
const memory = new Map(); // used only where the browser refuses

export const recall = (key, fallback = null) => read("localStorage", key, fallback);

export const remember = (key, value) => write("localStorage", key, value);

/** The same for one tab only: gone when it is closed. */
export const recallHere = (key, fallback = null) => read("sessionStorage", key, fallback);

export const rememberHere = (key, value) => write("sessionStorage", key, value);

/** Calls `changed(value)` when another tab remembers something else under this key; returns how to stop that. */
export function watch(key, changed) {
  const heard = (event) => event.key === PREFIX + key && changed(parse(event.newValue, null));
  addEventListener("storage", heard);
  return () => removeEventListener("storage", heard);
}

// Reaching for the storage object itself raises where storage is blocked, hence its name only.
function read(place, key, fallback) {
  try {
    return parse(window[place].getItem(PREFIX + key), fallback);
  } catch {
    return parse(memory.get(`${place}:${key}`) ?? null, fallback);
  }
}

function write(place, key, value) {
  const text = value === null ? null : JSON.stringify(value);
  try {
    if (text === null) window[place].removeItem(PREFIX + key);
    else window[place].setItem(PREFIX + key, text);
  } catch {
    if (text === null) memory.delete(`${place}:${key}`);
    else memory.set(`${place}:${key}`, text);
  }
}

function parse(text, fallback) {
  try {
    return text === null ? fallback : JSON.parse(text);
  } catch {
    return fallback;
  }
}
