"""Support: a rejected cover and how to mend it, codes checked, a release taken down once it is confirmed."""

import pytest
from tests.journeys.scripts import Desk
from tests.journeys.talk import Talk, rows
from tests.support.music_matters import bare

WORDS = {
    "es": {
        "rejected": "¿por qué me rechazaron la portada de Luz de Enero?",
        "size": "¿y de qué tamaño tiene que ser la portada?",
        "bad": "revisa porfa el ISRC USRC1760783",
        "good": "perdón, era USRC17607839",
        "take down": "quiero dar de baja Nocturna de todas las tiendas",
        "yes": "sí, confirmo",
        "no": "no, mejor no",
        "valid": "es valido",
        "invalid": "no es valido",
        "asked": "confirm",
    },
    "en": {
        "rejected": "why was the artwork of Luz de Enero rejected?",
        "size": "and what size does the cover have to be?",
        "bad": "please check this ISRC: USRC1760783",
        "good": "sorry, I meant USRC17607839",
        "take down": "please take down Nocturna from all stores",
        "yes": "yes, I confirm",
        "no": "no, cancel it",
        "valid": "is valid",
        "invalid": "is not valid",
        "asked": "confirm",
    },
}


@pytest.mark.parametrize("language", WORDS)
async def test_a_rejected_cover_and_two_codes(desk: Desk, language: str) -> None:
    words = WORDS[language]
    talk = await Talk.begin(desk, "ana")

    await talk.say(words["rejected"], "1400", "3000", agent="support")
    await talk.say(words["size"], "3000x3000", agent="support")
    await talk.say(words["bad"], "USRC1760783", words["invalid"], agent="support")
    good = await talk.say(words["good"], "USRC17607839", words["valid"], agent="support")
    assert words["invalid"] not in bare(good["content"])


@pytest.mark.parametrize("language", WORDS)
async def test_a_takedown_waits_for_a_yes(desk: Desk, language: str) -> None:
    words = WORDS[language]
    talk = await Talk.begin(desk, "ana")

    await talk.say(words["take down"], "Nocturna", words["asked"], agent="support")
    await talk.say(words["no"], agent="support")
    assert await _state(desk) == ("live", 0)

    await talk.say(words["take down"], words["asked"], agent="support")
    assert await _state(desk) == ("live", 0)
    done = await talk.say(words["yes"], "Nocturna", agent="support")
    [request] = await rows(desk, "SELECT number FROM music_takedowns")
    assert request["number"] in done["content"]
    assert await _state(desk) == ("takedown_requested", 1)

    await talk.say(words["yes"])
    again = await talk.say(words["take down"])
    assert words["asked"] not in bare(again["content"])
    assert await _state(desk) == ("takedown_requested", 1)


async def test_another_persons_release_cannot_be_taken_down(desk: Desk) -> None:
    """Paper Moons is Carla's: for Ana it does not exist."""
    talk = await Talk.begin(desk, "ana")
    await talk.say("quiero dar de baja Paper Moons de todas las tiendas", agent="support")
    await talk.say("sí, confirmo")
    assert await rows(desk, "SELECT number FROM music_takedowns") == []


async def _state(desk: Desk) -> tuple[str, int]:
    [row] = await rows(
        desk,
        "SELECT state, (SELECT count(*) FROM music_takedowns) AS asked FROM music_releases"
        " WHERE title = 'Nocturna' AND artist = 'Ana Luz'",
    )
    return row["state"], row["asked"]
