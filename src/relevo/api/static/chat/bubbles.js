/** The look of each thing in the list of messages. */

import { agentAvatar, agentTitle, isPerson, personAvatar, teamAvatar, voice } from "./agents.js";
import { el, icon } from "./dom.js";
import { clockTime, dayName, fullTime } from "./format.js";
import { inLanguage, t } from "./language.js";
import { linked } from "./links.js";

/** Builds the list entry of a timeline item. `actions` holds openTrace(turn) (null: no traces), retry(key), edit(entry). */
export function bubble(item, actions) {
  if (item.type === "day") return el("li", { class: "day" }, el("span", {}, dayName(item.at)));
  if (item.type === "handoff") return handoff(item, actions);
  if (item.type === "outgoing") return outgoing(item, actions);
  if (item.message.role === "system") return returned(item.message);
  return item.message.role === "customer" ? mine(item) : theirs(item, actions);
}

/** What makes an item look different from before: when it is the same text, nothing is built again. */
export function look(item) {
  const { entry, message } = item;
  return [item.first, item.last, item.trace, item.from, item.to, entry?.state, entry?.error?.seconds, message?.id].join();
}

function theirs(item, actions) {
  const { message } = item;
  const person = message.role === "operator";
  const { name, avatar } = voice(message);
  const header = el(
    "div",
    { class: item.first ? "said-by" : "visually-hidden" },
    el("span", { class: "said-by-name" }, name),
    person && el("span", { class: "badge" }, t("human_badge")),
  );
  return el(
    "li",
    attributes(item, message),
    el("div", { class: "gutter" }, item.first && avatar),
    el("div", { class: "column" }, header, body(message), item.last || item.trace ? footer(item, message, actions) : null),
  );
}

function mine(item) {
  const { message } = item;
  return el(
    "li",
    attributes(item, message),
    el("div", { class: "column" }, hidden(t("you")), body(message), item.last && el("div", { class: "meta" }, time(message.at))),
  );
}

function outgoing(item, actions) {
  const { entry } = item;
  const message = { role: "customer", content: entry.content, at: entry.at, kind: "answer" };
  const meta = ["failed", "refused", "waiting"].includes(entry.state)
    ? trouble(entry, actions)
    : el("div", { class: "meta" }, t(entry.state === "sending" ? "sending" : "received"), " · ", time(entry.at));
  return el(
    "li",
    { ...attributes(item, message), "data-state": entry.state },
    el("div", { class: "column" }, hidden(t("you")), body(message), meta),
  );
}

function trouble(entry, actions) {
  const again = entry.state === "refused"
    ? button("edit", "edit", () => actions.edit(entry))
    : button("retry", "retry", () => actions.retry(entry.key));
  return el("div", { class: "trouble", role: "alert" }, icon("alert"), el("span", {}, reason(entry)), again);
}

function reason(entry) {
  if (entry.error?.code === "bad_token") return t("failed_unproved"); // the server's words are for developers
  const said = inLanguage(entry.error?.messages) || t(navigator.onLine ? "failed" : "failed_offline");
  return entry.state === "waiting" ? `${said} ${t("waiting", { seconds: entry.error?.seconds ?? "…" })}` : said;
}

function handoff(item, actions) {
  const { message, from, to } = item;
  const label = from && to
    ? t("handoff", { from: agentTitle(from), to: agentTitle(to) })
    : t("handoff_to", { to: agentTitle(to ?? message.agent) });
  return el(
    "li",
    { class: "handoff", "data-testid": "handoff", "data-role": message.role, "data-kind": "transition", "data-from": from, "data-to": to },
    el("div", { class: "handoff-line" }, from && agentAvatar(from), icon("swap"), to && agentAvatar(to)),
    el("span", { class: "visually-hidden" }, label),
    words(message),
    item.trace && traceButton(message.turn, actions),
  );
}

// A person gave the conversation back: who left, who answers now, and what they agreed on.
function returned(message) {
  return el(
    "li",
    { class: "returned", "data-testid": "returned", "data-role": message.role },
    el("div", { class: "handoff-line" }, personAvatar(), icon("swap"), teamAvatar()),
    el("strong", {}, message.name ? t("returned", { name: message.name }) : t("returned_team")),
    words(message),
  );
}

function attributes(item, message) {
  return {
    class: `message from-${message.role}${item.first ? " first" : ""}${item.last ? " last" : ""}${isNotice(message) ? " notice" : ""}`,
    "data-testid": "message",
    "data-role": message.role,
    "data-agent": message.agent,
    "data-kind": message.kind,
    "data-id": message.id,
    // The person's own words need not be read back to them.
    "aria-live": message.role === "customer" ? "off" : null,
  };
}

const body = (message) => el("div", { class: "bubble" }, words(message));

const isNotice = (message) => message.kind === "notice" || isPerson(message.agent);

// What the customer wrote stays as they wrote it.
function words({ role, content }) {
  const shown = role === "customer" ? content : linked(content, role !== "agent");
  return el("p", { class: "words", dir: "auto", "data-testid": "message-text" }, shown);
}

function footer(item, message, actions) {
  return el("div", { class: "meta" }, time(message.at), item.trace && traceButton(message.turn, actions));
}

function traceButton(turn, actions) {
  if (!actions.openTrace) return null;
  const open = () => actions.openTrace(turn);
  return el(
    "button",
    { type: "button", class: "link", "data-testid": "trace-button", "data-turn": turn, "aria-haspopup": "dialog", onclick: open },
    icon("route"),
    t("how"),
  );
}

const time = (at) => el("time", { datetime: at, title: fullTime(at) }, clockTime(at));

const hidden = (text) => el("span", { class: "visually-hidden" }, text);

function button(key, testId, onclick) {
  return el("button", { type: "button", class: "link", "data-testid": testId, onclick }, t(key));
}
