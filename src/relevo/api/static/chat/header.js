/** The head of the page: the team, who attends, the banners, and the lines about connection and model. */

import { agentAvatar, agentTitle, allAgents, isPerson, personAvatar } from "./agents.js";
import { byId, el } from "./dom.js";
import { inLanguage, t } from "./language.js";

export class Header {
  #session;
  #unread = 0;

  /** `follow()` shows the conversation of another tab; `goOn()` goes on without the customer token. */
  constructor(session, { follow, goOn }) {
    this.#session = session;
    byId("follow").addEventListener("click", follow);
    byId("go-on").addEventListener("click", goOn);
    document.addEventListener("visibilitychange", () => this.#seen());
  }

  show(chat) {
    const { agent, owner, ticket } = chat.conversation;
    byId("team").textContent = inLanguage(this.#session.team);
    const away = trouble(chat);
    byId("status").dataset.state = away ? "away" : "here";
    byId("attending").textContent = away ? t("away") : attending(agent, owner);
    byId("no-model").hidden = this.#session.model || !this.#session.demo;
    byId("person").hidden = Boolean(owner);
    banner("owner-banner", owner && t("owner", { name: owner }));
    banner("ticket-banner", ticket && t(owner ? "ticket_short" : "ticket", { number: ticket.number }));
    banner("connection-banner", away);
    banner("unproved-banner", chat.unproved && t("unproved"));
    banner("elsewhere-banner", chat.elsewhere && t("elsewhere"));
    this.#showAgents(agent, owner);
    this.#showTitle();
  }

  /** New words came while the person looks elsewhere. */
  count(fresh) {
    if (document.hidden) this.#unread += fresh;
    this.#showTitle();
  }

  #seen() {
    if (document.hidden) return;
    this.#unread = 0;
    this.#showTitle();
  }

  #showTitle() {
    const team = inLanguage(this.#session.team);
    document.title = this.#unread ? `(${this.#unread}) ${team}` : team;
  }

  #showAgents(current, owner) {
    const row = (avatar, name, active) =>
      el("li", { class: "agent", "aria-current": active ? "true" : null }, avatar, el("span", {}, name));
    const crew = allAgents().filter(({ name }) => !(owner && isPerson(name)));
    const rows = crew.map(({ name }) => row(agentAvatar(name), agentTitle(name), !owner && name === current));
    if (owner) rows.push(row(personAvatar(), owner, true));
    byId("agents").replaceChildren(...rows);
  }
}

function attending(agent, owner) {
  if (owner) return t("attended_by_person", { name: owner });
  return agent ? t("attended_by", { agent: agentTitle(agent) }) : t("available");
}

function trouble(chat) {
  if (!navigator.onLine) return t("offline");
  return chat.reachable ? null : t("unreachable");
}

// Written only when it changes: a live region is read aloud every time it is written.
function banner(id, text) {
  const node = byId(id);
  const place = node.querySelector(".banner-text");
  node.hidden = !text;
  if (place.textContent !== (text ?? "")) place.textContent = text ?? "";
}
