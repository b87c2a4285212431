/** The customer's chat page: begins the session and joins its parts. */

import { setAgents } from "./agents.js";
import { getSession, Refused, Unreachable } from "./api.js";
import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { languageSwitch, newChatButton, speakerSwitch } from "./controls.js";
import { byId } from "./dom.js";
import { Header } from "./header.js";
import { firstSpeaker, rememberSpeaker, speakerNamed } from "./identity.js";
import { followLanguage, onLanguage, t, translate } from "./language.js";
import { Log } from "./log.js";
import { Preview } from "./preview.js";
import { Scroll } from "./scroll.js";
import { timeline } from "./timeline.js";
import { Trace } from "./trace.js";
import { showWelcome } from "./welcome.js";

translate();
languageSwitch();
byId("load-retry").addEventListener("click", begin);
begin();

async function begin() {
  byId("load-failed").hidden = true;
  let session;
  try {
    session = await getSession();
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
    byId("load-failed").hidden = false;
    return;
  }
  run(session);
}

function run(session) {
  setAgents(session.agents);
  const header = new Header(session);
  const trace = new Trace();
  const scroll = new Scroll();
  const preview = new Preview();
  const composer = new Composer(session.max_message_chars, send);
  const log = new Log({
    openTrace: session.trace ? (turn) => trace.open(chat.id, turn) : null,
    retry: (key) => chat.outbox.retry(key),
    edit: (entry) => {
      chat.outbox.drop(entry.key);
      composer.edit(entry.content);
    },
  });
  let chat;

  byId("write").inert = false;
  speak(firstSpeaker(session));
  focusComposer();
  speakerSwitch(session, chat.speaker, (name) => speak(speakerNamed(session, name)));
  newChatButton(() => {
    chat.forget();
    speak(chat.speaker);
    focusComposer();
  });
  byId("person").addEventListener("click", () => send(t("person")));
  onLanguage(() => show(chat));
  addEventListener("online", () => {
    chat.outbox.retryUnreachable();
    chat.sync();
  });
  addEventListener("offline", () => show(chat));
  document.addEventListener("visibilitychange", () => document.hidden || chat.sync());

  function speak(speaker) {
    chat?.stop();
    log.clear();
    if (session.demo) rememberSpeaker(session, speaker);
    if (speaker.language) followLanguage(speaker.language);
    chat = new Chat(session.project, speaker, {
      changed: show,
      replied: (reply) => followLanguage(reply.signals?.language),
    });
    chat.start().then(() => log.loaded());
    scroll.toEnd();
  }

  function send(content) {
    chat.send(content);
    scroll.toEnd();
    focusComposer();
  }

  // Not on a touch screen, where it would open the keyboard over the conversation.
  function focusComposer() {
    if (matchMedia("(pointer: fine)").matches) composer.focus();
  }

  function show(shown) {
    const welcoming = shown.loaded && shown.isEmpty && (shown.reachable || !shown.id);
    header.show(shown);
    showWelcome(welcoming, shown.speaker, shown.customer, send);
    const fresh = log.show(timeline(shown));
    preview.show(shown.conversation, shown.outbox.underway);
    scroll.follow(fresh);
    if (shown.loaded) header.count(fresh);
  }
}
