/** Where the person writes: grows with the text, Enter sends, the limit shows when near, a draft is kept. */

import { byId } from "./dom.js";
import { number } from "./format.js";
import { onLanguage, t } from "./language.js";
import { recallHere, rememberHere } from "./storage.js";

const NEAR = 0.9; // of the limit: from here on the counter shows

export class Composer {
  #form = byId("composer");
  #text = byId("text");
  #send = byId("send");
  #counter = byId("counter");
  #limit;
  #onSend;
  #place = null;

  /** `limit` is in characters (code points); `onSend(content)` takes a message neither empty nor too long. */
  constructor(limit, onSend) {
    this.#limit = limit;
    this.#onSend = onSend;
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#text.addEventListener("input", () => this.#changed());
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    onLanguage(() => this.#changed());
    this.#changed();
  }

  focus() {
    this.#text.focus({ preventScroll: true });
  }

  /** Takes up the draft kept under this name; the one before stays under its own. */
  open(place) {
    this.#place = place;
    this.#text.value = recallHere(place, "");
    this.#changed();
  }

  /** Puts a text there to be changed and sent. */
  edit(content) {
    this.#text.value = content;
    this.#changed();
    this.focus();
  }

  #key(event) {
    // While a composed character is being chosen (Japanese, accents by keyboard), Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    this.#submit(event);
  }

  #submit(event) {
    event.preventDefault();
    if (!this.#ready) return;
    this.#onSend(this.#text.value.trim());
    this.edit("");
  }

  get #length() {
    return [...this.#text.value.trim()].length;
  }

  get #ready() {
    return this.#length > 0 && this.#length <= this.#limit;
  }

  #changed() {
    if (this.#place) rememberHere(this.#place, this.#text.value || null);
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
    const over = this.#length > this.#limit;
    this.#send.setAttribute("aria-disabled", String(!this.#ready));
    this.#counter.hidden = this.#length < NEAR * this.#limit;
    this.#counter.classList.toggle("over", over);
    this.#text.setAttribute("aria-invalid", String(over));
    const values = { count: number(this.#length), limit: number(this.#limit) };
    this.#counter.textContent = this.#counter.hidden ? "" : t(over ? "too_long" : "counter", values);
  }
}
