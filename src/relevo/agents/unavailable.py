"""What a person is told when a system that the team asks gives no answer, or none that can be used.

```
ToolError
├── Unavailable       a look-up failed: nothing is told from it
│   ├── NotDone       an effect failed, and surely nothing was done
│   └── Unclear       an effect was asked for, and it is not known whether it was done
└── StillUnclear      the same is asked for again, before a person has found out
```
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from relevo.agents.tool import ToolError


class Unavailable(ToolError):
    """``why`` is for the log, never for the person."""

    kind: ClassVar[str] = "unavailable"
    said: ClassVar[Mapping[str, str]] = {
        "es": "Ahora mismo no puedo consultar el sistema donde están esos datos, y no te digo nada que no "
        "pueda comprobar. Inténtalo en unos minutos; si te urge, escribe «una persona».",
        "en": "Right now I can't reach the system that holds this information, and I won't tell you anything "
        "I can't check. Try again in a few minutes; if it is urgent, write “a person”.",
    }
    more: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, why: str = "") -> None:
        super().__init__(self.kind, self.said, **self.more)
        self.why = why

    def __str__(self) -> str:
        return self.why or self.kind


class NotDone(Unavailable):
    """Nothing was done, and asking again later is safe."""

    kind = "not_done"
    said: ClassVar[Mapping[str, str]] = {
        "es": "No pude hacerlo: el sistema donde se hace no está disponible ahora, y no se cambió nada. "
        "Pídemelo de nuevo en unos minutos; si te urge, escribe «una persona».",
        "en": "I couldn't do it: the system where it is done is not available right now, and nothing was "
        "changed. Ask me again in a few minutes; if it is urgent, write “a person”.",
    }


class Unclear(Unavailable):
    """Nobody knows whether it was done; a person is fetched who looks."""

    kind = "unclear"
    said: ClassVar[Mapping[str, str]] = {
        "es": "Lo pedí, pero el sistema no me confirmó si quedó hecho: puede que sí y puede que no. Por "
        "favor no lo pidas otra vez: una persona del equipo lo comprueba.",
        "en": "I asked for it, but the system did not confirm whether it was done: it may or may not have "
        "been. Please don't ask for it again: a person on the team checks it.",
    }
    more: ClassVar[Mapping[str, Any]] = {"person": True}


class StillUnclear(ToolError):
    def __init__(self) -> None:
        super().__init__(
            "still_unclear",
            {
                "es": "Eso ya lo pedí y una persona del equipo está comprobando si quedó hecho. Para que no "
                "se haga dos veces, no lo pido de nuevo hasta que lo sepamos.",
                "en": "I have asked for that already, and a person on the team is checking whether it was "
                "done. So that it isn't done twice, I won't ask again until we know.",
            },
        )
