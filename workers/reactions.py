"""What follows from each event. A reaction only writes rows; workers act on the rows.

``retime_day`` locks shifts, and so goes before those that lock the visit.
"""

from dispatch.domain.events import (
    ArrivalMoved,
    CompanionAnswered,
    CompanionNamed,
    NurseChanged,
    VisitAssigned,
    VisitBooked,
    VisitBroken,
    VisitCancelled,
    VisitEnded,
    VisitProgressed,
    VisitRescheduled,
    VisitUnassigned,
)
from dispatch.outbox import Reactions
from dispatch.services.assignment import look_at_all_again
from dispatch.services.message_plans import (
    ask_companion,
    drop_called_off,
    plan_aftercare,
    plan_cancelled,
    plan_messages,
    tell_arrival_moved,
    tell_declined,
    tell_nurse_changed,
)
from dispatch.services.running import retime_day

REACTIONS: Reactions = {
    VisitBooked: (plan_messages, ask_companion),
    VisitAssigned: (plan_messages, ask_companion),
    VisitUnassigned: (look_at_all_again,),
    VisitRescheduled: (plan_messages, ask_companion, look_at_all_again),
    VisitCancelled: (plan_cancelled, look_at_all_again),
    VisitBroken: (retime_day, drop_called_off, plan_aftercare, look_at_all_again),
    VisitProgressed: (retime_day,),
    VisitEnded: (retime_day, plan_aftercare),
    ArrivalMoved: (tell_arrival_moved,),
    CompanionAnswered: (tell_declined,),
    CompanionNamed: (ask_companion,),
    NurseChanged: (tell_nurse_changed,),
}
