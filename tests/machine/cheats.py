"""Raw SQL with which somebody might cheat, by what it is to bring about; none of it may succeed.

Each is tried under the application's role. ``%(visit)s`` is the visit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

WRITTEN_ONCE = [
    "answer", "screening", "medication_agreement", "field_event", "custody_entry",
    "custody_signature", "vial", "gate_override", "gate_override_end", "home_check", "kit_check",
    "price_shown", "visit_verification", "verification_correction", "audit_entry", "audit_seal",
    "audit_check", "sign_off",
    "response", "score",
]  # fmt: skip
NEVER_GONE = ["visit", "consent", "clearance", "clinical_order", "assignment", "protocol",
              "questionnaire", "series"]  # fmt: skip

CHANGES = {
    f"{verb} {table}": f"{verb} {rest.format(table)}"
    for table in WRITTEN_ONCE
    for verb, rest in (
        ("UPDATE", "{} SET id = id"), ("DELETE", "FROM {}"), ("TRUNCATE", "{} CASCADE")
    )
} | {
    f"{verb} {table}": f"{verb} {rest.format(table)}"
    for table in NEVER_GONE
    for verb, rest in (("DELETE", "FROM {}"), ("TRUNCATE", "{} CASCADE"))
}  # fmt: skip
"""What was written down is neither changed nor taken away."""

_OF_PATIENT = "patient_id = (SELECT patient_id FROM visit WHERE id = %(visit)s)"
PAPERS = {
    "consent to another text": f"UPDATE consent SET text_sha256 = 'x' WHERE {_OF_PATIENT}",
    "consent under another name": f"UPDATE consent SET name = 'x' WHERE {_OF_PATIENT}",
    "consent that lasts": f"UPDATE consent SET until = 'infinity' WHERE {_OF_PATIENT}",
    "consent given again by nobody":
        f"UPDATE consent SET withdrawn_at = NULL WHERE withdrawn_at IS NOT NULL AND {_OF_PATIENT}",
    "clearance given again by nobody":
        f"UPDATE clearance SET withdrawn_at = NULL"
        f" WHERE withdrawn_at IS NOT NULL AND {_OF_PATIENT}",
    "clearance that lasts": f"UPDATE clearance SET until = 'infinity' WHERE {_OF_PATIENT}",
    "clearance for another treatment":
        f"UPDATE clearance SET protocol_code = 'ketamine_booster' WHERE {_OF_PATIENT}",
    "clearance that no answers give":
        "INSERT INTO clearance (id, market_id, patient_id, since, until, protocol_code,"
        " screening_id) SELECT gen_random_uuid(), market_id, patient_id, taken_at,"
        " 'infinity', 'ketamine_six_induction', id FROM screening"
        f" WHERE outcome <> 'cleared' AND {_OF_PATIENT}",
    "clearance that no clinician gives":
        "INSERT INTO clearance (id, market_id, patient_id, since, until, protocol_code,"
        " screening_id, decided_by_id) SELECT gen_random_uuid(), market_id, patient_id, taken_at,"
        " 'infinity', 'ketamine_six_induction', id, taken_by_id FROM screening"
        f" WHERE outcome <> 'cleared' AND {_OF_PATIENT}",
    "clearance by another's answers":
        "INSERT INTO clearance (id, market_id, patient_id, since, until, protocol_code,"
        " screening_id) SELECT gen_random_uuid(), s.market_id, p.id, taken_at, 'infinity',"
        " 'ketamine_six_induction', s.id FROM screening AS s, patient AS p"
        " WHERE p.id <> s.patient_id AND outcome = 'cleared'",
    "order of another dose":
        f"UPDATE clinical_order SET dose_ug_per_kg = dose_ug_per_kg + 1 WHERE {_OF_PATIENT}",
    "order of more": f"UPDATE clinical_order SET infusions = 99 WHERE {_OF_PATIENT}",
    "order that lasts": f"UPDATE clinical_order SET until = 'infinity' WHERE {_OF_PATIENT}",
    "order for another reason": f"UPDATE clinical_order SET diagnoses = 'x' WHERE {_OF_PATIENT}",
    "order signed again by nobody":
        f"UPDATE clinical_order SET withdrawn_at = NULL"
        f" WHERE withdrawn_at IS NOT NULL AND {_OF_PATIENT}",
    "dose that needs no second person":
        f"UPDATE clinical_order SET to_confirm = NOT to_confirm WHERE {_OF_PATIENT}",
    "dose that one confirms oneself":
        "UPDATE clinical_order SET confirmed_by_id = signed_by_id, confirmed_at = now()"
        f" WHERE confirmed_at IS NULL AND {_OF_PATIENT}",
    "dose that the patient confirms":
        "UPDATE clinical_order SET confirmed_at = now(), confirmed_by_id ="
        " (SELECT user_id FROM patient WHERE patient.id = patient_id)"
        f" WHERE confirmed_at IS NULL AND {_OF_PATIENT}",
    "another dose that nobody else has seen":
        "INSERT INTO clinical_order (id, market_id, patient_id, since, until, protocol_code,"
        " infusions, dose_ug_per_kg, diagnoses, signed_by_id, to_confirm) SELECT"
        " gen_random_uuid(), market_id, patient_id, now(), 'infinity', protocol_code, 1, 999,"
        f" '[]', signed_by_id, false FROM clinical_order WHERE {_OF_PATIENT}",
    "protocol with other rules": "UPDATE protocol SET data = '{}'",
    "protocol under another version": "UPDATE protocol SET version = version + 500",
    "questionnaire with other rules": "UPDATE questionnaire SET data = '{}'",
}  # fmt: skip

_GATE = (
    "INSERT INTO gate_override (id, market_id, visit_id, gate, reason, move, at, by_id)"
    " SELECT gen_random_uuid(), market_id, id, '{}', '', moves, now(), booked_by_id"
    " FROM visit WHERE id = %(visit)s"
)
_ENTRY = (
    "INSERT INTO custody_entry (id, market_id, vial_id, kind, source, target, ug, visit_id,"
    " nurse_id, event_id, reason, at, recorded_at, recorded_by_id)"
    " SELECT gen_random_uuid(), market_id, vial_id, {kind}, {source}, {target}, {ug}, {visit},"
    " {nurse}, {event}, '', at, now(), recorded_by_id FROM custody_entry AS e"
)
_SAME = {
    "kind": "kind", "source": "source", "target": "target", "ug": "ug", "visit": "visit_id",
    "nurse": "nurse_id", "event": "NULL",
}  # fmt: skip
_SIGN = (
    "INSERT INTO custody_signature (id, market_id, entry_id, signed_by_id, at)"
    " SELECT gen_random_uuid(), e.market_id, e.id, {}, now() FROM custody_entry AS e"
    " WHERE kind IN ('wasted', 'returned', 'discrepancy') AND visit_id = %(visit)s"
)
_UNSIGNED = " AND NOT EXISTS (SELECT FROM custody_signature WHERE entry_id = e.id)"
DRUG = {
    "drug out of nothing": _ENTRY.format(**_SAME | {"ug": "-ug"}),
    "an event that counts twice":
        _ENTRY.format(**_SAME | {"event": "event_id"}) + " WHERE event_id IS NOT NULL",
    "a vial received twice": _ENTRY.format(**_SAME) + " WHERE kind = 'received'",
    "a vial that goes out twice": _ENTRY.format(**_SAME) + " WHERE kind = 'checked_out'"
        " AND NOT EXISTS (SELECT FROM custody_entry WHERE kind = 'restocked'"
        " AND vial_id = e.vial_id)",
    "a drug given by nobody":
        _ENTRY.format(**_SAME | {"nurse": "NULL"}) + " WHERE visit_id IS NOT NULL",
    "what is wasted goes into stock": _ENTRY.format(
        **_SAME | {"source": "'waste'", "target": "'stock'"}) + " WHERE kind = 'wasted'",
    "stock that is overdrawn": _ENTRY.format(
        **_SAME | {"kind": "'discrepancy'", "source": "'stock'", "target": "'discrepancy'",
                   "ug": "ug + 1", "visit": "NULL", "nurse": "NULL"})
        + " WHERE kind = 'received'",
    "a witness who told it": _SIGN.format("e.recorded_by_id") + _UNSIGNED,
    "a witness who had the vial":
        _SIGN.format("(SELECT user_id FROM nurse WHERE nurse.id = e.nurse_id)") + _UNSIGNED,
    "a patient as witness": _SIGN.format(
        "(SELECT p.user_id FROM patient AS p JOIN visit AS v ON v.patient_id = p.id"
        " WHERE v.id = e.visit_id)") + _UNSIGNED,
    "a second signature": _SIGN.format("e.recorded_by_id"),
} | {
    f"an override of {gate}": _GATE.format(gate)
    for gate in ("clearance", "order", "consent", "companion", "credentials", "custody")
}  # fmt: skip

_COPIED = (
    "INSERT INTO reservation (id, market_id, shift_id, nurse_id, patient_id, leave_at, start_at,"
    " end_at, infusion_from, infusion_until) SELECT gen_random_uuid(), market_id, shift_id,"
    " {nurse}, {patient}, leave_at, start_at, end_at, infusion_from, infusion_until"
    " FROM reservation WHERE id = (SELECT reservation_id FROM visit WHERE id = %(visit)s)"
)
_ANOTHER = "(SELECT id FROM {0} WHERE {0}.id <> {0}_id LIMIT 1)"
TIME = {
    "a nurse in two places":
        _COPIED.format(nurse="nurse_id", patient=_ANOTHER.format("patient")),
    "a patient in two visits":
        _COPIED.format(nurse=_ANOTHER.format("nurse"), patient="patient_id"),
    "a reservation moved onto another":
        "UPDATE reservation AS r SET nurse_id = t.nurse_id, leave_at = t.leave_at,"
        " start_at = t.start_at, end_at = t.end_at, infusion_from = t.infusion_from,"
        " infusion_until = t.infusion_until FROM reservation AS t"
        " JOIN visit AS v ON v.reservation_id = t.id WHERE v.id = %(visit)s AND r.id <> t.id",
    "the time of somebody else":
        "UPDATE visit SET reservation_id = (SELECT id FROM reservation AS r"
        " WHERE r.patient_id <> visit.patient_id LIMIT 1)"
        " WHERE id = %(visit)s AND reservation_id IS NOT NULL"
        " AND EXISTS (SELECT FROM reservation AS r WHERE r.patient_id <> visit.patient_id)",
    "the visit of somebody else":
        "UPDATE visit SET patient_id = (SELECT id FROM patient AS p"
        " WHERE p.id <> visit.patient_id LIMIT 1) WHERE id = %(visit)s"
        " AND EXISTS (SELECT FROM patient AS p WHERE p.id <> visit.patient_id)",
    "a visit of another treatment":
        "UPDATE visit SET protocol_id = (SELECT id FROM protocol AS p"
        " WHERE p.id <> visit.protocol_id LIMIT 1) WHERE id = %(visit)s",
    "a visit done by another nurse":
        "UPDATE assignment SET nurse_id = nurse_id WHERE visit_id = %(visit)s",
    "a second visit on one's time":
        "INSERT INTO visit SELECT (jsonb_populate_record(v, jsonb_build_object('id',"
        " gen_random_uuid(), 'status', 'requested'))).* FROM visit AS v"
        " WHERE id = %(visit)s AND reservation_id IS NOT NULL",
}  # fmt: skip

WALLS = {
    name: name
    for name in (
        "ALTER TABLE visit DISABLE TRIGGER visit_status",
        "ALTER TABLE visit DISABLE TRIGGER ALL",
        "ALTER TABLE custody_entry DROP CONSTRAINT entry_goes_its_way",
        "ALTER TABLE field_event OWNER TO CURRENT_USER",
        "ALTER FUNCTION refuse_wrong_status() RENAME TO nothing",
        "DROP TRIGGER visit_custody ON visit",
        "DROP FUNCTION refuse_untold_status() CASCADE",
        "CREATE OR REPLACE FUNCTION keep_paper() RETURNS trigger LANGUAGE sql AS ''",
        "CREATE TRIGGER a BEFORE UPDATE ON visit FOR EACH ROW EXECUTE FUNCTION keep_paper()",
        "CREATE RULE nothing AS ON INSERT TO audit_entry DO INSTEAD NOTHING",
        "CREATE TABLE public.visit_transition_too (id int)",
        "CREATE SCHEMA of_ones_own",
        "INSERT INTO visit_transition VALUES (gen_random_uuid(), 'requested', 'x', 'completed')",
        "UPDATE visit_transition SET to_status = 'completed'",
        "DELETE FROM visit_transition",
        "SET session_replication_role = replica",
        "SELECT set_config('session_replication_role', 'replica', true)",
        "SET ROLE dispatch_owner",
        "SET SESSION AUTHORIZATION postgres",
        "GRANT dispatch_owner TO CURRENT_USER",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    )
}
KINDS: Mapping[str, Mapping[str, str]] = {
    "changes": CHANGES, "papers": PAPERS, "drug": DRUG, "time": TIME, "walls": WALLS,
}  # fmt: skip
EVERY = {name: statement for kind in KINDS.values() for name, statement in kind.items()}


def cheat(statement: str, **values: Any) -> int:
    """Try it with all constraints checked; return how many rows it would have changed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        changed = cursor.rowcount
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)
    return changed
