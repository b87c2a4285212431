"""What a message does in the talk: greets, thanks, takes leave, agrees or refuses."""

import re
from collections.abc import Iterable

from relevo.domain.signals import Act
from relevo.triage.normalise import Text, prepare

_MAX_WORDS = 12


def _phrases(source: str) -> tuple[tuple[str, ...], ...]:
    """Phrases separated by commas, longest first, so that "no problem" is read before "no"."""
    split = {prepare(phrase).words for phrase in source.split(",")}
    return tuple(sorted(split - {()}, key=lambda words: (-len(words), words)))


_CONFIRM = """
si, sii, sip, sipi, sep, simon, claro, claro que si, por supuesto, desde luego, confirmo, confirmado,
confirmalo, confirmar, lo confirmo, te confirmo, si confirmo, dale, hazlo, hagale, hagalo, hagamoslo, procede,
proceda, procedan, proceder, adelante, de acuerdo, acepto, aceptado, autorizo, lo autorizo, apruebo, correcto,
es correcto, asi es, exacto, afirmativo, eso quiero, si quiero, quiero hacerlo, esta bien hazlo, retiralo,
retirenlo, retirame, retira, enviala, envialo, mandalo, sigue adelante, con confianza, va que va,
yes, yess, yep, yup, yeah, yea, yah, aye, sure, of course, absolutely, definitely, certainly, confirm, confirmed,
i confirm, i do confirm, confirm it, confirming, go ahead, go for it, do it, proceed, please proceed, agreed,
i agree, i accept, approved, i approve, i authorize, i authorise, correct, that is correct, that is right,
affirmative, by all means, withdraw it, send it, make it so, lets do it, let us do it, yes i do, yes i am
"""
_WEAK_YES = """
ok, okay, okey, oki, okis, okk, vale, va, va va, listo, perfecto, bueno, buenisimo, esta bien, ta bien, de una,
sale, genial, bien, super, joya, de 10, hecho, alright, all right, fine, great, perfect, cool, sounds good,
works for me, good, thats fine, that is fine, sounds great, deal, obvio, orale, venga
"""
_DECLINE = """
no, noo, nop, nope, nel, nah, na, nunca, jamas, mejor no, para nada, de ninguna manera, no gracias, no quiero,
ya no, ya no quiero, no lo hagas, no lo haga, no lo hagan, no hagas nada, no confirmo, no acepto, no autorizo,
no procedas, cancela, cancelalo, cancelar, cancelen, cancelado, cancele, cancelo, cancela eso, cancela todo,
cancela el retiro, anula, anulalo, anular, detente, detenlo, para, parale, alto, olvidalo, olvidala, dejalo,
dejalo asi, todavia no, aun no, ahora no, por ahora no, no por ahora, hoy no, negativo, incorrecto, me arrepenti,
no thanks, no thank you, not now, not yet, not today, do not, do not do it, do not do that, please do not, never,
cancel, cancel it, cancel that, cancel this, stop, stop it, abort, forget it, never mind, nevermind, negative,
no way, absolutely not, definitely not, of course not, rather not, i would rather not, id rather not,
i changed my mind, changed my mind, i do not want to, i do not want it, i do not confirm, not correct,
decline, i decline, i refuse, hold off
"""
_GREETING = """
hola, holi, holis, ola, holaa, buenas, buenos dias, buen dia, buenas tardes, buenas noches, buena tarde,
buena noche, bnas, que tal, que onda, que hubo, quiubo, que mas, que hay, como estas, como esta, como estan,
como va, como andas, como les va, como te va, como vas, todo bien, saludos, muy buenas, alo, epa, que pasa,
hi, hey, hello, hiya, heya, howdy, yo, sup, wassup, whats up, what is up, good morning, good afternoon,
good evening, good day, how are you, how are you doing, how are you today, how is it going, how do you do,
greetings, hi there, hello there, hey there, morning, evening, anyone there, hay alguien, estan ahi, estas ahi,
are you there, buenas buenas, hola hola
"""
_THANKS = """
gracias, muchas gracias, mil gracias, muchisimas gracias, graciass, gracias por todo, gracias por la ayuda,
gracias por tu ayuda, gracias por su ayuda, gracias por ayudarme, gracias por la informacion, gracias por avisar,
te agradezco, se agradece, le agradezco, les agradezco, agradecido, agradecida, muy amable, que amable,
muy agradecido, muy agradecida, te pasaste, son unos cracks, eres un crack, eres lo maximo, eres la mejor,
eres el mejor, son los mejores, me ayudaste mucho, me sirvio mucho, ya quedo, ya me quedo claro, me quedo claro,
todo claro, thanks, thank you, many thanks, thanks a lot, thanks so much, thank you so much, thank you very much,
thanks a million, thanks for the help, thanks for your help, thanks for everything, thanks for that,
thanks for the info, thanks for the information, thanks for letting me know, appreciate it, i appreciate it,
much appreciated, you rock, you are the best, youre the best, cheers, that helps, that helped, that helps a lot,
very helpful, you have been very helpful, big help
"""
_FAREWELL = """
adios, chao, chau, ciao, bye, bye bye, goodbye, good bye, hasta luego, hasta pronto, hasta manana, nos vemos,
nos hablamos, hablamos, hablamos luego, hablamos manana, cuidate, cuidense, que estes bien, que esten bien,
feliz dia, feliz tarde, feliz noche, buen fin de semana, feliz fin de semana, que tengas buen dia,
que tengas un buen dia, que tengan buen dia, que tengan un buen dia, que te vaya bien, eso es todo,
eso seria todo, eso era todo, seria todo, es todo, nada mas, see you, see ya, see you later, later, talk later,
talk to you later, talk soon, take care, have a good day, have a nice day, have a great day, have a good one,
good night, that is all, thats all, that will be all, nothing else, have a good weekend, have a great weekend
"""
_FILLER = """
por favor, please, gracias, muchas gracias, thanks, thank you, amigo, amiga, bro, hermano, parce, wey, guey, che,
man, dude, jaja, jajaja, jeje, haha, lol, pues, bueno, ok, okay, okey, vale, listo, perfecto, genial, ya, eso,
entonces, mejor, hola, buenas, oye, hey, hi, hello, senor, senora, senorita, team, equipo, all, you, then, so,
well, now, ahora, ahora mismo, right now, right away, y, and, a todos, everyone, guys, there, de nuevo, again,
sin problema, no hay problema, no problem, no worries, alright, mucho, un monton, de verdad, really, very much,
igualmente, ustedes, usted, a ti, a ustedes, mi, todo, el retiro, la solicitud, it, just, yo, oh, ah, ay, uf, um,
mm, mmm, eh, hmm, it is fine, esta bien, esta perfecto, todo bien
"""

_Phrases = tuple[tuple[str, ...], ...]
_KINDS: dict[str, _Phrases] = {
    name: _phrases(source)
    for name, source in {
        "confirm": _CONFIRM, "weak": _WEAK_YES, "decline": _DECLINE, "greeting": _GREETING,
        "thanks": _THANKS, "farewell": _FAREWELL, "filler": _FILLER,
    }.items()
}  # fmt: skip
_BY_FIRST: dict[str, list[tuple[tuple[str, ...], frozenset[str]]]] = {}
for _phrase in _phrases(",".join(",".join(" ".join(p) for p in group) for group in _KINDS.values())):
    _BY_FIRST.setdefault(_phrase[0], []).append(
        (_phrase, frozenset(kind for kind, group in _KINDS.items() if _phrase in group))
    )
_THUMBS = {"👍": "weak", "👌": "weak", "✅": "confirm", "👎": "decline", "🙏": "thanks", "👋": "greeting"}
_SYMBOL = re.compile(r"[👍👌✅👎🙏👋]")
_CONDITION = re.compile(
    r"\bpero\b|\bbut\b|\bif\b|\bespera\w*|\bwait\b|\bcuando\b|\bwhen\b|\bunless\b|\bsalvo\b"
)


def act_of(text: Text) -> Act:
    """What the message does; anything beyond these small acts is a statement."""
    kinds = _kinds(text)
    if kinds is None:
        return Act.STATEMENT
    asked = "?" in text.clean
    said = [kind for group in kinds for kind in group]
    if "decline" in said and not asked and not {"confirm"} & set(said):
        return Act.NO
    if "confirm" in said and not asked and "decline" not in said:
        return Act.YES
    for kind, act in (("farewell", Act.FAREWELL), ("thanks", Act.THANKS), ("greeting", Act.GREETING)):
        if kind in said:
            return act
    return Act.YES if "weak" in said and not asked else Act.STATEMENT


def confirms(message: str) -> bool:
    """Whether ``message`` is an explicit, unconditional yes. It gates money, so every word must be known.

    A bare "ok", a question, a condition ("si me pagan confirmo"), an amount or any further matter is no yes.
    """
    text = prepare(message)
    kinds = _kinds(text)
    if kinds is None or "?" in text.clean or _CONDITION.search(text.folded):
        return False
    said = {kind for group in kinds for kind in group}
    return "confirm" in said and "decline" not in said


def declines(message: str) -> bool:
    """Whether ``message`` is essentially a refusal ("no, mejor no", "cancel it"), and nothing else."""
    text = prepare(message)
    kinds = _kinds(text)
    if kinds is None or "?" in text.clean:
        return False
    said = {kind for group in kinds for kind in group}
    return "decline" in said and "confirm" not in said


def _kinds(text: Text) -> list[frozenset[str]] | None:
    """What each phrase of the message may be, or None where a word belongs to no known phrase."""
    words = text.words
    if len(words) > _MAX_WORDS:
        return None
    found = [frozenset({_THUMBS[symbol]}) for symbol in _SYMBOL.findall(text.clean)]
    index = 0
    while index < len(words):
        for phrase, kinds in _BY_FIRST.get(words[index], ()):
            if words[index : index + len(phrase)] == phrase:
                found.append(kinds)
                index += len(phrase)
                break
        else:
            return None
    return found or None


def is_small_talk(acts: Iterable[Act]) -> bool:
    """Whether every act is a courtesy or an answer, with no matter of its own."""
    return all(act is not Act.STATEMENT for act in acts)
