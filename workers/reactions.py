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
from dispatch.services.message_notices import (
    tell_arrival_moved,
    tell_declined,
    tell_nurse_changed,
    tell_on_the_way,
    tell_replaced,
    tell_resumed,
    tell_suspended,
)
from dispatch.services.message_plans import (
    ask_companion,
    drop_called_off,
    plan_aftercare,
    plan_cancelled,
    plan_messages,
)
from dispatch.services.replies import read_texts
from dispatch.services.responses import ask_for_response
from dispatch.services.rule_tasks import mind_tasks
from dispatch.services.running import retime_day
from dispatch.services.series_changes import look_at_series
from dispatch.services.summaries import share_summary
from dispatch.services.suspension import resume_visits, suspend_visits
from dispatch.services.verification import verify_visit

REACTIONS: Reactions = {
    VisitBooked: (plan_messages, ask_companion),
    VisitAssigned: (plan_messages, ask_companion, tell_resumed, mind_tasks),
    VisitUnassigned: (look_at_all_again,),
    VisitRescheduled: (plan_messages, ask_companion, mind_tasks, look_at_all_again),
    VisitCancelled: (
        plan_cancelled,
        mind_tasks,
        look_at_all_again,
        look_at_custody,
        look_at_series,
        ask_for_response,
    ),
    VisitSuspended: (tell_suspended, mind_tasks, look_at_all_again),
    VisitProgressed: (retime_day, verify_visit, tell_on_the_way),
    VisitBroken: (
        retime_day,
        verify_visit,
        drop_called_off,
        mind_tasks,
        plan_aftercare,
        look_at_all_again,
        look_at_custody,
        look_at_series,
    ),
    VisitEnded: (
        retime_day,
        verify_visit,
        mind_tasks,
        plan_aftercare,
        share_summary,
        propose_follow_up,
        ask_for_response,
    ),
    CustodySettled: (fold_again,),
    ArrivalMoved: (tell_arrival_moved,),
    CompanionAnswered: (tell_declined, mind_tasks),
    CompanionNamed: (ask_companion, tell_replaced, mind_tasks),
    NurseChanged: (tell_nurse_changed,),
    ClearanceLost: (suspend_visits,),
    ClearanceGiven: (resume_visits,),
    TextReceived: (read_texts,),
}
