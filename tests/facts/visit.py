"""Proofs of one visit: what comes before the infusion, what is charted, when somebody is left."""

from datetime import timedelta

import pytest

from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.visit import Action
from dispatch.models import Visit
from dispatch.selectors.records import record_seen_by
from dispatch.services.fieldwork import perform
from tests.builders import World, at
from tests.door import ready_visit, sign_all, step, tell, whole_day
from tests.facts.proof import proves
from tests.telling import WELL, before_infusion, step_data, told
from workers import work

MINUTE = timedelta(minutes=1)
BEGUN, ENDED = at(10, 20), at(11)
SIDE_EFFECTS = {
    "dissociation", "confusion", "drowsiness", "dizziness", "blurred_vision", "nystagmus", "nausea",
    "vomiting", "loss_of_appetite", "unease", "twitching", "numbness", "salivation",
    "blood_pressure_change", "heart_rate_change",
}  # fmt: skip


def arrived(world: World) -> Visit:
    visit = ready_visit(world)
    for action, now in ((Action.DEPART, at(9, 40)), (Action.ARRIVE, at(10))):
        step(visit.id, action, world.nina, now)
    return visit


def treated(world: World) -> Visit:
    """In treatment since 10:20."""
    visit = arrived(world)
    step(visit.id, Action.START_INFUSION, world.nina, BEGUN)
    return visit


def missing(world: World, visit: Visit, action: Action, now, **data: object) -> list[str]:
    with pytest.raises(Conflict) as refused:
        step(visit.id, action, world.nina, now, **data)
    assert refused.value.code == "step_missing"
    return refused.value.facts["missing"]


@proves("visit.baseline")
def without_a_whole_baseline_nothing_begins(world: World) -> None:
    """Each measure by itself keeps the infusion waiting: the record is told them one by one."""
    visit = arrived(world)
    others = [
        one for one in before_infusion(world.protocol(), at(10, 5)) if one["type"] != "vitals"
    ]
    tell(world, visit, *others, now=at(10, 5))
    for second, (measure, value) in enumerate(WELL.items(), 1):
        assert begins(world, visit) == ["vitals"], measure
        now = at(10, 5) + timedelta(seconds=second)
        tell(world, visit, told("vitals", now, **{measure: value}), now=now)
    assert begins(world, visit) == []


def begins(world: World, visit: Visit) -> list[str]:
    """What is missing for the infusion to begin; it begins where nothing is."""
    try:
        perform(
            visit.id, Action.START_INFUSION, reason="", data={"dose_ug": 35_000},
            expected_version=None, by=world.nina, now=BEGUN,
        )  # fmt: skip
    except Conflict as refused:
        return refused.facts["missing"]
    return []


@proves("visit.throughout")
def what_is_not_charted_in_time_stands_in_the_record(world: World) -> None:
    visit = treated(world)
    without_oxygen = {name: value for name, value in WELL.items() if name != "spo2_percent"}
    charted = [told("vitals", BEGUN + 10 * MINUTE, **WELL),
               told("vitals", BEGUN + 20 * MINUTE, **without_oxygen),
               told("vitals", BEGUN + 40 * MINUTE, **WELL)]  # fmt: skip
    tell(world, visit, *charted, now=ENDED)
    step(visit.id, Action.END_INFUSION, world.nina, ENDED)
    record = record_seen_by(world.dora, visit.id)
    assert record.missed_vitals == (BEGUN + 20 * MINUTE, BEGUN + 30 * MINUTE)
    assert "vitals_missed" in {flag.code.value for flag in record.flags}


@proves("visit.rate", "visit.slower")
def the_rate_goes_down_and_the_end_is_when_it_ends(world: World) -> None:
    visit = treated(world)
    planned = visit.reservation.end_at
    tell(world, visit, told("rate", BEGUN + 20 * MINUTE, ug_per_min=500), now=BEGUN + 20 * MINUTE)
    step(visit.id, Action.END_INFUSION, world.nina, BEGUN + 60 * MINUTE)
    work.deliver_events()
    record = record_seen_by(world.dora, visit.id)
    assert record.infusion_ended_at - record.infusion_started_at == 60 * MINUTE
    (rate,) = (event for event in record.events if event.type.value == "rate")
    assert rate.data == {"ug_per_min": 500}
    visit.reservation.refresh_from_db()
    assert visit.reservation.end_at >= planned + 15 * MINUTE, "the day is timed anew"


@proves("visit.iv_stays", "visit.peak")
def nobody_is_left_at_the_peak_or_with_the_iv_in(world: World) -> None:
    visit = treated(world)
    step(visit.id, Action.END_INFUSION, world.nina, ENDED)
    codes = step_data(world.protocol(), "discharge")["criteria"]
    with_iv = [code for code in codes if code != "iv_removed"]
    assert missing(world, visit, Action.DISCHARGE, ENDED, criteria=codes) == ["recovery"]
    later = ENDED + 60 * MINUTE
    assert missing(world, visit, Action.DISCHARGE, later, criteria=with_iv) == ["iv_removed"]
    step(visit.id, Action.DISCHARGE, world.nina, later, criteria=codes)
    due = record_seen_by(world.dora, visit.id).missed_vitals
    assert ENDED in due, "watched at the end of the infusion"
    assert later in due, "and until the very discharge"


@proves("visit.clinician_looks_in")
def one_clinician_for_one_infusion_at_a_time(world: World) -> None:
    for name in ("nina", "nora"):
        world.shift(world.nurse(name))
    amos = world.home(world.patient("amos"))
    world.supervise(1)
    assert at(11) in {slot.start for slot in world.slots(amos)}
    world.book(world.home(world.alice), world.alice, at(11))
    assert at(11) not in {slot.start for slot in world.slots(amos)}
    world.supervise(1)
    assert at(11) in {slot.start for slot in world.slots(amos)}


@proves("visit.side_effects", "visit.antiemetic")
def side_effects_and_what_was_given_against_them_are_recorded(world: World) -> None:
    visit = treated(world)
    offered = {item.code for item in world.protocol().side_effects}
    assert offered == SIDE_EFFECTS
    now = BEGUN + 15 * MINUTE
    felt = [told("side_effect", now, code=code) for code in sorted(SIDE_EFFECTS)]
    tell(world, visit, *felt, told("medication", now, name="ondansetron 4 mg"), now=now)
    events = record_seen_by(world.dora, visit.id).events
    assert {one.data["code"] for one in events if one.type == "side_effect"} == SIDE_EFFECTS
    assert [one.data["name"] for one in events if one.type == "medication"] == ["ondansetron 4 mg"]
    with pytest.raises(Invalid):
        tell(world, visit, told("side_effect", now, code="something"), now=now)


@proves("visit.room", "disagree.driver")
def the_room_and_the_company_are_looked_at_once_more_at_the_door(world: World) -> None:
    visit = arrived(world)
    told_before = before_infusion(world.protocol(), at(10, 5))
    kept = [one for one in told_before if one["type"] not in {"home", "companion"}]
    tell(world, visit, *kept, now=at(10, 5))
    assert begins(world, visit) == ["companion", "home"]


@proves("visit.forty_minutes", "visit.ninety_minutes")
def a_day_as_it_should_be_has_nothing_against_it(world: World) -> None:
    visit = ready_visit(world)
    tell(world, visit, *whole_day(world), now=at(18))
    sign_all(visit.id, at(18))
    work.deliver_events()
    visit.refresh_from_db()
    assert visit.infusion_ended_at - visit.infusion_started_at == 40 * MINUTE
    assert visit.completed_at - visit.arrived_at >= 90 * MINUTE
