/** The widget's side of the talk with the host page: who is signed in, open or closed, how much is unread. */

import { byId } from "./dom.js";
import { language, onLanguage } from "./language.js";
import { host } from "./place.js";
import { recall, remember } from "./storage.js";

const FROM_TEAM = ["agent", "operator"];

export class Frame {
  #heard = null;
  #unread = null;
  open = false;
  token = null;
  greeted; // resolves when the host page has said who is signed in

  // The browser shows this page only inside one of the project's origins (frame-ancestors), and the server gave it
  // this host; a message from any other window, or of the host's other frames, is not heard.
  constructor() {
    byId("close-widget").hidden = false;
    byId("close-widget").addEventListener("click", () => this.#tell("close"));
    document.addEventListener("keydown", (event) => this.#key(event));
    onLanguage(() => this.#tell("language", language()));
    this.greeted = new Promise((resolve) => {
      addEventListener("message", ({ source, origin, data }) => {
        if (source !== parent || parent === window || origin !== host || typeof data?.relevo !== "string") return;
        this.#take(data.relevo, data.value, resolve);
      });
    });
    this.#tell("ready", language());
  }

  /** `identified(token)` and `opened(focus)` are called from now on. */
  hear(listeners) {
    this.#heard = listeners;
  }

  /** Says how many of the team's messages came since the person last saw the chat. */
  count(chat) {
    if (!chat.loaded || !chat.id) return this.#count(0);
    const place = `seen:${chat.id}`;
    const { lastId, messages } = chat.conversation;
    const seen = recall(place, 0);
    const looks = this.open && !document.hidden;
    if (looks && seen !== lastId) remember(place, lastId);
    this.#count(looks ? 0 : messages.filter(({ id, role }) => id > seen && FROM_TEAM.includes(role)).length);
  }

  #count(unread) {
    if (unread !== this.#unread) this.#tell("unread", unread);
    this.#unread = unread;
  }

  #take(type, value, greeted) {
    if (type === "hello" || type === "identify") this.token = typeof value === "string" && value ? value : null;
    if (type === "hello") greeted();
    if (type === "identify") this.#heard?.identified(this.token);
    if (type === "open") {
      this.open = true;
      this.#heard?.opened(value === true);
    }
    if (type === "close") this.open = false;
  }

  // Escape closes what is on top: a dialog first, and the browser does that.
  #key(event) {
    if (event.key !== "Escape" || event.isComposing || document.querySelector("dialog[open]")) return;
    this.#tell("close");
  }

  #tell(type, value = null) {
    if (parent !== window && host) parent.postMessage({ relevo: type, value }, host);
  }
}
