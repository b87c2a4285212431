"""The first conversation a newcomer has: a price, a problem, a person."""

from tests.support.http import served

from relevo.bootstrap import App


async def test_price_problem_person(app: App) -> None:
    async with served(app) as site:
        chat = await site.open_chat("ana")

        price = await site.say(chat, "¿Cuánto cuesta el plan Pro?")
        assert price["agent"] == "sales"
        assert "49.99" in price["content"]

        problem = await site.say(chat, "Tengo un problema: me rechazaron la portada de Luz de Enero")
        assert problem["agent"] == "support"
        assert problem["handoffs"][0]["from"] == "sales"
        assert "3000" in problem["content"]

        person = await site.say(chat, "quiero hablar con una persona")
        assert person["agent"] == "human"
        assert person["ticket"] is not None
        assert str(person["ticket"]["number"]) in person["content"]
