/** What happens in a chat while it happens: server-sent events, and polling for as long as they do not come. */

import { eventsPath } from "./api.js";

const TYPES = ["turn", "delta", "reset", "handoff", "tool", "message", "owner", "ticket"];
const POLL_MS = 3_000;
const REOPEN_MS = [1_000, 2_000, 5_000, 10_000, 30_000];

export class Live {
  #chatId;
  #after;
  #onEvent;
  #sync;
  #source = null;
  #poll = null;
  #reopen = null;
  #failures = 0;

  /**
   * `after()` is the last message that need not come again; `onEvent(type, data)` takes each event; `sync()`
   * fetches what events may have missed.
   */
  constructor(chatId, after, onEvent, sync) {
    this.#chatId = chatId;
    this.#after = after;
    this.#onEvent = onEvent;
    this.#sync = sync;
  }

  open() {
    this.#source = new EventSource(eventsPath(this.#chatId, this.#after()));
    this.#source.onopen = () => this.#opened();
    this.#source.onerror = () => this.#lost();
    for (const type of TYPES) {
      this.#source.addEventListener(type, (event) => this.#onEvent(type, JSON.parse(event.data)));
    }
  }

  close() {
    this.#source?.close();
    clearInterval(this.#poll);
    clearTimeout(this.#reopen);
    this.#poll = null;
  }

  #opened() {
    this.#failures = 0;
    clearInterval(this.#poll);
    this.#poll = null;
    this.#sync();
  }

  // The browser reconnects by itself after a broken connection, but gives up for good after an error answer.
  #lost() {
    this.#poll ??= setInterval(() => this.#sync(), POLL_MS);
    if (this.#source.readyState !== EventSource.CLOSED) return;
    const wait = REOPEN_MS[Math.min(this.#failures, REOPEN_MS.length - 1)];
    this.#failures += 1;
    this.#reopen = setTimeout(() => this.open(), wait);
  }
}
