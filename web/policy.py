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

PAGES: Rows = {
    "": {"GET": ANYONE},
    "language": {"POST": ANYONE},
    # -- the patients' screens
    "book/": {"GET": PATIENT},
    # -- the nurse's
    "route/": {"GET": NURSE},
    # -- the dispatchers'
    "board/": {"GET": DESK},
    # -- the prescribers'
    "inbox/": {"GET": PRESCRIBER},
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
    "office/protocols/": {"GET": ADMINISTRATOR},
    "office/market/": {"GET": ADMINISTRATOR},
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
    "companion/<str:secret>": {"GET": LINK, "POST": LINK},
    "visits/<uuid:visit_id>": {"GET": ANYONE},
    "m/<str:secret>": {"GET": LINK},
    "summaries/<str:secret>": {"GET": LINK},
    "rooms/<uuid:key>": {"GET": ANYONE},
    "healthz": {"GET": ANYONE},
    "readyz": {"GET": ANYONE},
    "metrics": {"GET": ANYONE},
}

NOTHING_PERSONAL = frozenset({"", "account"})
"""Pages of which a look shows nobody's data, or only whoever asks to themselves."""
NEEDED_AT_THE_BED = frozenset({"route/"})
"""Pages that a nurse is shown though the audit trail cannot be written: she is with a patient."""
