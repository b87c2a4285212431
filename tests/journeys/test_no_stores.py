"""A live release of which no store is on file: that is said, with no empty list and no zero of zero."""

import pytest
from tests.journeys.conftest import OpenDesk
from tests.journeys.talk import Talk, rows

NONE = "DELETE FROM music_deliveries WHERE true RETURNING store"


@pytest.mark.parametrize(
    ("speak_as", "asks", "says"),
    [
        ("ana", "¿cómo va Nocturna?", "Aquí no tengo la lista de sus tiendas"),
        ("ana", "¿ya está Nocturna en Spotify?", "no sé si está en Spotify"),
        ("carla", "is Paper Moons live?", "I don't have the list of its stores"),
        ("carla", "is Paper Moons on Spotify?", "can't tell whether it is on Spotify"),
    ],
)
async def test_no_store_is_invented(new_desk: OpenDesk, speak_as: str, asks: str, says: str) -> None:
    async with new_desk() as desk:
        await rows(desk, NONE)
        reply = await (await Talk.begin(desk, speak_as)).say(asks, says)
    assert "()" not in reply["content"] and "0 de 0" not in reply["content"]


async def test_a_takedown_names_no_number_of_stores(new_desk: OpenDesk) -> None:
    async with new_desk() as desk:
        await rows(desk, NONE)
        await (await Talk.begin(desk)).say("quiero dar de baja Nocturna", "se quite de todas las tiendas")
