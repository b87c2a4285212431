/** The customer's chat, on a page of its own or as the widget in another's: begins the session. */

import { setAgents } from "./agents.js";
import { getSession, Refused, Unreachable } from "./api.js";
import { languageSwitch } from "./controls.js";
import { byId } from "./dom.js";
import { Frame } from "./frame.js";
import { translate } from "./language.js";
import { setLinks } from "./links.js";
import { Page } from "./page.js";
import { inWidget } from "./place.js";

document.documentElement.classList.toggle("in-widget", inWidget);
translate();
languageSwitch();
byId("load-retry").addEventListener("click", begin);
const frame = inWidget ? new Frame() : null;
begin();

async function begin() {
  byId("load-failed").hidden = true;
  let session;
  try {
    await frame?.greeted;
    session = await getSession();
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
    byId("load-failed").hidden = false;
    return;
  }
  setAgents(session.agents);
  setLinks(session.links);
  new Page(session, frame);
}
