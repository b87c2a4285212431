/** The switches of the page: language, who speaks (in the demo), and a new conversation. */

import { byId, el } from "./dom.js";
import { personLabel } from "./identity.js";
import { chooseLanguage, language, onLanguage, t } from "./language.js";

export function languageSwitch() {
  const buttons = [...document.querySelectorAll("[data-language]")];
  const show = () => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.language === language()));
  };
  for (const button of buttons) button.addEventListener("click", () => chooseLanguage(button.dataset.language));
  onLanguage(show);
  show();
}

/** In the demo a visitor picks whom to speak as; `change(name)` takes the empty name for a stranger. */
export function speakerSwitch(session, speaker, change) {
  if (!session.demo || speaker.token) return;
  const select = byId("speaker");
  const stranger = el("option", { value: "" }, t("stranger"));
  const people = session.people.map((person) => [person, el("option", { value: person.name }, personLabel(person))]);
  select.append(...people.map(([, option]) => option), stranger);
  select.value = speaker.as ?? "";
  select.addEventListener("change", () => change(select.value));
  onLanguage(() => {
    for (const [person, option] of people) option.textContent = personLabel(person);
    stranger.textContent = t("stranger");
  });
  byId("speaker-row").hidden = false;
}

/** Asks first: the conversation would no longer be shown. */
export function newChatButton(begin) {
  const dialog = byId("confirm");
  byId("new-chat").addEventListener("click", () => dialog.showModal());
  byId("confirm-no").addEventListener("click", () => dialog.close());
  byId("confirm-yes").addEventListener("click", () => {
    dialog.close();
    begin();
  });
}
