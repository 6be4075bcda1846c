"""What follows from each event. A reaction only writes rows; workers act on the rows."""

from dispatch.domain.events import (
    ClearanceGiven,
    ClearanceLost,
    CompanionAnswered,
    CompanionNamed,
    NurseChanged,
    VisitAssigned,
    VisitBooked,
    VisitBroken,
    VisitCancelled,
    VisitEnded,
    VisitRescheduled,
    VisitSuspended,
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
    tell_declined,
    tell_nurse_changed,
)
from dispatch.services.suspension import resume_visits, suspend_visits

REACTIONS: Reactions = {
    VisitBooked: (plan_messages, ask_companion),
    VisitAssigned: (plan_messages, ask_companion),
    VisitUnassigned: (look_at_all_again,),
    VisitRescheduled: (plan_messages, ask_companion, look_at_all_again),
    VisitCancelled: (plan_cancelled, look_at_all_again),
    VisitSuspended: (look_at_all_again,),
    VisitBroken: (drop_called_off, plan_aftercare, look_at_all_again),
    VisitEnded: (plan_aftercare,),
    CompanionAnswered: (tell_declined,),
    CompanionNamed: (ask_companion,),
    NurseChanged: (tell_nurse_changed,),
    ClearanceLost: (suspend_visits,),
    ClearanceGiven: (resume_visits,),
}
