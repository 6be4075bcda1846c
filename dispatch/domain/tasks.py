"""What people have to do: each kind of task, who it is for, and whether it can wait."""

from __future__ import annotations

from enum import StrEnum

from dispatch.domain.people import Role


class TaskKind(StrEnum):
    """One kind for one reason; the row a task is about is named by its ``subject_id``."""

    RED_FLAG = "red_flag"
    REVIEW_SCREENING = "review_screening"
    AGREE_MEDICATION = "agree_medication"
    VISIT_SUSPENDED = "visit_suspended"
    RECORD_RESPONSE = "record_response"
    CONFIRM_ORDER = "confirm_order"
    CONFIRM_ORDER_AS_NURSE = "confirm_order_as_nurse"
    SERIES_NOT_REPLANNED = "series_not_replanned"
    SERIES_PAUSED = "series_paused"
    ADVERSE_EVENT = "adverse_event"
    SYMPTOM_REPORTED = "symptom_reported"
    RECORD_CONTRADICTS = "record_contradicts"
    CUSTODY_OPEN = "custody_open"
    ARRANGE_FOLLOW_UP = "arrange_follow_up"
    ROOM_MISSING = "room_missing"
    COMPANION_UNCONFIRMED = "companion_unconfirmed"
    VISIT_ON_HOLD = "visit_on_hold"
    MESSAGE_UNDELIVERED = "message_undelivered"
    READ_REPLY = "read_reply"
    WEBHOOK_OFF = "webhook_off"
    REVIEW_BROKEN_GLASS = "review_broken_glass"
    GLASS_BROKEN = "glass_broken"
    WAITING_FOR_SERVICE = "waiting_for_service"


FOR: dict[TaskKind, Role] = {
    TaskKind.RED_FLAG: Role.PRESCRIBER,
    TaskKind.REVIEW_SCREENING: Role.PRESCRIBER,
    TaskKind.AGREE_MEDICATION: Role.PRESCRIBER,
    TaskKind.VISIT_SUSPENDED: Role.DISPATCHER,
    TaskKind.RECORD_RESPONSE: Role.PRESCRIBER,
    TaskKind.CONFIRM_ORDER: Role.PRESCRIBER,
    TaskKind.CONFIRM_ORDER_AS_NURSE: Role.NURSE,
    TaskKind.SERIES_NOT_REPLANNED: Role.DISPATCHER,
    TaskKind.SERIES_PAUSED: Role.PRESCRIBER,
    TaskKind.ADVERSE_EVENT: Role.PRESCRIBER,
    TaskKind.SYMPTOM_REPORTED: Role.PRESCRIBER,
    TaskKind.RECORD_CONTRADICTS: Role.DISPATCHER,
    TaskKind.CUSTODY_OPEN: Role.DISPATCHER,
    TaskKind.ARRANGE_FOLLOW_UP: Role.DISPATCHER,
    TaskKind.ROOM_MISSING: Role.DISPATCHER,
    TaskKind.COMPANION_UNCONFIRMED: Role.DISPATCHER,
    TaskKind.VISIT_ON_HOLD: Role.DISPATCHER,
    TaskKind.MESSAGE_UNDELIVERED: Role.DISPATCHER,
    TaskKind.READ_REPLY: Role.DISPATCHER,
    TaskKind.WEBHOOK_OFF: Role.ADMINISTRATOR,
    TaskKind.REVIEW_BROKEN_GLASS: Role.ADMINISTRATOR,
    TaskKind.GLASS_BROKEN: Role.PRESCRIBER,
    TaskKind.WAITING_FOR_SERVICE: Role.DISPATCHER,
}
"""Whose list a task stands on."""

URGENT = frozenset(
    {
        TaskKind.RED_FLAG,
        TaskKind.ADVERSE_EVENT,
        TaskKind.CUSTODY_OPEN,
        TaskKind.VISIT_ON_HOLD,
        TaskKind.MESSAGE_UNDELIVERED,
        TaskKind.REVIEW_BROKEN_GLASS,
        TaskKind.GLASS_BROKEN,
    }
)
"""What cannot wait for the next time somebody looks."""

TOLD_BY_PATIENTS = frozenset({TaskKind.RED_FLAG, TaskKind.SYMPTOM_REPORTED})
"""Kinds whose ``reason`` is what a patient told of themselves: part of the record."""

ENDS_BY_ITS_DEED = frozenset(
    {
        TaskKind.REVIEW_SCREENING,
        TaskKind.AGREE_MEDICATION,
        TaskKind.RECORD_RESPONSE,
        TaskKind.CONFIRM_ORDER,
        TaskKind.CONFIRM_ORDER_AS_NURSE,
        TaskKind.CUSTODY_OPEN,
        TaskKind.ROOM_MISSING,
        TaskKind.COMPANION_UNCONFIRMED,
        TaskKind.VISIT_ON_HOLD,
        TaskKind.REVIEW_BROKEN_GLASS,
    }
)
"""Kinds that end when what they ask for is done elsewhere; nobody ticks them off."""
