/** What is being written right now: the typing sign and the words so far, until the committed message stands. */

import { agentTitle, voice } from "./agents.js";
import { byId, el, icon } from "./dom.js";
import { t } from "./language.js";

export class Preview {
  #place = byId("preview");
  #status = byId("typing-status");
  #shown = new Map(); // turn → {node, agent, text, label}

  /** Shows the turns at work; `waiting` says that a message is on its way and no turn has begun. */
  show(conversation, waiting) {
    const turns = new Map(conversation.turns);
    if (turns.size === 0 && waiting && !conversation.owner) {
      turns.set("", { agent: conversation.agent, from: null, text: "", tool: null });
    }
    for (const [key, { node }] of this.#shown) {
      if (turns.has(key)) continue;
      node.remove();
      this.#shown.delete(key);
    }
    turns.forEach((turn, key) => this.#update(key, turn));
    this.#announce([...turns.values()].at(-1));
  }

  #update(key, turn) {
    let shown = this.#shown.get(key);
    if (shown?.agent !== turn.agent) {
      const next = this.#build(turn);
      shown ? shown.node.replaceWith(next.node) : this.#place.append(next.node);
      this.#shown.set(key, next);
      shown = next;
    }
    const status = turn.tool ? t("checking") : "";
    if (shown.text.textContent !== turn.text) shown.text.textContent = turn.text;
    if (shown.label.textContent !== status) shown.label.textContent = status;
    shown.node.classList.toggle("has-words", turn.text !== "");
  }

  #build(turn) {
    const text = el("p", { class: "words", dir: "auto" });
    const label = el("span", { class: "checking" });
    const dots = el("span", { class: "dots" }, el("i"), el("i"), el("i"));
    const who = voice({ role: "agent", agent: turn.agent });
    const name = el("div", { class: "said-by" }, el("span", { class: "said-by-name" }, who.name));
    const passed = turn.from && el("span", { class: "passed" }, icon("swap"), agentTitle(turn.from));
    const column = el("div", { class: "column" }, name, el("div", { class: "bubble" }, text, el("span", { class: "typing" }, dots, label)));
    const node = el(
      "div",
      { class: "message from-agent first preview", "data-testid": "preview", "data-agent": turn.agent },
      el("div", { class: "gutter" }, who.avatar),
      column,
    );
    if (passed) name.append(passed);
    return { node, agent: turn.agent, text, label };
  }

  // The words themselves are read aloud once, when they are committed.
  #announce(turn) {
    const text = !turn ? "" : turn.agent ? t("typing", { agent: voice({ role: "agent", agent: turn.agent }).name }) : t("typing_someone");
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }
}
