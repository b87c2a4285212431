"""The talk that both sides hold: six turns with a price looked up, a handoff and a state looked up."""

TURNS = (
    "Hola, buenas tardes",
    "¿Qué precio tiene el plan Pro?",
    "¿Y si pago el año entero sale mejor?",
    "¿Cómo va mi lanzamiento? Todavía no lo encuentro en Spotify",
    "De acuerdo, ¿y qué más puedo revisar yo?",
    "Listo, ya la veo. ¡Muchas gracias!",
)
PRICE_WORD, RELEASE_WORD = "precio", "lanzamiento"
"""By these the stand-in for the model tells which tool is wanted."""

ANSWER = (
    "Con mucho gusto. Acabo de revisarlo: el plan Pro incluye lanzamientos sin límite, entrega a todas las "
    "tiendas y atención en un día hábil. Si quieres, vemos juntos el siguiente paso o te explico con calma "
    "lo que necesites saber. Aquí estoy para ayudarte."
)
"""What the model always says in the end: the size of an ordinary answer."""


def turn(number: int) -> str:
    """What is said in the turn of that number, from 0: the six over and over."""
    return TURNS[number % len(TURNS)]
