"""Who may open which page and send which form, by address, in one table: ``page`` guards by it.

The words are those of dispatch/domain/whose.py. An address that is not here cannot be routed, and a
method that is not in its row is not answered. Pages that are for anyone tell of nobody.
"""

from __future__ import annotations

from dispatch.domain.people import PEOPLE, Role
from dispatch.domain.whose import ANYONE, LINK, Rows, Whose, reaching

PATIENT = frozenset({Role.PATIENT})
NURSE = frozenset({Role.NURSE})
DISPATCHER = frozenset({Role.DISPATCHER})
PRESCRIBER = frozenset({Role.PRESCRIBER})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
DESK = DISPATCHER | ADMINISTRATOR
ONESELF = reaching(Whose.OWN, frozenset(PEOPLE))

WAY = "book/new/<way:chosen>/"
"""Of a booking: where, what, and whether one visit or the whole series."""

PAGES: Rows = {
    "": {"GET": ANYONE},
    "language": {"POST": ANYONE},
    # -- the patients' screens
    "book/": {"GET": PATIENT},
    "book/new/": {"GET": PATIENT, "POST": PATIENT},
    "book/new/<uuid:location_id>": {"GET": PATIENT},
    **{
        f"{WAY}{step}": dict.fromkeys(methods.split(), PATIENT)
        for step, methods in {
            "waiting": "GET POST",
            "questions": "GET",
            "questions/<int:number>": "GET POST",
            "questions/<int:number>/help": "GET",
            "outcome": "GET POST",
            "times": "GET POST",
            "held/<uuid:held_id>": "GET POST",
            "held/<uuid:held_id>/companion": "GET POST",
            "held/<uuid:held_id>/consent": "GET POST",
            "held/<uuid:held_id>/price": "GET POST",
            "done/<uuid:booked_id>": "GET",
        }.items()
    },
    "book/visits/<uuid:visit_id>": {"GET": PATIENT},
    "book/visits/<uuid:visit_id>/place": {"POST": PATIENT},
    "book/visits/<uuid:visit_id>/price": {"POST": PATIENT},
    "book/visits/<uuid:visit_id>/companion": {"GET": PATIENT, "POST": PATIENT},
    "book/visits/<uuid:visit_id>/questions": {"GET": PATIENT, "POST": PATIENT},
    "book/visits/<uuid:visit_id>/consent": {"GET": PATIENT, "POST": PATIENT},
    "book/visits/<uuid:visit_id>/symptom": {"GET": PATIENT, "POST": PATIENT},
    "book/visits/<uuid:visit_id>/told": {"GET": PATIENT},
    "book/visits/<uuid:visit_id>/help": {"GET": PATIENT},
    "book/visits/<uuid:visit_id>/change": {"GET": PATIENT, "POST": PATIENT},
    "book/visits/<uuid:visit_id>/cancel": {"GET": PATIENT, "POST": PATIENT},
    "book/series/<uuid:series_id>": {"GET": PATIENT},
    "book/series/<uuid:series_id>/cancel": {"GET": PATIENT, "POST": PATIENT},
    "book/contact": {"GET": PATIENT, "POST": PATIENT},
    "book/contact/agree": {"POST": PATIENT},
    "book/contact/companions": {"POST": PATIENT},
    "book/contact/consents/<uuid:consent_id>/withdraw": {"POST": PATIENT},
    # -- the nurse's
    "route/": {"GET": NURSE},
    "route/kit": {"POST": NURSE},
    "route/visits/<uuid:visit_id>": {"GET": NURSE},
    "route/visits/<uuid:visit_id>/before": {"POST": NURSE},
    "route/end": {"GET": NURSE},
    "route/end/<uuid:entry_id>/sign": {"POST": NURSE},
    "route/keep.json": {"GET": NURSE},
    "route/unkept": {"GET": NURSE},
    "route/worker.js": {"GET": ANYONE},
    "route/manifest.webmanifest": {"GET": ANYONE},
    # -- the dispatchers'
    "board/": {"GET": DESK},
    "board/day": {"GET": DESK},
    "board/visits/<uuid:visit_id>": {"GET": DESK},
    "board/visits/<uuid:visit_id>/candidates": {"GET": DISPATCHER},
    "board/visits/<uuid:visit_id>/agreement": {"GET": DISPATCHER},
    "board/visits/<uuid:visit_id>/assign": {"POST": DISPATCHER},
    "board/visits/<uuid:visit_id>/cancel": {"POST": DISPATCHER},
    "board/visits/<uuid:visit_id>/gates/<str:gate>/override": {"POST": DISPATCHER},
    "board/visits/<uuid:visit_id>/gates/<str:gate>/close": {"POST": DISPATCHER},
    "board/messages/<uuid:message_id>/again": {"POST": DISPATCHER},
    "board/undo": {"GET": DESK, "POST": DISPATCHER},
    "board/map": {"GET": DESK},
    "board/planning/<str:kind>": {"GET": DISPATCHER},
    "board/plans": {"POST": DISPATCHER},
    "board/repairs": {"POST": DISPATCHER},
    "board/absences": {"POST": DISPATCHER},
    "board/jobs/<str:cause>/<uuid:job_id>": {"GET": DISPATCHER},
    "board/jobs/<str:cause>/<uuid:job_id>/stop": {"POST": DISPATCHER},
    "board/jobs/<str:cause>/<uuid:job_id>/accept": {"POST": DISPATCHER},
    "board/jobs/<str:cause>/<uuid:job_id>/undo": {"POST": DISPATCHER},
    "messages/": {"GET": DESK},
    "messages/kinds": {"GET": DESK},
    "messages/<uuid:message_id>": {"GET": DISPATCHER},
    "messages/<uuid:message_id>/again": {"POST": DISPATCHER},
    # -- the prescribers'
    "inbox/": {"GET": reaching(Whose.ROLE, PRESCRIBER)},
    "tasks/": {"GET": reaching(Whose.ROLE, DISPATCHER)},
    "tasks/<uuid:task_id>/done": {"POST": reaching(Whose.ROLE, PRESCRIBER | DISPATCHER)},
    "inbox/patients": {"GET": PRESCRIBER, "POST": PRESCRIBER},
    "inbox/patients/<uuid:patient_id>": {"GET": PRESCRIBER},
    "inbox/patients/<uuid:patient_id>/orders": {"POST": PRESCRIBER},
    "inbox/patients/<uuid:patient_id>/responses": {"POST": PRESCRIBER},
    "inbox/orders/<uuid:order_id>/confirm": {"POST": PRESCRIBER},
    "inbox/orders/<uuid:order_id>/withdraw": {"POST": PRESCRIBER},
    "inbox/series/<uuid:series_id>/resume": {"POST": PRESCRIBER},
    "inbox/screenings/<uuid:screening_id>": {"GET": PRESCRIBER},
    "inbox/screenings/<uuid:screening_id>/clear": {"POST": PRESCRIBER},
    "inbox/screenings/<uuid:screening_id>/medication": {"POST": PRESCRIBER},
    # -- the administrators'
    "office/": {"GET": ADMINISTRATOR},
    "office/nurses/new": {"GET": ADMINISTRATOR, "POST": ADMINISTRATOR},
    "office/nurses/<uuid:nurse_id>": {"GET": ADMINISTRATOR, "POST": ADMINISTRATOR},
    "office/nurses/<uuid:nurse_id>/close": {"POST": ADMINISTRATOR},
    "office/nurses/<uuid:nurse_id>/open": {"POST": ADMINISTRATOR},
    "office/nurses/<uuid:nurse_id>/licences": {"POST": ADMINISTRATOR},
    "office/nurses/<uuid:nurse_id>/certificates": {"POST": ADMINISTRATOR},
    "office/<uuid:nurse_id>/<str:kind>/<uuid:row_id>/renew": {"POST": ADMINISTRATOR},
    "office/<uuid:nurse_id>/<str:kind>/<uuid:row_id>/end": {"POST": ADMINISTRATOR},
    "office/shifts/": {"GET": ADMINISTRATOR, "POST": ADMINISTRATOR},
    "office/shifts/<uuid:shift_id>/remove": {"POST": ADMINISTRATOR},
    "office/nurses/<uuid:nurse_id>/week": {"GET": ADMINISTRATOR, "POST": ADMINISTRATOR},
    "office/nurses/<uuid:nurse_id>/week/<uuid:rule_id>/end": {"POST": ADMINISTRATOR},
    "office/nurses/<uuid:nurse_id>/days": {"POST": ADMINISTRATOR},
    "office/nurses/<uuid:nurse_id>/days/<uuid:exception_id>/undo": {"POST": ADMINISTRATOR},
    "office/accounts/": {"GET": ADMINISTRATOR},
    "office/accounts/new": {"GET": ADMINISTRATOR, "POST": ADMINISTRATOR},
    "office/accounts/<uuid:user_id>": {"GET": ADMINISTRATOR},
    "office/accounts/<uuid:user_id>/link": {"POST": ADMINISTRATOR},
    "office/accounts/<uuid:user_id>/second-factor": {"POST": ADMINISTRATOR},
    "office/accounts/<uuid:user_id>/sign-ins": {"POST": ADMINISTRATOR},
    "office/accounts/<uuid:user_id>/close": {"POST": ADMINISTRATOR},
    "office/accounts/<uuid:user_id>/open": {"POST": ADMINISTRATOR},
    "office/protocols/": {"GET": ADMINISTRATOR},
    "office/market/": {"GET": ADMINISTRATOR, "POST": ADMINISTRATOR},
    # -- signing in, and one's account
    "sign-in": {"GET": ANYONE, "POST": ANYONE},
    "sign-in/code": {"GET": ANYONE, "POST": ANYONE},
    "sign-in/passkey": {"GET": ANYONE, "POST": ANYONE},
    "sign-in/provider": {"POST": ANYONE},
    "sign-in/provider/back": {"GET": ANYONE},
    "sign-in/closed": {"GET": ANYONE},
    "sign-out": {"GET": ANYONE, "POST": ANYONE},
    "account": {"GET": ONESELF},
    "account/again": {"GET": ONESELF, "POST": ONESELF},
    "account/again/code": {"GET": ONESELF, "POST": ONESELF},
    "account/again/passkey": {"GET": ONESELF, "POST": ONESELF},
    "account/password": {"GET": ONESELF, "POST": ONESELF},
    "account/session/<uuid:row_id>/end": {"POST": ONESELF},
    "account/sign-in/<uuid:row_id>/end": {"POST": ONESELF},
    "account/second-factor": {"GET": ANYONE},
    "account/second-factor/generator": {"GET": ONESELF, "POST": ONESELF},
    "account/second-factor/generator/remove": {"GET": ONESELF, "POST": ONESELF},
    "account/second-factor/codes": {"GET": ONESELF},
    "account/second-factor/codes/new": {"GET": ONESELF, "POST": ONESELF},
    "account/second-factor/passkeys": {"GET": ANYONE},
    "account/second-factor/passkeys/add": {"GET": ONESELF, "POST": ONESELF},
    "account/second-factor/passkeys/<int:pk>/remove": {"GET": ONESELF, "POST": ONESELF},
    "invitation/<str:secret>": {"GET": LINK, "POST": LINK},
    "companion/<str:secret>": {"GET": LINK, "POST": LINK},
    "visits/<uuid:visit_id>": {"GET": ANYONE},
    "m/<str:secret>": {"GET": LINK},
    "summaries/<str:secret>": {"GET": LINK},
    "rooms/<uuid:key>": {"GET": ANYONE},
    "map/places.json": {"GET": ANYONE},
    "map/area.json": {"GET": ANYONE},
    "healthz": {"GET": ANYONE},
    "readyz": {"GET": ANYONE},
    "metrics": {"GET": ANYONE},
}

NOTHING_PERSONAL = frozenset(
    {"", "account", "board/undo", "messages/kinds", "route/keep.json", "route/unkept"}
)
"""Pages of which a look shows nobody's data, or only whoever asks to themselves."""
NEEDED_AT_THE_BED = frozenset({"route/", "route/visits/<uuid:visit_id>"})
"""Pages that a nurse is shown though the audit trail cannot be written: she is with a patient."""
