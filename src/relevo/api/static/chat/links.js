/** Addresses in what the team writes, as links: https and our own help only, and only where they say they lead. */

import { el } from "./dom.js";

const ADDRESS = /https:\/\/[^\s<>"'`]+|(?<![^\s(])\/help\/[a-z0-9\/-]+\?lang=[a-z]{2}\b/g;
const TAIL = /[.,;:!?…»”’)\]}*_]+$/;
let listed = new Set();

/** The hosts the team's agents may link to. */
export function setLinks(hosts) {
  listed = new Set(hosts);
}

/** The text as nodes. People of the team may link anywhere; agents only to listed hosts. */
export function linked(text, byPerson) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const own = found[0].startsWith("/");
    const address = own ? found[0] : trimmed(found[0]);
    if (!own && !leads(address, byPerson)) continue;
    nodes.push(text.slice(end, found.index), link(address));
    end = found.index + address.length;
  }
  return [...nodes, text.slice(end)];
}

// The sentence's own marks do not belong to the address; a bracket that was opened inside it does.
function trimmed(address) {
  const tail = address.match(TAIL)?.[0] ?? "";
  const bare = address.slice(0, address.length - tail.length);
  return bare.includes("(") && tail.startsWith(")") ? `${bare})` : bare;
}

// A host that reads otherwise than it is written (xn--…), or hides behind a name and @, is left as text.
function leads(address, byPerson) {
  if (!URL.canParse(address)) return false;
  const { protocol, host, hostname, username, password } = new URL(address);
  const plain = address.toLowerCase().startsWith(`https://${hostname}`) && !hostname.includes("xn--");
  return protocol === "https:" && plain && !username && !password && (byPerson || listed.has(host));
}

const link = (address) => el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, address);
