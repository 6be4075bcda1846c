"""What follows from each event. A reaction only writes rows; workers act on the rows.

``retime_day`` locks shifts, and so goes before those that lock the visit.
"""

from dispatch.domain.events import (
    ArrivalMoved,
    ClearanceGiven,
    ClearanceLost,
    CompanionAnswered,
    CompanionNamed,
    CustodySettled,
    NurseChanged,
    TextReceived,
    VisitAssigned,
    VisitBooked,
    VisitBroken,
    VisitCancelled,
    VisitEnded,
    VisitProgressed,
    VisitRescheduled,
    VisitSuspended,
    VisitUnassigned,
)
from dispatch.outbox import Reactions
from dispatch.services.assignment import look_at_all_again
from dispatch.services.consults import propose_follow_up
from dispatch.services.custody import look_at_custody
from dispatch.services.fieldwork import fold_again
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
from dispatch.services.replies import read_texts
from dispatch.services.responses import ask_for_response
from dispatch.services.running import retime_day
from dispatch.services.series_changes import look_at_series
from dispatch.services.summaries import share_summary
from dispatch.services.suspension import resume_visits, suspend_visits
from dispatch.services.verification import verify_visit

REACTIONS: Reactions = {
    VisitBooked: (plan_messages, ask_companion),
    VisitAssigned: (plan_messages, ask_companion),
    VisitUnassigned: (look_at_all_again,),
    VisitRescheduled: (plan_messages, ask_companion, look_at_all_again),
    VisitCancelled: (
        plan_cancelled,
        look_at_all_again,
        look_at_custody,
        look_at_series,
        ask_for_response,
    ),
    VisitSuspended: (look_at_all_again,),
    VisitProgressed: (retime_day, verify_visit),
    VisitBroken: (
        retime_day,
        verify_visit,
        drop_called_off,
        plan_aftercare,
        look_at_all_again,
        look_at_custody,
        look_at_series,
    ),
    VisitEnded: (
        retime_day,
        verify_visit,
        plan_aftercare,
        share_summary,
        propose_follow_up,
        ask_for_response,
    ),
    CustodySettled: (fold_again,),
    ArrivalMoved: (tell_arrival_moved,),
    CompanionAnswered: (tell_declined,),
    CompanionNamed: (ask_companion,),
    NurseChanged: (tell_nurse_changed,),
    ClearanceLost: (suspend_visits,),
    ClearanceGiven: (resume_visits,),
    TextReceived: (read_texts,),
}
