"""What follows from each event. A reaction only writes rows; workers act on the rows."""

from dispatch.domain.events import (
    CompanionNamed,
    VisitAssigned,
    VisitBooked,
    VisitBroken,
    VisitCancelled,
    VisitRescheduled,
)
from dispatch.outbox import Reactions
from dispatch.services.assignment import look_at_all_again
from dispatch.services.message_plans import (
    ask_companion,
    drop_called_off,
    plan_booked,
    plan_cancelled,
    plan_moved,
)

REACTIONS: Reactions = {
    VisitBooked: (plan_booked, ask_companion),
    VisitAssigned: (plan_booked, ask_companion),
    VisitRescheduled: (plan_moved, look_at_all_again),
    VisitCancelled: (plan_cancelled, look_at_all_again),
    VisitBroken: (drop_called_off, look_at_all_again),
    CompanionNamed: (ask_companion,),
}
