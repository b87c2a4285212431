/** The drawer "How was this answered?": reads a turn's trace and shows it for people. */

import { getTrace, Refused, Unreachable } from "./api.js";
import { byId, el } from "./dom.js";
import { onLanguage, t } from "./language.js";
import { raw, sections, summary } from "./trace_sections.js";

export class Trace {
  #drawer = byId("trace");
  #content = byId("trace-content");
  #shown = null;

  constructor() {
    byId("trace-close").addEventListener("click", () => this.#drawer.close());
    // A modal dialog keeps the focus inside, closes with Escape and gives the focus back: the browser does it.
    this.#drawer.addEventListener("click", (event) => event.target === this.#drawer && this.#drawer.close());
    this.#drawer.addEventListener("close", () => (this.#shown = null));
    onLanguage(() => this.#shown && this.#render(this.#shown));
  }

  async open(chatId, turn) {
    this.#message("trace_loading");
    this.#drawer.showModal();
    try {
      this.#render(await getTrace(chatId, turn));
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
      this.#message("trace_failed", el("button", { type: "button", class: "link", onclick: () => this.#again(chatId, turn) }, t("retry")));
    }
  }

  #again(chatId, turn) {
    this.#drawer.close();
    return this.open(chatId, turn);
  }

  #render(trace) {
    this.#shown = trace;
    this.#content.replaceChildren(summary(trace), ...sections(trace), raw(trace));
    this.#content.scrollTop = 0;
  }

  #message(key, ...more) {
    this.#content.replaceChildren(el("p", { class: "quiet", role: "status" }, t(key), " ", ...more));
  }
}
