/** Turns what is known of a chat into the list of things to show, in order. Pure: no page, no clock. */

import { dayKey } from "./format.js";

/**
 * @returns {Array<object>} items with a stable `key` and a `type`:
 *   day `{at}`; message `{message, first, last, trace}` (first and last of a run of one speaker);
 *   handoff `{message, from, to, trace}`; outgoing `{entry, first, last}`.
 */
export function timeline(chat) {
  const messages = chat.conversation.messages;
  const items = merge(messages, chat.outbox.entries).map((one) => item(one, messages, chat.keys));
  markRuns(items);
  markTraces(items);
  return withDays(items);
}

// A message on its way stands where it was written: after what the person had seen.
function merge(messages, entries) {
  const placed = [
    ...messages.map((message) => ({ message, at: message.at, order: [message.id, 0] })),
    ...entries.map((entry, index) => ({ entry, at: entry.at, order: [entry.after, index + 1] })),
  ];
  return placed.sort((one, other) => one.order[0] - other.order[0] || one.order[1] - other.order[1]);
}

function item({ message, entry, at }, messages, keys) {
  if (entry) return { key: `out:${entry.key}`, type: "outgoing", entry, at, by: "customer" };
  const outgoing = keys.get(message.id);
  const key = outgoing ? `out:${outgoing}` : `in:${message.id}`;
  if (message.kind === "transition") return { key, type: "handoff", message, at, ...passage(message, messages) };
  return { key, type: "message", message, at, by: `${message.role}:${message.agent ?? message.name ?? ""}` };
}

// Who passes to whom is read from the neighbours: the last agent that spoke, and the next one in the same turn.
function passage(transition, messages) {
  const at = messages.indexOf(transition);
  const speaks = (one) => one.role === "agent" && one.kind !== "transition";
  const after = messages.slice(at + 1).find((one) => speaks(one) && one.turn === transition.turn);
  const to = after?.agent ?? null;
  const before = messages.slice(0, at).reverse().find(speaks)?.agent;
  const from = [transition.agent, before].find((name) => name && name !== to) ?? null;
  return { from, to };
}

function markRuns(items) {
  items.forEach((one, index) => {
    const side = (other) => other && other.by !== undefined && dayKey(other.at) === dayKey(one.at) && sameSide(one, other);
    one.first = !side(items[index - 1]);
    one.last = !side(items[index + 1]);
  });
}

function sameSide(one, other) {
  const group = (by) => (by.startsWith("customer") ? "customer" : by);
  return group(one.by ?? "") === group(other.by);
}

// One answer, one trace: offered under the last thing said in the turn.
function markTraces(items) {
  const offered = new Set();
  for (const one of [...items].reverse()) {
    const turn = one.message?.role === "agent" ? one.message.turn : null;
    one.trace = Boolean(turn) && !offered.has(turn);
    if (turn) offered.add(turn);
  }
}

function withDays(items) {
  const shown = [];
  let day = null;
  for (const one of items) {
    if (dayKey(one.at) !== day) {
      day = dayKey(one.at);
      shown.push({ key: `day:${day}`, type: "day", at: one.at });
    }
    shown.push(one);
  }
  return shown;
}
