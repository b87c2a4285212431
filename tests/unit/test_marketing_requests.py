"""What a message asks for, in both languages; questions, tellings and refusals ask for nothing."""

import pytest

from relevo.teams.marketing.requests import Wish, content_request, wish_of

CONTENT = """
Escribe un post sobre el primer punto de dolor
escríbeme un carrusel para Instagram
¿Puedes redactar un correo para la fase de compra?
Quiero que me hagas tres ideas de contenido
quiero un guion de video
Dame 5 ideas de posts
necesito otro artículo
hola, genera contenido para la fase de consideración
3 ideas de posts para la fase de consideración
un carrusel sobre el miedo a fallar
Hazme un post con lo que dice el foro
crea una publicación basada en el journey
Perfecto. Ahora escribe un artículo
ESCRIBE UN POST
por favor genera un reel
Write a post about her biggest fear
Can you draft three e-mails for the purchase phase?
I need a video script
please make me a carousel
Give me five content ideas
generate content for awareness
I'd like an article about balcony gardens
let's write a newsletter
ok now create a reel script
""".strip().splitlines()

NOTHING = """
Hola
gracias
¿Qué es un post?
¿Cómo escribo un post?
no quiero posts
No generes contenido todavía
no me escribas ningún post
todavía no escribas el artículo
por favor no escribas un post
quiero que no hagas un carrusel
Mi competencia escribe un post diario
ya escribí un post ayer
¿Qué contenidos consume mi persona?
¿cuántos posts tiene el foro?
El contenido de los documentos es viejo
me encanta el contenido
Vendemos cursos por email a empresas
subí un pdf con el blog
A familias que quieren hacer videos
quiero entender mi contenido
quiero aprender a hacer posts
Hacer contenido es difícil
Los posts del foro están muy bien
don't write any content yet
please do not write a post
How do I write a post?
what is a carousel?
the content of the documents is old
We write articles for a living
I want to understand the content
Writing content is hard
I already wrote an article
""".strip().splitlines()

OTHERS = {
    "haz el foro con 12 posts": Wish.FORUM,
    "simula un foro con publicaciones de quejas": Wish.FORUM,
    "create the forum with 12 posts": Wish.FORUM,
    "dame los puntos de dolor": Wish.PAIN_POINTS,
    "find the pain points": Wish.PAIN_POINTS,
    "crea el journey con los formatos de contenido": Wish.JOURNEY,
    "traza el recorrido del cliente": Wish.JOURNEY,
    "show me the journey": Wish.JOURNEY,
    "Quiero crear mi buyer persona": Wish.PERSONA,
    "muéstrame la persona": Wish.PERSONA,
    "build the persona": Wish.PERSONA,
    "resume los documentos": Wish.DOCUMENTS,
    "haz el análisis completo": Wish.ANALYSIS,
    "run the whole analysis": Wish.ANALYSIS,
    "Cancela el análisis": Wish.CANCEL,
    "stop": Wish.CANCEL,
    "reanuda": Wish.RESUME,
    "saltar todo": Wish.SKIP,
    "mercado: México": Wish.BRIEF,
    "quiero hablar con una persona": Wish.PERSON,
    "can I talk to a human": Wish.PERSON,
}
REFINEMENTS = ["hazlo más corto", "otro tono, por favor", "make it shorter", "cambia el título", "in English"]


@pytest.mark.parametrize("text", CONTENT)
def test_a_request_for_content_is_one(text: str) -> None:
    request = content_request(text)
    assert request is not None
    assert (request.text, request.refines) == (text, False)


@pytest.mark.parametrize("text", NOTHING)
def test_what_asks_for_nothing_asks_for_no_content(text: str) -> None:
    assert wish_of(text) is None
    assert content_request(text) is None


@pytest.mark.parametrize(("text", "wish"), OTHERS.items())
def test_other_requests_are_told_apart_from_content(text: str, wish: Wish) -> None:
    assert wish_of(text) is wish
    assert content_request(text, after_content=True) is None


@pytest.mark.parametrize("text", REFINEMENTS)
def test_a_change_is_asked_for_only_after_content(text: str) -> None:
    assert content_request(text) is None
    refined = content_request(text, after_content=True)
    assert refined is not None
    assert refined.refines


@pytest.mark.parametrize("text", ["gracias, así está bien", "no lo cambies", "¿por qué es más corto?", "ok"])
def test_not_every_word_after_content_asks_for_a_change(text: str) -> None:
    assert content_request(text, after_content=True) is None


def test_a_request_stands_at_the_beginning_of_a_long_message() -> None:
    assert content_request("escribe un post. " + "x " * 5_000) is not None
    assert content_request("x " * 5_000 + "escribe un post") is None
