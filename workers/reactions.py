"""What follows from each event. A reaction only writes rows; workers act on the rows."""

from dispatch.domain.events import (
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
from dispatch.services.consults import propose_follow_up
from dispatch.services.message_plans import (
    ask_companion,
    drop_called_off,
    plan_aftercare,
    plan_cancelled,
    plan_messages,
    tell_declined,
    tell_nurse_changed,
)
from dispatch.services.summaries import share_summary
from dispatch.services.verification import verify_visit

REACTIONS: Reactions = {
    VisitBooked: (plan_messages, ask_companion),
    VisitAssigned: (plan_messages, ask_companion),
    VisitUnassigned: (look_at_all_again,),
    VisitRescheduled: (plan_messages, ask_companion, look_at_all_again),
    VisitCancelled: (plan_cancelled, look_at_all_again),
    VisitProgressed: (verify_visit,),
    VisitBroken: (verify_visit, drop_called_off, plan_aftercare, look_at_all_again),
    VisitEnded: (verify_visit, plan_aftercare, share_summary, propose_follow_up),
    CompanionAnswered: (tell_declined,),
    CompanionNamed: (ask_companion,),
    NurseChanged: (tell_nurse_changed,),
}
