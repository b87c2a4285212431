/** The empty chat: a greeting and four questions to begin with, which depend on who speaks. */

import { byId, el } from "./dom.js";
import { examplesFor } from "./examples.js";
import { t } from "./language.js";

/** Shows or hides the greeting. `send(question)` takes the tapped one. */
export function showWelcome(visible, speaker, name, send) {
  byId("welcome").hidden = !visible;
  if (!visible) return;
  const first = (name ?? speaker.label ?? "").split(/[\s,·]/)[0];
  byId("hello").textContent = first ? t("hello_name", { name: first }) : t("hello");
  const chips = examplesFor(speaker.as).map((question) =>
    el("li", {}, el("button", { type: "button", class: "example", "data-testid": "example", onclick: () => send(question) }, question)),
  );
  byId("examples").replaceChildren(...chips);
}
