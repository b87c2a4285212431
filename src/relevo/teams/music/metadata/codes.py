"""ISRC and UPC/EAN: their form, and the check digit where there is one."""

from stdnum import ean, isrc
from stdnum.exceptions import InvalidChecksum, InvalidComponent, ValidationError

from relevo.teams.music.backend.reasons import Reason

LONGEST_QUOTED = 40


def check_isrc(text: str) -> tuple[Reason, ...]:
    """Nothing for a well-formed ISRC (ISO 3901), hyphens or not; it has no check digit."""
    try:
        isrc.validate(text)
    except InvalidComponent:
        return (Reason("isrc_country", _quoted(text)),)
    except ValidationError:
        return (Reason("isrc_format", _quoted(text)),)
    return ()


def check_upc(text: str) -> tuple[Reason, ...]:
    """Nothing for a UPC-A (12 digits) or EAN-13 whose check digit is right (GS1 General Specifications)."""
    number = ean.compact(text)
    if not (number.isascii() and number.isdigit() and len(number) in (12, 13)):
        return (Reason("upc_format", _quoted(text)),)
    try:
        ean.validate(number)
    except InvalidChecksum:
        return (Reason("upc_check_digit", {**_quoted(text), "expected": ean.calc_check_digit(number[:-1])}),)
    return ()


def _quoted(text: str) -> dict[str, str]:
    return {"found": text.strip()[:LONGEST_QUOTED]}
