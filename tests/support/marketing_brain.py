"""A scripted model for the marketing team: answers by what it is asked for, and from the data it is given."""

from typing import Any

import orjson
from tests.support.model_protocol import Outcome


def purpose_of(body: dict[str, Any]) -> str:
    """What a request asks for: persona, forum, pain_points, journey, summary, content; else ``text``."""
    shape = body.get("response_format") or {}
    return str(shape.get("json_schema", {}).get("name", "text"))


def data_of(body: dict[str, Any]) -> dict[str, Any]:
    """The data of a request, out of its fence."""
    text = body["messages"][-1]["content"].removeprefix("<data>").removesuffix("</data>")
    found: dict[str, Any] = orjson.loads(text.replace("<\\/data", "</data"))
    return found


def keys_of(data: dict[str, Any]) -> list[str]:
    return [each["key"] for category in data["categories"] for each in category["questions"]]


def persona_answer(key: str, data: dict[str, Any]) -> dict[str, Any]:
    """Every third answer quotes a source, every fifth one lies about it, the others are inferred."""
    number = keys_of(data).index(key)
    answer: dict[str, Any] = {"key": key, "text": f"Respuesta sobre {key}", "basis": "inferred", "quotes": []}
    if key == "nombre":
        answer["text"] = "Lucía"
    elif number % 3 == 0 and data["sources"]:
        source = data["sources"][number % len(data["sources"])]
        words = source["text"].split()[:6]
        answer |= {"basis": "documents", "quotes": [{"text": " ".join(words), "source": source["source"]}]}
    elif number % 5 == 0:
        lie = {"text": "esto no lo dice ningún documento", "source": 1}
        answer |= {"basis": "documents", "quotes": [lie]}
    return answer


def persona(data: dict[str, Any], leave_out: tuple[str, ...] = ()) -> str:
    answers = [persona_answer(key, data) for key in keys_of(data) if key not in leave_out]
    return orjson.dumps({"answers": answers}).decode()


def forum(posts: int = 12, praising: int = 2) -> str:
    return orjson.dumps(
        {
            "title": "Balcones que se mueren",
            "posts": [
                {
                    "author": "Lucía" if number % 2 else "Hannah",
                    "text": f"Otra vez se me secó todo, van {number}.",
                    "wish": f"Que alguien me avise a tiempo ({number}).",
                    "praises": number <= praising,
                }
                for number in range(1, posts + 1)
            ],
        }
    ).decode()


def pain_points(points: int = 10) -> str:
    return orjson.dumps(
        {
            "points": [
                {
                    "title": f"Dolor {number}",
                    "detail": "Se le seca en agosto.",
                    "severity": 11 - number if number <= 10 else 1,
                    "answers": ["dolor", "no_such_key"],
                    "posts": [1, 99],
                }
                for number in range(1, points + 1)
            ]
        }
    ).decode()


def journey(each: int = 10) -> str:
    return orjson.dumps(
        {
            "phases": [
                {
                    "name": name,
                    "searches": [f"{name} búsqueda {number}" for number in range(each)],
                    "questions": [f"¿{name} pregunta {number}?" for number in range(each)],
                    "formats": ["post", "video"],
                    "why_formats": "Porque mira el móvil de noche.",
                }
                for name in ("awareness", "consideration", "purchase")
            ]
        }
    ).decode()


def content(text: str = "Texto pedido.") -> str:
    return orjson.dumps(
        {
            "title": "Agosto sin lechugas secas",
            "pieces": [{"title": "1", "text": text}],
            "answers": ["dolor", "no_such_key"],
            "pain_points": [1, 77],
            "searches": [],
            "sources": [1, 999],
        }
    ).decode()


def summary(data: dict[str, Any]) -> str:
    return orjson.dumps(
        {
            "documents": [
                {"document": each["document"], "summary": "Habla de balcones."} for each in data["documents"]
            ]
        }
    ).decode()


def answer(body: dict[str, Any]) -> Outcome:
    """What a well-behaved model answers."""
    match purpose_of(body):
        case "persona":
            return persona(data_of(body))
        case "forum":
            return forum()
        case "pain_points":
            return pain_points()
        case "journey":
            return journey()
        case "content":
            return content()
        case "summary":
            return summary(data_of(body))
    return "Claro."
