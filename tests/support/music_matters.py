"""What a customer's words ask of the music care desk, and in which language."""

import re
import unicodedata

# Read from the top: the first whose words are in the message is the matter.
MATTERS: tuple[tuple[str, str, str], ...] = (
    (
        "escalate_to_human",
        "human",
        r"\bpersona\b|humano|\basesor|supervisor|ejecutivo|alguien del equipo|me llame alguien|\bhuman\b"
        r"|real person|someone call|hackea|hacked|me robaron|bank details were changed|login from"
        r"|me (contestan|responden)",
    ),
    ("get_plans", "sales", r"how (does|do) (this|it) work|como funciona"),
    (
        "get_balance",
        "royalties",
        r"cuanto (tengo|hay|me queda)|minimo|minimum|what's left|how much (do i have|is left)",
    ),
    (
        "request_takedown",
        "support",
        r"dar de baja|\bbaja\b|\bbajen\b|take ?down|taken down|remove .*(everywhere|stores)"
        r"|(quit|retir|elimin)\w* .*(tiendas|plataformas|lanzamiento|disco)",
    ),
    (
        "create_ticket",
        "support",
        r"\bticket\b|perfil de otr|credit|wrong profile|otra artista|no puedo entrar|can't log ?in",
    ),
    (
        "request_withdrawal",
        "royalties",
        r"\bretir[aoe]|withdraw|cash out|\bsac[aá](r|me)|take it out|money out|entonces \d+$",
    ),
    ("check_metadata", "support", r"\bisrc\b|\bupc\b|\bean\b|[a-z]{2}[a-z0-9]{3}\d{7}|\b\d{12,13}\b"),
    (
        "check_metadata",
        "support",
        r"(tamano|size|medida|regla|requisit|require|rules?|can i put|puedo poner).*"
        r"(portada|caratula|tapa|cover|artwork|website|\bit\b)|(portada|caratula|tapa|cover|artwork).*(tamano|size|medida)",
    ),
    ("check_release_status", "support", r"rechaz|rechas|reject|portada|portda|caratula|artwork|cover"),
    (
        "get_earnings",
        "royalties",
        r"por (tienda|pais|stream)|per (store|stream)|country|earn|gan[eo]\b|ganado|ganancia|mas dinero",
    ),
    (
        "explain_payment",
        "royalties",
        r"statement|estado de cuenta|trimestre|quarter|20\d\d-?q[1-4]|reten|\bheld\b|\bhold\b|frozen|congelad"
        r"|dice que tengo|ultimo pago|last payment|mi pago|pagaron|pagado|\bpaid\b|pagan|deben"
        r"|royalt.*(late|paid)",
    ),
    (
        "get_balance",
        "royalties",
        r"saldo|balance|disponible|cuant[oa] (dinero|lana|plata|tengo|me queda)|how much (money|is in)"
        r"|what's left|maximo que puedo|my money|mi dinero",
    ),
    (
        "create_quote",
        "sales",
        r"cotiz|\bquote|presupuesto|lo pago anual|pago anual|yearly payment|billed yearly",
    ),
    ("start_signup", "sales", r"sign (me )?up|inscri|contratar|registrarme|abr[ei]\w* (la|una|mi) cuenta|@"),
    (
        "get_plans",
        "sales",
        r"precio|price|cuest|\bcost|\bplan(es|s)?\b|cobrar|barat|cheap|economic|basico|basic|\bpro\b|\blabel\b"
        r"|which one|conviene|(dolares|bucks) (al mes|a month)|discount|descuento|\bcut of\b",
    ),
    (
        "check_release_status",
        "support",
        r"estado de|status|\blive\b|publicad|lanzamiento|release|\bdisco\b|tiendas|stores|spotify|aprobaron"
        r"|\bout\b",
    ),
)
_ENGLISH = re.compile(
    r"\b(the|is|my|what|how|why|you|please|and|yes|can|of|it|i|i'm|this|that|want|to|for|hey|hello|thanks)\b"
)
_SPANISH = re.compile(
    r"[¿¡ñ]|\b(el|la|de|que|mi|cual|como|por|quiero|hola|gracias|cuanto|si|un|una|y|lo|los|al)\b"
)
_GOES_ON = (
    r"[¿¡ ]*(y|and|what about|en que|when|on|is it|sorry|ah|ay|how|whats|por que|why|entonces|puede"
    r"|pero|es en|no se)\b"
)
_EFFECTS = {"request_takedown", "request_withdrawal", "escalate_to_human", "create_ticket", "start_signup"}


def matter(plain: str, earlier: list[str]) -> tuple[str, str]:
    """The tool and the agent the message asks for; one that names none goes on with the latest."""
    for tool, agent, words in MATTERS:
        if re.search(words, plain):
            return tool, agent
    if not re.match(_GOES_ON, plain):
        return "", ""
    for text in reversed(earlier):
        for tool, agent, words in MATTERS:
            if re.search(words, bare(text)):
                return ("", "") if tool in _EFFECTS else (tool, agent)
    return "", ""


def is_english(message: str, earlier: list[str]) -> bool:
    for text in (message, *reversed(earlier)):
        plain = text.lower()
        english, spanish = len(_ENGLISH.findall(plain)), len(_SPANISH.findall(bare(plain)))
        if english != spanish:
            return english > spanish
    return False


def bare(text: str) -> str:
    """Lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
