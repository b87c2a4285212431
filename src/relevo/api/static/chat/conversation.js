/** What is known of a conversation: its committed messages, the turns at work, who owns it, its ticket. */

import { isPerson } from "./agents.js";

export class Conversation {
  #messages = new Map();
  #settled = new Set(); // turns with a committed message: their previews are over
  turns = new Map(); // turn → {agent, from, text, tool}
  agent = null;
  owner = null;
  ticket = null;
  changes = 0; // how often events changed what stands: tells whether a listing asked for earlier is out of date

  /** Committed messages in order. */
  get messages() {
    return [...this.#messages.values()].sort((one, other) => one.id - other.id);
  }

  get lastId() {
    return Math.max(0, ...this.#messages.keys());
  }

  /**
   * Takes in an answer of GET messages, asked for when `changes` stood as given; returns the messages that are
   * new here. What an event said meanwhile is newer than what the listing says of agent, owner and ticket.
   */
  absorb(listing, changes) {
    const fresh = listing.messages.filter((message) => this.#add(message));
    if (changes !== this.changes) return fresh;
    this.agent = listing.agent;
    this.ticket = listing.ticket;
    this.#own(listing.owner);
    return fresh;
  }

  /** Takes in one live event; returns the message it brought, if it is new here. */
  apply(type, data) {
    if (["message", "owner", "ticket"].includes(type)) this.changes += 1;
    if (type === "message") return this.#add(data) ? data : null;
    if (type === "owner") this.#own(data.owner);
    else if (type === "ticket") this.ticket = data.number === null ? null : { number: data.number };
    else if (!this.#settled.has(data.turn)) this.#preview(type, data);
    return null;
  }

  /** The turn is over, whatever it left. */
  settle(turn) {
    if (!turn) return;
    this.#settled.add(turn);
    this.turns.delete(turn);
  }

  #add(message) {
    if (message.turn && message.role === "agent") this.settle(message.turn);
    const speaks = message.role === "agent" && message.agent && !isPerson(message.agent);
    if (speaks && message.id >= this.lastId) this.agent = message.agent;
    const known = this.#messages.has(message.id);
    if (!known) this.#messages.set(message.id, Object.freeze(message));
    return !known;
  }

  #own(name) {
    this.owner = name;
    if (name) this.turns.clear(); // a person took over: what the bot was about to say is withdrawn
  }

  #preview(type, data) {
    const turn = this.turns.get(data.turn) ?? { agent: data.agent ?? this.agent, from: null, text: "", tool: null };
    this.turns.set(data.turn, turn);
    if (type === "turn") turn.agent = data.agent ?? turn.agent;
    if (type === "reset") turn.text = "";
    if (type === "tool") turn.tool = data.name;
    if (type === "handoff") Object.assign(turn, { agent: data.to, from: data.from });
    if (type === "delta") {
      turn.text += data.text;
      turn.tool = null;
    }
  }
}
