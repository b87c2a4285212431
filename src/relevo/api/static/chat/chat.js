/** One speaker's chat: their conversation, their messages on the way, and the live line that joins them. */

import { createChat, getMessages, Refused, sendMessage, Unreachable } from "./api.js";
import { Conversation } from "./conversation.js";
import { Live } from "./live.js";
import { Outbox } from "./outbox.js";
import { recall, remember } from "./storage.js";

const OVERLAP = 100; // ids are given before they are committed: a listing looks back this far for late ones
const SILENT_TURN_MS = 75_000; // a turn has 60 s; one that is silent longer is not working any more

export class Chat {
  #place;
  #changed;
  #replied;
  #live = null;
  #creating = null;
  #syncing = null;
  #syncAgain = false;
  #silence = null;
  conversation = new Conversation();
  outbox;
  keys = new Map(); // committed message → key of the outgoing one it was, so that it stays the same bubble
  loaded = false;
  reachable = true;
  stopped = false;

  /** `changed()` says that something is to be shown; `replied(reply)` hands over the answer to a sent message. */
  constructor(project, speaker, { changed, replied }) {
    this.speaker = speaker;
    this.#place = `${project}:chat:${speaker.key}`;
    this.#changed = () => this.stopped || changed(this);
    this.#replied = replied;
    this.outbox = new Outbox(`${project}:outbox:${speaker.key}`, (entry) => this.#post(entry), this.#changed);
  }

  get id() {
    return recall(this.#place)?.id ?? null;
  }

  /** The name the server knows this speaker by; null for a stranger. */
  get customer() {
    return recall(this.#place)?.customer?.name ?? null;
  }

  get isEmpty() {
    return this.conversation.messages.length === 0 && this.outbox.entries.length === 0;
  }

  async start() {
    if (this.id) {
      await this.sync();
      this.#listen();
    }
    this.loaded = true;
    this.outbox.resume();
    this.#changed();
  }

  send(content) {
    return this.outbox.add(content, this.conversation.lastId);
  }

  /** Fetches what is committed and not here yet. Calls while one is under way become one more call after it. */
  async sync() {
    if (this.#syncing) {
      this.#syncAgain = true;
      return this.#syncing;
    }
    this.#syncing = this.#fetch();
    try {
      await this.#syncing;
    } finally {
      this.#syncing = null;
    }
    if (this.#syncAgain) {
      this.#syncAgain = false;
      await this.sync();
    }
  }

  /** Leaves this conversation behind: the next message begins another. */
  forget() {
    this.stop();
    this.outbox.entries.forEach((entry) => this.outbox.drop(entry.key));
    remember(this.#place, null);
  }

  stop() {
    this.stopped = true;
    this.#live?.close();
    this.outbox.stop();
    clearTimeout(this.#silence);
  }

  get #after() {
    return Math.max(0, this.conversation.lastId - OVERLAP);
  }

  async #fetch() {
    const id = this.id;
    if (!id || this.stopped) return;
    const answered = this.outbox.answered;
    const { conversation } = this;
    const { changes } = conversation;
    try {
      const listing = await getMessages(id, this.#after);
      const fresh = conversation.absorb(listing, changes);
      fresh.forEach((message) => this.#committed(message));
      this.#syncAgain ||= changes !== conversation.changes || fresh.length >= OVERLAP; // a page: more may follow
      answered.forEach((entry) => this.outbox.drop(entry.key)); // the listing holds them, however worded
      this.#reached();
    } catch (error) {
      if (error instanceof Refused && error.status === 404) this.#lost(id);
      else if (error instanceof Refused || error instanceof Unreachable) this.reachable = false;
      else throw error;
    }
    this.#changed();
  }

  async #post(entry) {
    const id = this.id ?? (await this.#create());
    const reply = await sendMessage(id, entry.content, entry.key).catch(async (error) => {
      if (!(error instanceof Refused && error.status === 404)) throw error;
      this.#lost(id);
      entry.after = 0;
      return sendMessage(this.id ?? (await this.#create()), entry.content, entry.key);
    });
    const answered = reply.mode !== undefined; // otherwise 202: accepted, the answer comes later
    this.outbox.mark(entry, answered ? "sent" : "received");
    if (answered) this.conversation.settle(reply.turn);
    if (answered && !this.stopped) this.#replied(reply);
    await this.sync();
  }

  // A burst of first messages shares one chat.
  #create() {
    this.#creating ??= createChat(this.speaker)
      .then(({ chat_id, customer }) => {
        remember(this.#place, { id: chat_id, customer });
        if (!this.stopped) this.#listen();
        return chat_id;
      })
      .finally(() => {
        this.#creating = null;
      });
    return this.#creating;
  }

  #listen() {
    const id = this.id;
    if (!id) return;
    this.#live?.close();
    const after = () => this.#after;
    this.#live = new Live(id, after, (type, data) => this.#happened(type, data), () => this.sync());
    this.#live.open();
  }

  #happened(type, data) {
    const message = this.conversation.apply(type, data);
    if (message) this.#committed(message);
    if (type === "turn") this.outbox.markReceived();
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#clearTurns(), SILENT_TURN_MS);
    this.#changed();
  }

  #committed(message) {
    if (message.role !== "customer") return;
    const key = this.outbox.match(message);
    if (key) this.keys.set(message.id, key);
  }

  #clearTurns() {
    this.conversation.turns.clear();
    this.#changed();
  }

  #reached() {
    if (!this.reachable) this.outbox.retryUnreachable();
    this.reachable = true;
  }

  // The server does not know this chat (any more): the visitor's cookie is gone, or its data were deleted.
  #lost(id) {
    if (this.id !== id) return;
    this.#live?.close();
    remember(this.#place, null);
    this.conversation = new Conversation();
    this.keys.clear();
  }
}
