/** Where the person writes: grows with the text, Enter sends, and the limit shows when it is near. */

import { byId } from "./dom.js";
import { number } from "./format.js";
import { onLanguage, t } from "./language.js";

const LIMIT = 4_000; // characters, as the server counts them (code points)
const NEAR = 3_600;

export class Composer {
  #form = byId("composer");
  #text = byId("text");
  #send = byId("send");
  #counter = byId("counter");
  #onSend;

  /** `onSend(content)` takes a message that is neither empty nor too long. */
  constructor(onSend) {
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
    return this.#length > 0 && this.#length <= LIMIT;
  }

  #changed() {
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
    const over = this.#length > LIMIT;
    this.#send.setAttribute("aria-disabled", String(!this.#ready));
    this.#counter.hidden = this.#length < NEAR;
    this.#counter.classList.toggle("over", over);
    this.#text.setAttribute("aria-invalid", String(over));
    const values = { count: number(this.#length), limit: number(LIMIT) };
    this.#counter.textContent = this.#counter.hidden ? "" : t(over ? "too_long" : "counter", values);
  }
}
