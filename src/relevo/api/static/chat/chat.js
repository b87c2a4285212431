/** One speaker's chat: their conversation, their messages on the way, and the live line that joins them. */

import { createChat, getMessages, proveCustomer, Refused, sendMessage, Unreachable } from "./api.js";
import { Conversation } from "./conversation.js";
import { Live } from "./live.js";
import { Outbox } from "./outbox.js";
import { recall, recallHere, remember, rememberHere, watch } from "./storage.js";
import { uuid } from "./uuid.js";

const OVERLAP = 100; // ids are given before they are committed: a listing looks back this far for late ones
const SILENT_TURN_MS = 75_000; // a turn has 60 s; one that is silent longer is not working any more

export class Chat {
  #place;
  #known; // {handle, id, customer}: the browser's own name for the conversation, and the server's once it has one
  #unwatch;
  #changed;
  #replied;
  #live = null;
  #creating = null;
  #syncing = null;
  #syncAgain = false;
  #silence = null;
  #left = false;
  conversation = new Conversation();
  outbox;
  keys = new Map(); // committed message → key of the outgoing one it was, so that it stays the same bubble
  loaded = false;
  reachable = true;
  unproved = false; // the server did not take the customer token
  elsewhere = false; // another tab has begun another conversation of this speaker's
  stopped = false;

  /** `changed()` says that something is to be shown; `replied(reply)` hands over the answer to a sent message. */
  constructor(project, speaker, { changed, replied }) {
    this.speaker = speaker;
    proveCustomer(speaker.token);
    this.#place = `${project}:chat:${speaker.key}`;
    this.#changed = () => this.stopped || changed(this);
    this.#replied = replied;
    // A tab goes on with its own conversation; a new one takes up what was last begun in this browser.
    this.#known = recallHere(this.#place) ?? recall(this.#place) ?? { handle: uuid(), id: null, customer: null };
    if (this.id) rememberHere(this.#place, this.#known);
    this.#unwatch = watch(this.#place, (last) => this.#begunElsewhere(last));
    const outbox = `${project}:outbox:${speaker.key}:${this.#known.handle}`;
    this.outbox = new Outbox(outbox, (entry) => this.#post(entry), this.#changed);
  }

  get id() {
    return this.#known.id;
  }

  /** The name the server knows this speaker by; null for a stranger. */
  get customer() {
    return this.#known.customer?.name ?? null;
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
    if (!this.id) this.#keep({});
    this.elsewhere = false; // who goes on writing here has seen it
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

  /** Nobody looks: the live line is let go. A browser keeps few of them for all the tabs of a site. */
  rest() {
    this.#live?.close();
    this.#live = null;
  }

  /** Somebody looks again. */
  wake() {
    if (this.#live || !this.loaded) this.sync();
    else this.#listen();
  }

  /** The same speaker with a newer token: what the old one could not open is tried again. */
  prove(speaker) {
    this.speaker = speaker;
    proveCustomer(speaker.token);
    this.unproved = false;
    this.outbox.retryUnproved();
    this.#changed();
  }

  /** Leaves this conversation behind: the next message begins another. */
  forget() {
    this.stop();
    this.#left = true;
    this.outbox.entries.forEach((entry) => this.outbox.drop(entry.key));
    rememberHere(this.#place, null);
    remember(this.#place, null);
  }

  /** Leaves this conversation for the one that another tab began; what was not sent waits here. */
  follow() {
    this.stop();
    this.#left = true;
    rememberHere(this.#place, null);
  }

  stop() {
    this.stopped = true;
    this.#live?.close();
    this.#unwatch();
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
        this.unproved = false;
        this.#keep({ id: chat_id, customer });
        if (!this.stopped) this.#listen();
        return chat_id;
      })
      .catch((error) => {
        this.unproved = error instanceof Refused && error.code === "bad_token";
        throw error;
      })
      .finally(() => {
        this.#creating = null;
      });
    return this.#creating;
  }

  #keep(news) {
    if (this.#left) return; // a chat that was still being opened when the person left it
    this.#known = { ...this.#known, ...news };
    rememberHere(this.#place, this.#known);
    remember(this.#place, this.#known);
  }

  // Another tab began a conversation: this very one, if it had begun to be sent there, or another.
  #begunElsewhere(last) {
    if (!last?.id || last.id === this.id) return;
    const same = last.handle === this.#known.handle && !this.id;
    if (same) this.#keep(last);
    else this.elsewhere = true;
    if (same) this.start();
    else this.#changed();
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

  // The server does not know this chat (any more): the visitor's cookie is gone, the token of the customer it belongs
  // to has run out, or its data were deleted.
  #lost(id) {
    if (this.id !== id) return;
    this.#live?.close();
    this.#known = { ...this.#known, id: null, customer: null };
    rememberHere(this.#place, null);
    if (recall(this.#place)?.id === id) remember(this.#place, null);
    this.conversation = new Conversation();
    this.keys.clear();
  }
}
