"""The fold of what happened at the door: the same for every order, and honest about what is odd."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.charting import DoseOrder, Terms
from dispatch.domain.door_steps import STEPS, course_of
from dispatch.domain.errors import Conflict
from dispatch.domain.protocol import CompanionRule, parse_protocol
from dispatch.domain.shipped import load_shipped
from dispatch.domain.visit import Action, Status, advance, way_at_the_door
from dispatch.domain.visit_record import CALL_FOR_HELP, FAR_M, VisitRecord, fold
from tests.domain.stories import CHAIN, EIGHT, day, event, status_told, told

PROTOCOLS = {data["code"]: parse_protocol(data) for data in load_shipped()}
KETAMINE = PROTOCOLS["ketamine_six_induction"]
DRIP = PROTOCOLS["hydration_drip"]
YEAR = timedelta(days=365)
ORDERED = DoseOrder(EIGHT - YEAR, EIGHT + YEAR, 500)
TERMS = Terms(KETAMINE, CompanionRule.STAYS, (ORDERED,), exact_place=True)
WELL = {
    "systolic_mmhg": 120, "diastolic_mmhg": 80, "heart_rate_bpm": 70, "spo2_percent": 98,
    "respiratory_rate_bpm": 14, "weight_g": 70_000,
}  # fmt: skip
READY = [
    event("identity", 20, 201, data={"confirmed": True}),
    event("companion", 20, 202, data={"present": True}),
    event("home", 20, 203, data={"items": [item.code for item in KETAMINE.readiness]}),
    event("vitals", 20, 204, data=WELL),
    event("go_no_go", 20, 205, data={"decision": "go"}),
    event("checkout", 20, 206, data={"vial": "V-1"}),
]
MET = {"criteria": [item.code for item in KETAMINE.discharge]}
CHARTED = [event("vitals", at, 300 + at, data=WELL) for at in range(40, 160, 10)]
GOOD_DAY = [
    event("depart", 0), event("arrive", 10, data={"lat": 38.9, "lng": -77.0}, off_m=FAR_M),
    *READY, event("start-infusion", 30, data={"dose_ug": 35_000}), event("end-infusion", 70),
    *CHARTED, event("discharge", 100, data=MET), event("complete", 110),
]  # fmt: skip


def record(events, *, settled=True, **terms) -> VisitRecord:
    return fold(events, replace(TERMS, **terms), settled=settled)


def flags(events, **more) -> set[str]:
    found = record(events, **more).flags
    return {f"{one.code.value} {one.subject}".strip() for one in found}


def instead(kind: str, *others):
    """The good day with these events instead of those of a kind."""
    return [*(one for one in GOOD_DAY if one.type.value != kind), *others]


@given(told(), st.booleans(), st.randoms(use_true_random=False))
@settings(max_examples=400, deadline=None)
def test_no_order_and_no_repetition_changes_the_record(events, settled, chance) -> None:
    """And its status is that of another reckoning."""
    first = record(events, settled=settled)
    again = [*events, *chance.sample(events, len(events) // 2)]
    chance.shuffle(again)
    assert record(again, settled=settled) == first
    assert first.status.value == status_told(events, settled=settled)


def test_the_order_in_which_events_come_would_change_it_were_it_not_for_their_times() -> None:
    """The control: walked as they come in, two orders of one day lead to two statuses."""

    def as_they_come(events) -> Status:
        status = Status.ASSIGNED
        for one in events:
            if (action := STEPS.get(one.type)) and status is not Status.COMPLETED:
                try:
                    status = advance(status, action)
                except Conflict:
                    continue  # out of turn
        return status

    forward = day(*CHAIN)
    assert as_they_come(forward) is Status.COMPLETED
    assert as_they_come(forward[::-1]) is Status.EN_ROUTE
    assert record(forward[::-1]).status is Status.COMPLETED


@given(told(), st.data())
@settings(max_examples=400, deadline=None)
def test_more_events_lead_only_where_the_table_of_states_leads(events, data) -> None:
    """Told in two parts, with the drug accounted for or not at either time."""
    some = [one for one in events if data.draw(st.booleans())]
    before = course_of(some, settled=data.draw(st.booleans())).status
    after = course_of(events, settled=data.draw(st.booleans())).status
    assert way_at_the_door(before, after) == () or way_at_the_door(before, after)[-1] is after


def test_a_good_day_has_nothing_against_it() -> None:
    found = record(GOOD_DAY)
    assert found.status is Status.COMPLETED
    assert found.flags == ()
    assert (found.baseline, found.dose_ug, found.decision) == (WELL, 35_000, "go")
    assert (found.missed_vitals, found.discharge_missing, found.advice) == ((), (), "")
    assert found.infusion_started_at == EIGHT + timedelta(minutes=30)


def test_everything_counts_once_whatever_happened_when() -> None:
    chance = random.Random(7)
    shuffled = GOOD_DAY * 2
    chance.shuffle(shuffled)
    assert record(shuffled) == record(GOOD_DAY)


@pytest.mark.parametrize(
    ("kind", "others", "flag"),
    [
        ("identity", [], "begun_without identity"),
        ("identity", [event("identity", 20, data={"confirmed": False})], "begun_without identity"),
        ("companion", [], "begun_without companion"),
        ("home", [], "begun_without home"),
        ("home", [event("home", 20, data={"items": ["private_quiet_room"]})], "begun_without home"),
        ("go_no_go", [], "begun_without go"),
        ("go_no_go", [event("go_no_go", 20, data={"decision": "no_go"})], "begun_without go"),
        ("go_no_go", [event("go_no_go", 31, data={"decision": "go"})], "begun_without go"),
        ("checkout", [], "begun_without checkout"),
        ("vitals", CHARTED, "begun_without vitals"),
        ("discharge", [event("discharge", 100, data={"criteria": MET["criteria"][1:]})],
         "discharged_without oriented"),
        ("discharge", [event("discharge", 99, data=MET)], "recovery_too_short"),
        ("arrive", [event("arrive", 10, data={"lat": 1, "lng": 1}, off_m=FAR_M + 1)],
         "far_from_the_place"),
        ("depart", [event("depart", 0, closed_gates=("companion",))],
         "departed_through_closed_gate companion"),
        ("note", [event("arrive", 15, 77)], "out_of_turn arrive"),
        ("note", [event("note", 15, 77, data={"text": "x"}, counts=False)],
         "after_it_was_called_off note"),
        ("note", [event("waste", 105, 77, data={"vial": "V", "ug": 1}, refused=True)],
         "custody_refused waste"),
        ("note", [event("abort", 120, 77)], "after_it_broke_off complete"),
    ],
)  # fmt: skip
def test_each_thing_that_is_odd_is_flagged_and_no_other(kind, others, flag) -> None:
    assert flag in flags(instead(kind, *others))
    assert {one.split()[0] for one in flags(instead(kind, *others))} <= {
        flag.split()[0], "vitals_missed"
    }  # fmt: skip


def test_a_vial_that_the_ledger_refused_was_not_checked_out() -> None:
    refused = event("checkout", 20, data={"vial": "V"}, refused=True)
    found = flags(instead("checkout", refused))
    assert found == {"begun_without checkout", "custody_refused checkout"}


@pytest.mark.parametrize(
    ("measure", "kept", "broken"),
    [("systolic_mmhg", 160, 161), ("diastolic_mmhg", 90, 91), ("heart_rate_bpm", 100, 101),
     ("spo2_percent", 92, 91)],
)  # fmt: skip
def test_the_limits_are_kept_on_the_boundary_and_broken_one_past_it(measure, kept, broken) -> None:
    for value, expected in ((kept, ()), (broken, (measure,))):
        events = instead("vitals", *CHARTED, event("vitals", 20, 204, data=WELL | {measure: value}))
        assert record(events).broken_limits == expected
        assert ("begun_without vitals_within_limits" in flags(events)) is bool(expected)


def test_what_was_measured_again_counts_instead() -> None:
    high = event("vitals", 15, 77, data={"systolic_mmhg": 190})
    assert record([*GOOD_DAY, high]).broken_limits == ()


@pytest.mark.parametrize(
    ("orders", "most"),
    [((ORDERED,), 35_000), ((), 70_000),
     ((DoseOrder(EIGHT - YEAR, EIGHT + timedelta(minutes=30), 500),), 70_000),
     ((DoseOrder(EIGHT - YEAR, EIGHT + YEAR, None),), 70_000)],
    ids=["as ordered", "no order", "an order that has ended", "an order without a dose"],
)  # fmt: skip
def test_a_dose_is_held_against_the_order_of_its_time_or_the_protocol(orders, most) -> None:
    for dose_ug, above in ((most, False), (most + 1, True)):
        events = instead("start-infusion", event("start-infusion", 30, data={"dose_ug": dose_ug}))
        assert ("begun_without dose_within_order" in flags(events, orders=orders)) is above


def test_a_drip_needs_neither_companion_nor_vial() -> None:
    begun = [*day("depart", "arrive", "start-infusion"), *READY]
    found = flags(begun, protocol=DRIP, companion_duty=None)
    assert not {one for one in found if "companion" in one or "checkout" in one}


def test_nobody_is_far_from_a_place_that_is_known_by_its_zip_code() -> None:
    far = event("arrive", 10, data={"lat": 1, "lng": 1}, off_m=9_000)
    assert "far_from_the_place" not in flags(instead("arrive", far), exact_place=False)
    assert record(instead("arrive", far)).arrival.off_m == 9_000


def test_vitals_are_due_by_the_schedule_and_in_time_within_half_of_it() -> None:
    begun = [*READY, *day("depart", "arrive"), event("start-infusion", 30), event("note", 52)]
    assert minutes_missed(begun) == [40, 50]
    near = [event("vitals", 35, 401, data=WELL), event("vitals", 54, 402, data=WELL)]
    assert minutes_missed([*begun, *near]) == []
    late = [event("vitals", 45, 403, data=WELL | {"spo2_percent": 97})]
    assert minutes_missed([*begun, *late]) == [40]
    half = [event("vitals", 41, 404, data={"heart_rate_bpm": 70})]
    assert 40 in minutes_missed([*begun, *half])
    assert "vitals_missed" in flags(begun)


def minutes_missed(events) -> list[int]:
    return [int((at - EIGHT).total_seconds()) // 60 for at in record(events).missed_vitals]


def test_recovery_is_lengthened_by_what_was_said_and_no_further_than_the_protocol_allows() -> None:
    longer = [event("extend-recovery", 71 + n, data={"minutes": 30}) for n in range(2)]
    assert record([*GOOD_DAY, *longer]).recovery_extended_s == 3600
    many = [event("extend-recovery", 71 + n, data={"minutes": 30}) for n in range(9)]
    most = KETAMINE.recovery.most - KETAMINE.recovery.planned
    assert record([*GOOD_DAY, *many]).recovery_extended_s == most


def test_a_completion_waits_until_the_drug_is_accounted_for() -> None:
    waiting = record(GOOD_DAY, settled=False)
    assert (waiting.status, waiting.completed_at) == (Status.RECOVERING, None)
    assert {one.code.value for one in waiting.flags} == {"custody_open"}
    assert record(GOOD_DAY).completed_at == EIGHT + timedelta(minutes=110)


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        (("depart", "arrive", "no-show"), "no_show"),
        (("depart", "no-show"), "en_route"),
        (("depart", "arrive", "abort"), "aborted"),
        (("depart", "arrive", "start-infusion", "no-show"), "aborted"),
        (("depart", "arrive", "no-show", "start-infusion"), "aborted"),
        (("depart", "arrive", "no-show", "abort"), "aborted"),
        ((*CHAIN, "abort"), "aborted"),
        (("abort", *CHAIN), "completed"),
    ],
)
def test_what_breaks_a_visit_off_wins(kinds, status) -> None:
    assert record(day(*kinds)).status.value == status


def test_the_first_reason_is_the_one_that_counts() -> None:
    first = event("abort", 30, data={"reason": "unfit_today", "text": "Feverish."})
    second = event("abort", 40, data={"reason": "patient_stopped"})
    found = record([second, first, *day("depart", "arrive")])
    assert (found.ended_code, found.ended_because) == ("unfit_today", "Feverish.")
    assert found.broken_off_at == first.at


def test_a_severe_adverse_event_says_whom_to_call() -> None:
    for severity, advice in (("moderate", ""), ("severe", CALL_FOR_HELP)):
        bad = event("adverse_event", 40, 77, data={"severity": severity, "text": "Faint."})
        assert record([*GOOD_DAY, bad]).advice == advice


def test_steps_at_one_time_count_in_the_order_of_a_visit() -> None:
    at_once = [event(kind, 0, 9 - number) for number, kind in enumerate(CHAIN)]
    assert record(at_once).status is Status.COMPLETED
    assert course_of(at_once, settled=True).taken[Action.COMPLETE].id.int == 4


def test_more_given_than_the_dose_is_flagged_over_all_vials() -> None:
    """The dose may be within the order, and the ledger may balance."""
    parts = [event("give", 40 + at, 400 + at, data={"vial": "V-1", "ug": 17_500}) for at in (0, 1)]
    assert "given_above_dose" not in flags([*GOOD_DAY, *parts])
    more = event("give", 50, 410, data={"vial": "V-2", "ug": 1})
    assert "given_above_dose" in flags([*GOOD_DAY, *parts, more])
