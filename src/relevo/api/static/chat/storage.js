/** What the browser keeps between visits. A browser that refuses storage only forgets. */

const PREFIX = "relevo:";

export function recall(key, fallback = null) {
  return read(() => localStorage, key, fallback);
}

export function remember(key, value) {
  write(() => localStorage, key, value);
}

/** The same for one tab only: gone when it is closed. */
export function recallHere(key, fallback = null) {
  return read(() => sessionStorage, key, fallback);
}

export function rememberHere(key, value) {
  write(() => sessionStorage, key, value);
}

// Reaching for the storage object itself raises where storage is blocked, hence the functions.
function read(place, key, fallback) {
  try {
    const text = place().getItem(PREFIX + key);
    return text === null ? fallback : JSON.parse(text);
  } catch {
    return fallback;
  }
}

function write(place, key, value) {
  try {
    if (value === null) place().removeItem(PREFIX + key);
    else place().setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    return;
  }
}
