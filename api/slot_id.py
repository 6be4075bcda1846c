"""A slot's id: everything that was offered, signed, so that nothing is stored until it is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core import signing

from dispatch.domain.clock import instant, seconds
from dispatch.domain.errors import Conflict, Invalid
from dispatch.planning.making_room import Way
from dispatch.selectors.slots import Witnessed

SALT = "slot"
GOOD_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Offered:
    """A slot for a treatment at a place; ``asked_nurse`` where the patient asked for one."""

    slot: Witnessed
    location_id: UUID
    protocol_id: UUID
    asked_nurse_id: UUID | None


def slot_id(offered: Offered) -> str:
    slot = offered.slot
    return signing.dumps(
        [
            seconds(slot.start),
            seconds(slot.window_end),
            slot.shift_id.hex,
            offered.location_id.hex,
            offered.protocol_id.hex,
            _hex(offered.asked_nurse_id),
            *([] if slot.way is None else [_hex(slot.way.stop), _hex(slot.way.to)]),
        ],
        salt=SALT,
    )


def offered_as(text: str) -> Offered:
    """Read a slot's id. Invalid where it is not one of ours, Conflict ``slot_taken`` when old."""
    try:
        start, end, shift, location, protocol, asked, *way = signing.loads(
            text, salt=SALT, max_age=GOOD_FOR
        )
    except signing.SignatureExpired as fault:
        raise Conflict("slot_taken", "The slot was offered too long ago; ask again.") from fault
    except signing.BadSignature as fault:
        raise Invalid({"slot": "This is no slot of ours."}) from fault
    made = Way(*map(_uuid, way)) if way else None
    slot = Witnessed(instant(start), instant(end), UUID(shift), way=made)
    return Offered(slot, UUID(location), UUID(protocol), _uuid(asked))


def _hex(one: UUID | None) -> str | None:
    return None if one is None else one.hex


def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
