/** The calls to Relevo's API. */

import { host, inWidget, widgetProject } from "./place.js";
import { recall, remember } from "./storage.js";

const SHORT_MS = 15_000;
const TURN_MS = 90_000; // a turn has 60 s on the server; past it the server answers 202

/** The server answered no. `messages` is its sentence per language, or null; `retryAfter` is in seconds, or null. */
export class Refused extends Error {
  constructor(status, error, retryAfter) {
    super(`${status} ${error?.code ?? ""}`);
    this.status = status;
    this.code = error?.code ?? null;
    this.messages = error?.message ?? null;
    this.retryAfter = retryAfter;
  }

  /** Sending the same again can succeed. */
  get passing() {
    return this.status >= 500 || this.status === 429 || this.status === 409 || this.status === 408;
  }
}

/** No answer came: no network, server down, or too long a wait. The request may have been carried out. */
export class Unreachable extends Error {}

/** Becomes a visitor, or goes on as the one known here: by a cookie, and in the widget by a token it keeps. */
export async function getSession() {
  if (!inWidget) return callOnce("/api/session");
  const path = `/api/widget/${encodeURIComponent(widgetProject)}/session`;
  const session = await callOnce(path, { method: "POST", body: { host } });
  remember("visitor", session.visitor);
  return session;
}

/** @returns {Promise<{chat_id: string, customer: {name: string} | null}>} */
export function createChat(speaker) {
  return call("/api/chats", { method: "POST", body: { as: speaker.as, customer_token: speaker.token } });
}

/** Sends one message and waits for its reply. The same key is the same message, however often it is sent. */
export function sendMessage(chatId, content, key) {
  const path = `/api/chats/${encodeURIComponent(chatId)}/messages`;
  return call(path, { method: "POST", body: { content }, headers: { "Idempotency-Key": key }, wait: TURN_MS });
}

export function getMessages(chatId, after) {
  return call(`/api/chats/${encodeURIComponent(chatId)}/messages?after=${after}`);
}

export function getTrace(chatId, turn) {
  return call(`/api/chats/${encodeURIComponent(chatId)}/turns/${encodeURIComponent(turn)}`);
}

/** The chat's stream of events, as the bare answer of fetch. */
export function watchChat(chatId, after, signal) {
  const path = `/api/chats/${encodeURIComponent(chatId)}/events?after=${after}`;
  return fetch(path, { ...proved({ Accept: "text/event-stream" }), signal });
}

let customerToken = null;

/** From now on calls say who is signed in; null: nobody. It opens their chats after the token they began with. */
export function proveCustomer(token) {
  customerToken = token;
}

// Who asks. The widget sends no cookie even where it could: inside another site it may not count on any.
function proved(plain) {
  const headers = customerToken ? { ...plain, "Customer-Token": customerToken } : plain;
  if (!inWidget) return { headers };
  const visitor = recall("visitor");
  return { headers: visitor ? { ...headers, Authorization: `Visitor ${visitor}` } : headers, credentials: "omit" };
}

// A visitor's proof that ran out is renewed by asking for the session; then the call is made once more.
async function call(path, options) {
  try {
    return await callOnce(path, options);
  } catch (error) {
    if (!(error instanceof Refused && error.status === 401)) throw error;
    await getSession();
    return callOnce(path, options);
  }
}

async function callOnce(path, { method = "GET", body, headers = {}, wait = SHORT_MS } = {}) {
  const sent = { Accept: "application/json", ...headers };
  if (body !== undefined) sent["Content-Type"] = "application/json";
  const request = { method, ...proved(sent), signal: AbortSignal.timeout(wait), body: JSON.stringify(body) };
  let response;
  let content;
  try {
    response = await fetch(path, request);
    content = await response.text();
  } catch (error) {
    throw new Unreachable(error.message);
  }
  const parsed = parse(content);
  if (response.ok && parsed !== null) return parsed;
  if (response.ok) throw new Unreachable("not JSON");
  throw new Refused(response.status, parsed?.error, seconds(response.headers.get("Retry-After")));
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function seconds(header) {
  const value = Number(header);
  return header !== null && Number.isFinite(value) && value >= 0 ? value : null;
}
