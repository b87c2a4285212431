"""Does a JSON value fit a JSON schema? The part of the language that model answers need."""

from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def misfit(value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None, at: str = "answer") -> str:
    """Says in one sentence what first keeps ``value`` from fitting ``schema``; an empty text when it fits.

    Understood, as JSON Schema 2020-12 defines them: local ``$ref``, type, const, enum, anyOf, oneOf (taken
    as anyOf), allOf, properties, required, additionalProperties, items, minimum, maximum, minLength.
    Other words are passed over. ``root`` is where ``$ref`` is looked up.
    """
    root = schema if root is None else root
    if "$ref" in schema:
        return misfit(value, _resolve(schema["$ref"], root), root, at)
    if "const" in schema and value != schema["const"]:
        return f"{at} must be {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{at} must be one of {', '.join(map(repr, schema['enum']))}"
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices and all(misfit(value, choice, root, at) for choice in choices):
        return f"{at} fits none of the allowed shapes"
    for part in schema.get("allOf", ()):
        if found := misfit(value, part, root, at):
            return found
    return _type_misfit(value, schema, at) or _content_misfit(value, schema, root, at)


def _type_misfit(value: Any, schema: dict[str, Any], at: str) -> str:
    wanted = schema.get("type", [])
    names = [wanted] if isinstance(wanted, str) else wanted
    if not names or any(_is_a(value, name) for name in names):
        return ""
    return f"{at} must be of type {' or '.join(names)}"


def _is_a(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(name, (object,)))


def _content_misfit(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str) -> str:
    if isinstance(value, dict):
        return _object_misfit(value, schema, root, at)
    if isinstance(value, list):
        items = schema.get("items", {})
        return next(filter(None, (misfit(v, items, root, f"{at}[{i}]") for i, v in enumerate(value))), "")
    if isinstance(value, str):
        return f"{at} is too short" if len(value) < schema.get("minLength", 0) else ""
    if isinstance(value, int | float):
        if value < schema.get("minimum", value):
            return f"{at} must be at least {schema['minimum']}"
        if value > schema.get("maximum", value):
            return f"{at} must be at most {schema['maximum']}"
    return ""


def _object_misfit(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], at: str) -> str:
    if missing := [name for name in schema.get("required", ()) if name not in value]:
        return f"{at} lacks {', '.join(missing)}"
    properties = schema.get("properties", {})
    other = schema.get("additionalProperties", True)
    for name, item in value.items():
        part = properties.get(name, other)
        if part is False:
            return f"{at} must not hold {name}"
        if isinstance(part, dict) and (found := misfit(item, part, root, f"{at}.{name}")):
            return found
    return ""


def _resolve(reference: str, root: dict[str, Any]) -> dict[str, Any]:
    found: Any = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        found = found[step]
    return dict(found)
