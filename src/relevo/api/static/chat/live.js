/** What happens in a chat while it happens: server-sent events, and polling for as long as they do not come. */

import { watchChat } from "./api.js";
import { readEvents } from "./events.js";

const POLL_MS = 3_000;
const REOPEN_MS = [1_000, 2_000, 5_000, 10_000, 30_000];

export class Live {
  #chatId;
  #after;
  #onEvent;
  #sync;
  #poll = null;
  #reopen = null;
  #failures = 0;
  #stop = new AbortController();

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

  async open() {
    const request = (signal) => watchChat(this.#chatId, this.#after(), signal);
    await readEvents(request, this.#stop.signal, { opened: () => this.#opened(), heard: this.#onEvent });
    if (!this.#stop.signal.aborted) this.#lost();
  }

  close() {
    this.#stop.abort();
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

  #lost() {
    this.#poll ??= setInterval(() => this.#sync(), POLL_MS);
    const wait = REOPEN_MS[Math.min(this.#failures, REOPEN_MS.length - 1)];
    this.#failures += 1;
    this.#reopen = setTimeout(() => this.open(), wait);
  }
}
