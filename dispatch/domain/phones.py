"""Phone numbers as they are kept and compared: in E.164, American where no country is named."""

from __future__ import annotations

import phonenumbers

REGION = "US"


def in_e164(text: str) -> str | None:
    """Return the number, or None where the text is none that can be called."""
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def numbers_in(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return every valid phone number in running text: where it begins and ends, and itself."""
    found = phonenumbers.PhoneNumberMatcher(text, REGION)
    form = phonenumbers.PhoneNumberFormat.E164
    return tuple(
        (one.start, one.end, phonenumbers.format_number(one.number, form)) for one in found
    )
