/** Who speaks on this page: a customer with a signed token, a person of the demo, or a stranger. */

import { inLanguage } from "./language.js";
import { inWidget } from "./place.js";
import { recall, recallHere, remember, rememberHere } from "./storage.js";

/**
 * A speaker is `{key, as, token, label}`; `key` keeps their chat apart from the others' in this browser.
 * A site hands its signed-in customer over as /#customer_token=…: a fragment reaches no server and no log. To
 * the widget the host page says it each time, so that nobody stays signed in here who has signed out there.
 */
export function firstSpeaker(session) {
  const token = inWidget ? null : (takeToken() ?? recallHere("token"));
  if (token) return customer(token);
  return speakerNamed(session, session.demo ? recall(chosenKey(session), session.people?.[0]?.name ?? "") : "");
}

export function customer(token) {
  return { key: `token:${subject(token)}`, as: null, token, label: null };
}

/** The person of the demo with this name; the empty name is the stranger. */
export function speakerNamed(session, name) {
  const person = (session.people ?? []).find((one) => one.name === name);
  if (!person) return { key: "as:", as: null, token: null, label: null };
  return { key: `as:${person.name}`, as: person.name, token: null, label: personLabel(person) };
}

/** Who this person of the demo is: one text, or one in each language. */
export function personLabel({ label }) {
  return typeof label === "string" ? label : inLanguage(label);
}

export function rememberSpeaker(session, speaker) {
  if (session.demo && !speaker.token) remember(chosenKey(session), speaker.as ?? "");
}

/** The token is not good: the person goes on as a stranger. */
export function forgetToken(session) {
  rememberHere("token", null);
  return speakerNamed(session, "");
}

const chosenKey = (session) => `${session.project}:speaker`;

function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("customer_token");
  if (!token) return null;
  history.replaceState(null, "", location.pathname + location.search);
  rememberHere("token", token);
  return token;
}

// Only to keep two customers' chats apart in one browser: the server alone decides whether a token is good.
function subject(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return String(JSON.parse(atob(payload)).sub);
  } catch {
    return token.slice(-16);
  }
}
