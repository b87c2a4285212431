/** How each agent and person is shown: name, initial and tone. */

import { inLanguage, t } from "./language.js";
import { el, icon } from "./dom.js";

const TONES = 6;
let agents = [];

export function setAgents(list) {
  agents = list;
}

export const allAgents = () => agents;

/** The agent's title in the current language; its bare name when the team does not list it. */
export function agentTitle(name) {
  const agent = agents.find((one) => one.name === name);
  return agent ? inLanguage(agent.title) : (name ?? "");
}

/** Who says a message, as shown above it. */
export function speakerName(message) {
  if (message.role === "operator") return message.name ?? t("team_person");
  if (message.role === "agent") return agentTitle(message.agent);
  return "";
}

/** The mark of an agent: the initial of its title on its tone. A null name is someone not known yet. */
export function agentAvatar(name) {
  if (name === "human") return personAvatar();
  const at = agents.findIndex((one) => one.name === name);
  const tone = name === null ? "none" : at < 0 ? 0 : at % TONES;
  return el("span", { class: "avatar", "data-tone": tone, "aria-hidden": "true" }, initial(agentTitle(name)));
}

export function personAvatar() {
  return el("span", { class: "avatar", "data-tone": "person", "aria-hidden": "true" }, icon("person"));
}

const initial = (title) => [...title].slice(0, 1).join("").toLocaleUpperCase();
