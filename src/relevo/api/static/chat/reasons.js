/** Why something was done, in the language of the page: traces keep their reasons in English. */

import { agentTitle } from "./agents.js";
import { number, percent } from "./format.js";
import { language, t } from "./language.js";
import { TEXTS } from "./texts.js";

/** Why the message went where it went: told by the rule, which does not change with the words of a reason. */
export function whyRouted(decision, signals) {
  const key = `why_${decision.rule}`;
  if (!(key in TEXTS.es)) return said(decision.reason);
  return t(key, {
    agent: agentTitle(decision.agent),
    confidence: percent(signals.confidence),
    priority: number(signals.priority, 1),
  });
}

/** A reason or a sign as it was recorded; what is not known here (a model's own words) stays as it is. */
export function said(reason) {
  if (language() !== "es" || !reason) return reason ?? "";
  if (reason in SPANISH) return SPANISH[reason];
  for (const [form, write] of FORMS) {
    const found = form.exec(reason);
    if (found) return write(...found.slice(1));
  }
  return reason;
}

const FORMS = [
  [/^matches (\w+)'s playbook$/, (agent) => `coincide con el playbook de ${agentTitle(agent)}`],
  [/^names what (\w+) can look up$/, (agent) => `nombra algo que ${agentTitle(agent)} puede consultar`],
  [/^the message also asks for (\w+)'s (\w+)$/, (agent, play) => `el mensaje pide también «${play}», de ${agentTitle(agent)}`],
  [/^passed around: (.*)$/s, (why) => `iba de agente en agente: ${said(why)}`],
  [/^(\d+) tool steps and no answer$/, (count) => `${count} pasos con herramientas y ninguna respuesta`],
  [/^handed over to nobody \(.*?\): (.*)$/s, (why) => `se pasó a nadie: ${said(why)}`],
  [/^the model gave no answer/, () => "el modelo no respondió"],
  [/^play (\w+)$/, (play) => `lo pide el playbook («${play}»)`],
];

const SPANISH = {
  // Why a person was fetched, or the conversation passed on.
  "its answer promised to pass the matter on": "su respuesta prometía pasar el asunto",
  "no reason given": "sin motivo",
  "a play of the playbook is broken": "una jugada del playbook está mal",
  "not understood, and it presses": "no se entendió, y apremia",
  "not understood twice in a row": "no se entendió dos veces seguidas",
  // Signs of haste and of what is at stake.
  "reads as urgent": "suena urgente",
  "asks for haste": "pide rapidez",
  "needs it now": "lo necesita ya",
  "needs it today": "lo necesita hoy",
  "asks for an early answer": "pide pronta respuesta",
  "a deadline within hours, with its reason": "un plazo de horas, con su motivo",
  "account broken into": "entraron a la cuenta",
  "account broken into again": "entraron otra vez a la cuenta",
  "unknown person in the account": "un desconocido en la cuenta",
  "account details changed by someone else": "otra persona cambió datos de la cuenta",
  "a stranger's payout or contact details": "datos de pago o contacto ajenos",
  "cannot get into the account": "no puede entrar a la cuenta",
  "money stolen": "dinero robado",
  "money moved without the person": "movieron dinero sin la persona",
  "balance fell at once": "el saldo cayó de golpe",
  "paid to someone else": "se pagó a otra persona",
  "paid but never arrived": "se pagó y no llegó",
  "money missing": "falta dinero",
  "accuses of theft": "acusa de robo",
  "not paid": "no le pagaron",
  "not paid for long": "lleva mucho sin cobrar",
  "payment held": "pago retenido",
  "asks about money": "pregunta por dinero",
  "royalties stolen": "regalías robadas",
  "royalties waited for long": "espera regalías desde hace mucho",
  "threatens legal action": "amenaza con acciones legales",
  "legal deadline": "plazo legal",
  "invokes data protection law": "invoca la protección de datos",
  "threatens to go public": "amenaza con hacerlo público",
  "release at hand is not where it should be": "un lanzamiento inminente no está donde debe",
  "a label's release at hand is not where it should be": "un lanzamiento inminente de un sello no está donde debe",
  "release this week is in trouble": "un lanzamiento de esta semana tiene problemas",
  "an event at hand is in danger": "un evento cercano peligra",
  "catalogue gone from the stores": "el catálogo desapareció de las tiendas",
  "release taken down": "lanzamiento retirado",
  "release rejected or faulty": "lanzamiento rechazado o con fallas",
  "release not in a store": "lanzamiento ausente en una tienda",
  "something is broken": "algo no funciona",
  "copyright matter": "asunto de derechos de autor",
  "music used by someone else": "otra persona usa la música",
  "strangers' releases in the account": "lanzamientos ajenos en la cuenta",
  // Signs of an attack.
  "asks to set the instructions aside": "pide ignorar las instrucciones",
  "asks for the prompt": "pide el prompt",
  "asks for its instructions": "pide sus instrucciones",
  "asks for everything above": "pide todo lo anterior",
  "asks for another mode": "pide otro modo",
  "asks to play another part": "pide hacer otro papel",
  "asks to answer without limits": "pide responder sin límites",
  "claims to be staff": "dice ser del personal",
  "names another customer": "nombra a otro cliente",
  "asks for other people's data": "pide datos de otras personas",
  "wants into another's account": "quiere entrar a una cuenta ajena",
  "asks for secrets of the system": "pide secretos del sistema",
  "code where words belong": "código donde van palabras",
  "claims permission to break the rules": "dice tener permiso para saltarse las reglas",
  "sets its own balance": "fija su propio saldo",
  "wants checks left out": "quiere saltarse comprobaciones",
  "acts behind someone's back": "actúa a espaldas de alguien",
  "asks to decode and obey": "pide descifrar y obedecer",
  "invisible characters": "caracteres invisibles",
  "look-alike letters": "letras parecidas",
  "digits for letters": "cifras por letras",
  "spaced letters": "letras separadas",
};
