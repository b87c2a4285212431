/** Follows the end of the conversation while the person is there, and leaves them alone while they read above. */

import { byId } from "./dom.js";
import { t } from "./language.js";

const NEAR_PX = 80;

export class Scroll {
  #room = byId("room");
  #pill = byId("pill");
  #pillText = byId("pill-text");
  #atEnd = true;
  #top = 0; // where the last jump left the page
  #height = 0; // of the room, as last seen
  #unseen = 0;

  constructor() {
    this.#room.addEventListener("scroll", () => this.#moved(), { passive: true });
    this.#pill.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.#resized()).observe(this.#room);
  }

  /** Something was added or grew: `fresh` new messages among it. */
  follow(fresh) {
    // The person may have scrolled up since, and the browser not told of it yet.
    if (this.#room.scrollTop < this.#top && !this.#near) this.#atEnd = false;
    if (this.#atEnd) this.#jump();
    else this.#unseen += fresh;
    this.#showPill();
  }

  toEnd() {
    this.#atEnd = true;
    this.#unseen = 0;
    this.#jump();
    this.#showPill();
  }

  #jump() {
    this.#room.scrollTop = this.#room.scrollHeight;
    this.#top = this.#room.scrollTop;
  }

  get #near() {
    const { scrollHeight, scrollTop, clientHeight } = this.#room;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  // A phone that is turned keeps its place: the end stays the end.
  #resized() {
    this.#height = this.#room.clientHeight;
    if (this.#atEnd) this.#jump();
  }

  #moved() {
    if (this.#room.clientHeight !== this.#height) return; // the room changed, the person did not move
    this.#atEnd = this.#near;
    if (this.#atEnd) this.#unseen = 0;
    this.#showPill();
  }

  #showPill() {
    this.#pill.hidden = this.#atEnd;
    this.#pillText.textContent = t(this.#unseen ? "new_messages" : "to_end");
    this.#pill.classList.toggle("has-news", this.#unseen > 0);
  }
}
