/** The person's own messages on their way: kept until the server has them, sent again under the same key. */

import { Refused, Unreachable } from "./api.js";
import { recall, remember } from "./storage.js";
import { uuid } from "./uuid.js";

/**
 * An entry is `{key, content, at, after, state, error}`. `after` is the last committed message the person had
 * seen; `state` is sending, received (a turn works on it), sent (answered), waiting (will be sent again by
 * itself), failed (nothing came back) or refused (the same again will not do).
 */
export class Outbox {
  #place;
  #post;
  #changed;
  #timers = new Set();
  #own = new Set(); // keys of this tab's entries, past ones too: another tab may keep its own in the same place
  entries = [];

  /** `post(entry)` sends one entry, marks it, and resolves when the server has answered it. */
  constructor(place, post, changed) {
    this.#place = place;
    this.#post = post;
    this.#changed = changed;
  }

  /** Sends again what an earlier visit left unanswered; a message the server already has stays one message. */
  resume() {
    this.entries = recall(this.#place, []);
    for (const entry of this.entries) this.send(entry);
  }

  add(content, after) {
    const entry = { key: uuid(), content, at: new Date().toISOString(), after, state: "sending", error: null };
    this.entries.push(entry);
    return this.send(entry);
  }

  async send(entry) {
    Object.assign(entry, { state: "sending", error: null });
    this.#save();
    try {
      await this.#post(entry);
    } catch (error) {
      this.#failed(entry, error);
    }
    this.#save();
  }

  mark(entry, state) {
    entry.state = state;
    this.#save();
  }

  retry(key) {
    const entry = this.entries.find((one) => one.key === key);
    if (entry && !isUnderway(entry)) this.send(entry);
  }

  /** The network is back. */
  retryUnreachable() {
    for (const entry of this.entries) if (entry.state === "failed") this.send(entry);
  }

  /** The customer has proved anew who they are. */
  retryUnproved() {
    for (const entry of this.entries) if (entry.error?.code === "bad_token") this.send(entry);
  }

  /** A turn began: what was on its way has arrived. */
  markReceived() {
    for (const entry of this.entries) if (entry.state === "sending") entry.state = "received";
  }

  /** Takes out the entry that this committed message is, and returns its key; null when it came from elsewhere. */
  match(message) {
    const open = this.entries.filter((entry) => entry.after < message.id);
    const entry = open.find((one) => words(one.content) === words(message.content));
    if (!entry) return null;
    this.drop(entry.key);
    return entry.key;
  }

  drop(key) {
    this.entries = this.entries.filter((entry) => entry.key !== key);
    this.#save();
  }

  get answered() {
    return this.entries.filter((entry) => entry.state === "sent");
  }

  get underway() {
    return this.entries.some(isUnderway);
  }

  stop() {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #failed(entry, error) {
    if (error instanceof Unreachable) entry.state = "failed";
    else if (error instanceof Refused && error.passing) this.#later(entry, error);
    else if (error instanceof Refused) entry.state = "refused";
    else throw error;
    const { code, messages, retryAfter } = error;
    entry.error = { code: code ?? null, messages: messages ?? null, seconds: retryAfter ?? null };
  }

  #later(entry, error) {
    entry.state = error.retryAfter === null ? "failed" : "waiting";
    if (entry.state === "failed") return;
    const timer = setTimeout(() => this.retry(entry.key), error.retryAfter * 1000);
    this.#timers.add(timer);
  }

  #save() {
    for (const { key } of this.entries) this.#own.add(key);
    const others = recall(this.#place, []).filter(({ key }) => !this.#own.has(key));
    const unanswered = [...others, ...this.entries.filter((entry) => entry.state !== "sent")];
    remember(this.#place, unanswered.length ? unanswered : null);
    this.#changed();
  }
}

function isUnderway(entry) {
  return entry.state === "sending" || entry.state === "received";
}

const words = (text) => text.normalize("NFC").replace(/\s+/g, " ").trim();
