"""Phone numbers as identities: E.164, whether or not the mobile digit is written."""

import re

_MOBILE = re.compile(r"\+(52)(1)?(\d{10})|\+(54)(9)?(\d{10})")


def spellings(phone: str) -> list[str]:
    """The E.164 numbers that ``phone`` may be stored as, itself first; empty when it is not one.

    WhatsApp writes Mexican mobiles with a 1 after +52 and Argentine ones with a 9 after +54, people often
    do not, and both reach the same telephone.
    """
    number = re.sub(r"[\s().-]", "", phone)
    if not re.fullmatch(r"\+[0-9]{7,15}", number):
        return []
    found = _MOBILE.fullmatch(number)
    if found is None:
        return [number]
    country, mobile, rest = (found[1], found[2], found[3]) if found[1] else (found[4], found[5], found[6])
    digit = "1" if country == "52" else "9"
    return [number, f"+{country}{rest}" if mobile else f"+{country}{digit}{rest}"]
