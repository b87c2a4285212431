/** The calls to Relevo's API. */

const SHORT_MS = 15_000;
const TURN_MS = 90_000; // a turn has 60 s on the server; past it the server answers 202

/** The server answered no. `messages` is its sentence per language, or null; `retryAfter` is in seconds, or null. */
export class Refused extends Error {
  constructor(status, error, retryAfter) {
    super(`${status} ${error?.code ?? ""}`);
    this.status = status;
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

export const getSession = () => call("/api/session");

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

export const eventsPath = (chatId, after) => `/api/chats/${encodeURIComponent(chatId)}/events?after=${after}`;

// A visitor's cookie that ran out is renewed by asking for the session; then the call is made once more.
async function call(path, options) {
  try {
    return await callOnce(path, options);
  } catch (error) {
    if (!(error instanceof Refused && error.status === 401)) throw error;
    await callOnce("/api/session");
    return callOnce(path, options);
  }
}

async function callOnce(path, { method = "GET", body, headers = {}, wait = SHORT_MS } = {}) {
  const request = { method, headers: { Accept: "application/json", ...headers }, signal: AbortSignal.timeout(wait) };
  if (body !== undefined) {
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
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
