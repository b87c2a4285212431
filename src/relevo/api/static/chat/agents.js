/** How each agent and person is shown: name, initial and tone. */

import { inLanguage, t } from "./language.js";
import { el, icon } from "./dom.js";

const TONES = 6;
const PERSON = "human"; // the agent that stands for the people of the team
let agents = [];

/** Sets the team; its people come last. */
export function setAgents(list) {
  agents = [...list.filter(({ name }) => name !== PERSON), ...list.filter(({ name }) => name === PERSON)];
}

export const isPerson = (name) => name === PERSON;

export const allAgents = () => agents;

/** The agent's title in the current language; its bare name when the team does not list it. */
export function agentTitle(name) {
  const agent = agents.find((one) => one.name === name);
  return agent ? inLanguage(agent.title) : (name ?? "");
}

/** Who says a message: name and mark. What is said automatically for the people of the team is the team's notice. */
export function voice(message) {
  if (message.role === "operator") return { name: message.name ?? t("team_person"), avatar: personAvatar() };
  if (!isPerson(message.agent)) return { name: agentTitle(message.agent), avatar: agentAvatar(message.agent) };
  return { name: t("team_notice"), avatar: mark("notice", "bell") };
}

/** The mark of an agent: the initial of its title on its tone. A null name is someone not known yet. */
export function agentAvatar(name) {
  if (isPerson(name)) return personAvatar();
  const at = agents.findIndex((one) => one.name === name);
  const tone = name === null ? "none" : at < 0 ? 0 : at % TONES;
  return el("span", { class: "avatar", "data-tone": tone, "aria-hidden": "true" }, initial(agentTitle(name)));
}

export const personAvatar = () => mark("person", "person");

/** The agents as one, where it is not known which of them will speak. */
export const teamAvatar = () => mark("notice", "chat");

const mark = (tone, name) => el("span", { class: "avatar", "data-tone": tone, "aria-hidden": "true" }, icon(name));

const initial = (title) => [...title].slice(0, 1).join("").toLocaleUpperCase();
