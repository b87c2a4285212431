/* Relevo's chat in any site: a launcher, and a frame of our own origin that the page cannot look into. */
(() => {
  const script = document.currentScript ?? document.querySelector('script[data-project][src*="/widget.js"]');
  const { project, language, customerToken } = script.dataset;
  if (window.Relevo?.identify) {
    if (customerToken) window.Relevo.identify(customerToken); // included again: the newer customer counts
    return;
  }
  const home = new URL(script.src).origin;
  const WORDS = {
    es: { open: "Abrir el chat", close: "Cerrar el chat", one: "1 mensaje nuevo", many: "{n} mensajes nuevos" },
    en: { open: "Open the chat", close: "Close the chat", one: "1 new message", many: "{n} new messages" },
  };
  const PHONE = "(max-width: 520px), (max-height: 520px)";
  const CSS = `
  :host { all: initial !important; display: none !important; visibility: visible !important;
    position: fixed !important; inset: auto 0 0 auto !important; z-index: 2147483000 !important; }
  :host([data-ready]) { display: block !important; }
  * { box-sizing: border-box; }
  .panel { position: fixed; right: calc(20px + env(safe-area-inset-right));
    bottom: calc(92px + env(safe-area-inset-bottom)); width: 400px; height: min(680px, 100dvh - 116px);
    border-radius: 20px; overflow: hidden; background: #fff; visibility: hidden; opacity: 0; translate: 0 12px;
    box-shadow: 0 12px 50px #08201c40; transition: opacity 160ms, translate 160ms, visibility 160ms; }
  .open .panel { visibility: visible; opacity: 1; translate: none; }
  iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: normal; }
  button { position: fixed; right: calc(20px + env(safe-area-inset-right));
    bottom: calc(20px + env(safe-area-inset-bottom)); width: 58px; height: 58px; padding: 0; border: 0;
    border-radius: 50%; background: #0d6b64; color: #fff; cursor: pointer; transition: background 120ms;
    box-shadow: 0 4px 20px #08201c55; }
  button:hover { background: #0a5851; }
  button:focus-visible { outline: 3px solid #0a7cff; outline-offset: 3px; }
  svg { display: block; width: 28px; height: 28px; margin: auto; fill: none; stroke: currentcolor;
    stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
  .down, .open .talk { display: none; }
  .open .down { display: block; }
  .badge { position: absolute; top: -3px; right: -3px; min-width: 22px; height: 22px; padding: 0 6px;
    border-radius: 11px; background: #c62828; color: #fff; font: 700 12px/22px sans-serif; }
  .badge:empty { display: none; }
  .news { position: absolute; clip-path: inset(50%); white-space: nowrap; }
  @media ${PHONE} {
    .panel { inset: 0; width: auto; height: 100dvh; border-radius: 0; padding: env(safe-area-inset-top)
    env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left); }
    .open button { visibility: hidden; }
  }
  @media (prefers-color-scheme: dark) { .panel { background: #171b1d; } }
  @media (prefers-reduced-motion: reduce) { .panel, button { transition: none; } }
  @media (forced-colors: active) { button { border: 1px solid; } }`;

  const el = (name, properties) => Object.assign(document.createElement(name), properties);
  const root = el("relevo-widget");
  const box = el("div");
  const panel = el("div", { className: "panel" });
  const frame = el("iframe", { title: "Chat" });
  const launcher = el("button", { type: "button" });
  const badge = el("span", { className: "badge", ariaHidden: "true" });
  const news = el("span", { className: "news", role: "status" });
  const listeners = { unread: [] };
  let words = WORDS[language] ?? WORDS[document.documentElement.lang.slice(0, 2)] ?? WORDS.es;
  let token = customerToken ?? null;
  let open = false;
  let ready = false;
  let unread = 0;

  const tell = (relevo, value = null) => ready && frame.contentWindow?.postMessage({ relevo, value }, home);

  function show() {
    const count = unread === 0 || open ? "" : (unread === 1 ? words.one : words.many).replace("{n}", unread);
    const label = [open ? words.close : words.open, count].filter(Boolean).join(", ");
    box.className = open ? "open" : "";
    panel.inert = !open; // not to be tabbed into while it fades
    launcher.setAttribute("aria-label", label);
    launcher.setAttribute("aria-expanded", String(open));
    badge.textContent = count && (unread > 99 ? "99+" : unread);
    if (news.textContent !== count) news.textContent = count;
    fit();
  }

  // A phone's keyboard covers what lies beneath it: the panel is as high as what can be seen.
  function fit() {
    const seen = window.visualViewport;
    const full = open && seen?.scale === 1 && matchMedia(PHONE).matches;
    panel.style.height = full ? `${seen.height}px` : "";
    panel.style.top = full ? `${seen.offsetTop}px` : "";
  }

  function setOpen(now) {
    const inside = document.activeElement === root;
    open = now;
    show();
    if (open) frame.focus();
    else if (inside) launcher.focus();
    tell(open ? "open" : "close", true);
  }

  const heard = {
    __proto__: null,
    ready(code) {
      const first = root.dataset.ready === undefined;
      ready = true;
      root.dataset.ready = "";
      heard.language(code);
      tell("hello", token);
      if (open) first ? setOpen(true) : tell("open", false); // drawn anew, it does not take the focus
    },
    language(code) {
      words = WORDS[code] ?? words;
      show();
    },
    unread(count) {
      unread = Number(count) || 0;
      show();
      for (const listener of listeners.unread) listener(unread);
    },
    close: () => setOpen(false),
  };

  addEventListener("message", ({ source, origin, data }) => {
    if (origin === home && source && source === frame.contentWindow) heard[data?.relevo]?.(data.value);
  });
  visualViewport?.addEventListener("resize", fit);
  visualViewport?.addEventListener("scroll", fit);
  launcher.addEventListener("click", () => setOpen(!open));
  launcher.addEventListener("keydown", (event) => event.key === "Escape" && open && setOpen(false));

  window.Relevo = Object.freeze({
    open: () => setOpen(true),
    close: () => setOpen(false),
    identify(customer) {
      token = customer ?? null; // null: nobody is signed in any more
      tell("identify", token);
    },
    on: (name, listener) => void listeners[name]?.push(listener),
  });

  function drawn(name, path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("class", name);
    svg.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    svg.firstChild.setAttribute("d", path);
    return svg;
  }

  const watcher = new MutationObserver(place);

  // Where the page draws itself anew, the widget comes back; the frame takes its conversation up again.
  function place() {
    if (root.isConnected || !document.body) return;
    ready = false;
    document.body.append(root);
    watcher.observe(document.body, { childList: true });
  }

  function start() {
    const sheet = new CSSStyleSheet(); // a style sheet made by script: a strict policy of the page allows it
    sheet.replaceSync(CSS);
    const shadow = root.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheet];
    const asked = new URLSearchParams({ host: location.origin, ...(language && { language }) });
    frame.src = `${home}/widget/${encodeURIComponent(project)}?${asked}`;
    launcher.append(
      drawn("talk", "M20.5 11.6a8 8 0 0 1-8 8H4.6l1.7-2.8a8 8 0 1 1 14.2-5.2zM8.8 11.7h.1M12.5 11.7h.1M16.2 11.7h.1"),
      drawn("down", "M6 9.5l6 6 6-6"),
      badge,
    );
    panel.append(frame);
    box.append(panel, launcher, news);
    shadow.append(box);
    watcher.observe(document.documentElement, { childList: true });
    show();
    place();
  }

  if (document.readyState === "complete") start();
  else addEventListener("load", start, { once: true });
  dispatchEvent(new Event("relevo:ready"));
})();
