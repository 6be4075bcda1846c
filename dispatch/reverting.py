"""Routes as they stood before a proposal: put back on locked shifts, with the times they had.

Beside ``schedule`` the only code that writes reservations; ``schedule.settle`` must follow. Routes
that the nurse can still drive are timed by ``schedule.rearrange`` again, so that every rule holds.
Only where she is away do her stops come back as they were: outside her hours, for a repair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F

from dispatch import schedule, supervising
from dispatch.models import Reservation, Shift
from dispatch.selectors.claims import Claim
from dispatch.selectors.standing import Stood, is_outside


def put_back(
    shift_ids: Iterable[UUID],
    stops: Sequence[Stood],
    claims: Mapping[UUID, Claim],
    *,
    market_id: UUID,
    now: datetime,
) -> frozenset[UUID]:
    """Have exactly these stops on the locked shifts; return the shifts whose nurse is away.

    ``claims`` are of the visits whose reservations were given back meanwhile, by the ids of these.
    What else stands there must have been let go of. Raises ``RouteBroken`` where a route can no
    longer be driven: roll back to a savepoint then; Conflict ``slot_taken`` where what comes back
    cannot be supervised any more.
    """
    shifts = {one.id: one for one in Shift.objects.filter(id__in=shift_ids)}
    there = Reservation.objects.filter(shift_id__in=shifts)
    there.exclude(id__in=[one.id for one in stops]).delete()
    left = set(there.values_list("id", flat=True))
    gone = {reservation: claim for reservation, claim in claims.items() if reservation not in left}
    supervising.check(gone.values(), market_id, now)
    away = frozenset(one.shift for one in stops if is_outside(one, shifts[one.shift]))
    for one in stops:
        row = {"shift_id": one.shift, "nurse_id": one.nurse, **one.times}
        if one.id in left:
            Reservation.objects.filter(id=one.id).update(**row)
        elif one.shift in away:
            Reservation.objects.create(
                id=one.id, market_id=market_id, patient_id=one.patient, **row
            )
    orders = defaultdict[UUID, list[UUID]](list)
    for one in stops:
        orders[one.shift].append(one.id)
    new = {one.id: gone[one.id] for one in stops if one.id in gone and one.shift not in away}
    schedule.rearrange({one: orders[one] for one in shifts if one not in away}, new=new, now=now)
    Shift.objects.filter(id__in=away).update(version=F("version") + 1)
    return away
