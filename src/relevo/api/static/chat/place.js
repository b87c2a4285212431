/** Where this page stands: by itself, or as the widget inside another site's page. */

const [, room, project] = location.pathname.split("/");
const asked = new URLSearchParams(location.search);

export const inWidget = room === "widget";

/** The project whose widget this is, and the origin of the page it was embedded in. */
export const widgetProject = inWidget ? decodeURIComponent(project) : null;
export const host = inWidget ? asked.get("host") : null;

/** The language the host page asks for. */
export const askedLanguage = inWidget ? asked.get("language") : null;
