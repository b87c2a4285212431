/** Joins the parts of the chat: who speaks, what is shown, what is sent. */

import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { newChatButton, speakerSwitch } from "./controls.js";
import { byId } from "./dom.js";
import { Header } from "./header.js";
import { customer, firstSpeaker, forgetToken, rememberSpeaker, speakerNamed } from "./identity.js";
import { followLanguage, onLanguage, t } from "./language.js";
import { Log } from "./log.js";
import { Preview } from "./preview.js";
import { Scroll } from "./scroll.js";
import { timeline } from "./timeline.js";
import { Trace } from "./trace.js";
import { showWelcome } from "./welcome.js";

export class Page {
  #session;
  #frame;
  #chat = null;
  #header;
  #composer;
  #log;
  #scroll = new Scroll();
  #preview = new Preview();

  /** `frame` is the way to the host page; null where the chat is a page of its own. */
  constructor(session, frame) {
    const trace = new Trace();
    this.#session = session;
    this.#frame = frame;
    this.#header = new Header(session, { follow: () => this.#follow(), goOn: () => this.#goOn() });
    this.#composer = new Composer(session.max_message_chars, (content) => this.#send(content));
    this.#log = new Log({
      openTrace: session.trace ? (turn) => trace.open(this.#chat.id, turn) : null,
      retry: (key) => this.#chat.outbox.retry(key),
      edit: (entry) => this.#edit(entry),
    });
    byId("write").inert = false;
    this.#speak(frame?.token ? customer(frame.token) : firstSpeaker(session));
    this.#listen();
    this.#focus();
  }

  #listen() {
    speakerSwitch(this.#session, this.#chat.speaker, (name) => this.#speak(speakerNamed(this.#session, name)));
    newChatButton(() => this.#anew());
    byId("person").addEventListener("click", () => this.#send(t("person")));
    onLanguage(() => this.#show(this.#chat));
    addEventListener("online", () => {
      this.#chat.outbox.retryUnreachable();
      this.#chat.sync();
    });
    addEventListener("offline", () => this.#show(this.#chat));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#chat.wake();
      else if (this.#frame) this.#chat.rest();
    });
    this.#frame?.hear({
      identified: (token) => this.#identified(token),
      opened: (focus) => {
        this.#show(this.#chat);
        this.#scroll.toEnd();
        if (focus) this.#focus(byId("room"));
      },
    });
  }

  #speak(speaker) {
    this.#chat?.stop();
    this.#log.clear();
    rememberSpeaker(this.#session, speaker);
    this.#composer.open(`draft:${speaker.key}`);
    this.#chat = new Chat(this.#session.project, speaker, {
      changed: (chat) => this.#show(chat),
      replied: (reply) => followLanguage(reply.signals?.language),
    });
    this.#chat.start().then(() => this.#log.loaded());
    this.#scroll.toEnd();
  }

  // The host page says who is signed in there; nobody, when they signed out.
  #identified(token) {
    const speaker = token ? customer(token) : speakerNamed(this.#session, "");
    if (speaker.key !== this.#chat.speaker.key) this.#speak(speaker);
    else this.#chat.prove(speaker);
  }

  #anew() {
    this.#chat.forget();
    this.#speak(this.#chat.speaker);
    this.#focus();
  }

  #follow() {
    this.#chat.follow();
    this.#speak(this.#chat.speaker);
  }

  // What could not be sent in the customer's name is theirs to send without it.
  #goOn() {
    const unsent = this.#chat.outbox.entries.map((entry) => entry.content);
    this.#chat.forget();
    this.#speak(forgetToken(this.#session));
    this.#composer.edit(unsent.join("\n"));
  }

  #send(content) {
    this.#chat.send(content);
    this.#scroll.toEnd();
    this.#focus();
  }

  #edit(entry) {
    this.#chat.outbox.drop(entry.key);
    this.#composer.edit(entry.content);
  }

  // Into the composer, but for a touch screen, where that would open the keyboard over the conversation.
  #focus(otherwise = null) {
    if (this.#frame && !this.#frame.open) return; // the focus is the host page's
    if (matchMedia("(pointer: fine)").matches) this.#composer.focus();
    else otherwise?.focus({ preventScroll: true });
  }

  #show(chat) {
    if (chat !== this.#chat) return;
    const welcoming = chat.loaded && chat.isEmpty && (chat.reachable || !chat.id);
    this.#header.show(chat);
    showWelcome(welcoming, chat.speaker, chat.customer, (content) => this.#send(content));
    const fresh = this.#log.show(timeline(chat));
    this.#preview.show(chat.conversation, chat.outbox.underway);
    this.#scroll.follow(fresh);
    if (chat.loaded) this.#header.count(fresh);
    this.#frame?.count(chat);
  }
}
