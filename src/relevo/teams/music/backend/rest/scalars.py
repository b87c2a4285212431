"""What single values of the API's answers look like: amounts as text, codes, words that can be shown."""

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from relevo.teams.music.backend.reasons import known_reasons

MOST_RELEASES = 1_000
MOST_TRACKS = 5_000
MOST_ROWS = 1_000

_AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,8})?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _amount(value: Any) -> Decimal:
    """A JSON number is refused: on its way through floating point it may have become another."""
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or _AMOUNT.fullmatch(value) is None:
        raise ValueError("amounts are decimal text such as 182.40")
    return Decimal(value)


def _shown(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("control characters")
    return value


def _known(code: str) -> str:
    if code not in known_reasons():
        raise ValueError(f"not a reason of the contract: {code}")
    return code


AMOUNT = {
    "type": "string",
    "pattern": f"^{_AMOUNT.pattern}$",
    "examples": ["182.40", "0.00345678"],
}

Amount = Annotated[
    Decimal,
    BeforeValidator(_amount),
    PlainSerializer(lambda value: f"{value:f}", when_used="json"),
    WithJsonSchema(AMOUNT),
]
"""Plain decimal text, at most 13 digits and 8 decimals, possibly negative (a correction)."""
NoLess = Annotated[Amount, Field(ge=0), WithJsonSchema(AMOUNT | {"description": "never negative"})]
"""Never negative."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_shown)]
Ref = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_shown)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Period = Annotated[str, StringConstraints(pattern=r"^[12][0-9]{3}(-Q[1-4]|-(0[1-9]|1[0-2]))$")]
Count = Annotated[int, Field(ge=-(10**12), le=10**12)]
"""Units; corrections are negative."""
Values = Annotated[dict[Ref, Annotated[str, StringConstraints(max_length=300)]], Field(max_length=20)]
Code = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": sorted(known_reasons())})
]
"""A reason of data/reasons.toml."""
Label = Annotated[str, StringConstraints(max_length=300), AfterValidator(_shown)]
"""Like Text, and may be empty."""
Phone = Annotated[str, StringConstraints(pattern=r"^\+[0-9]{7,15}$")]
Isrc = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$")]
MoreThanNothing = Annotated[Amount, Field(gt=0), WithJsonSchema(AMOUNT | {"description": "more than zero"})]
