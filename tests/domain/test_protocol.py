"""The shipped protocols can be read, and what is wrong in one is named."""

import copy
from datetime import time

import pytest

from dispatch.domain.fields import FieldError
from dispatch.domain.places import LocationKind
from dispatch.domain.protocol import CompanionRule, Protocol, parse_protocol
from dispatch.domain.questionnaire import parse_questionnaire
from dispatch.domain.shipped import load_questionnaires, load_shipped

SHIPPED = {data["code"]: data for data in load_shipped()}
SIX = "ketamine_six_induction"
AWAY = (LocationKind.HOTEL, LocationKind.OFFICE, LocationKind.OTHER)


def shipped(code: str) -> Protocol:
    return parse_protocol(SHIPPED[code])


def test_five_series_and_one_drip_are_shipped():
    assert sorted(SHIPPED) == [
        "hydration_drip",
        "ketamine_booster",
        "ketamine_single_with_therapy",
        "ketamine_six_induction",
        "ketamine_six_to_eight_induction",
        "ketamine_weekly_then_monthly",
    ]


@pytest.mark.parametrize("code", SHIPPED)
def test_a_shipped_protocol_is_read_and_its_rules_fit_its_questionnaire(code):
    protocol = shipped(code)
    questionnaires = {
        (q.code, q.version): q for q in map(parse_questionnaire, load_questionnaires())
    }
    ref = protocol.questionnaire
    questionnaires[ref.code, ref.version].under(protocol.verdict_rules)
    assert protocol.code == code
    assert protocol.price_cents > 0
    assert set(protocol.instructions) == set(LocationKind)


def test_an_extra_rule_is_unapproved_until_it_says_otherwise():
    data = copy.deepcopy(SHIPPED[SIX])
    for rule in data["extra_rules"].values():
        rule["approved"] = True
    data["extra_rules"]["fasting"]["approved"] = False
    assert parse_protocol(data).unapproved_rules == ("fasting",)
    data["extra_rules"]["fasting"]["approved"] = True
    assert parse_protocol(data).unapproved_rules == ()


def test_what_other_clinics_do_is_shipped_as_not_approved():
    assert set(shipped("ketamine_booster").unapproved_rules) == {
        "fasting",
        "go_no_go_limits",
        "dose_limits",
        "vitals_schedule",
        "discharge_criteria",
        "no_alcohol",
        "companion_hours",
        "no_driving_24h",
    }


def test_the_infusion_takes_forty_minutes_between_setup_and_an_hour_of_recovery():
    protocol = shipped(SIX)
    assert (protocol.infusion_from_s, protocol.infusion_until_s) == (1200, 3600)
    assert protocol.service_s == 1200 + 2400 + 3600 + 600


def test_at_home_an_adult_stays_and_elsewhere_somebody_drives():
    protocol = shipped(SIX)
    assert protocol.companion_rule(LocationKind.RESIDENCE) is CompanionRule.STAYS
    assert {protocol.companion_rule(kind) for kind in AWAY} == {CompanionRule.DRIVES}


def test_a_drip_needs_no_companion():
    assert {shipped("hydration_drip").companion_rule(kind) for kind in LocationKind} == {None}


def test_starts_run_on_the_grid_from_the_first_to_the_last():
    starts = shipped(SIX).booking.starts()
    assert (starts[0], starts[1], starts[-1]) == (time(8), time(8, 30), time(17))


@pytest.mark.parametrize(
    ("code", "phases"),
    [
        (SIX, [("induction", 6, 6)]),
        ("ketamine_six_to_eight_induction", [("induction", 6, 8), ("booster", 0, 12)]),
        ("ketamine_weekly_then_monthly", [("induction", 2, 3), ("maintenance", 0, 12)]),
        ("ketamine_booster", [("booster", 1, 12)]),
        ("ketamine_single_with_therapy", [("single", 1, 1)]),
    ],
)
def test_the_series_has_the_shape_of_its_page(code, phases):
    series = shipped(code).series
    assert [(phase.code, phase.count.min, phase.count.max) for phase in series] == phases


def test_what_follows_an_induction_waits_for_the_recorded_response():
    later = shipped("ketamine_weekly_then_monthly").series[1]
    assert later.requires == ("response_recorded", "significant_improvement")
    assert shipped("ketamine_booster").series[0].gap_days.target == 28


def test_the_consent_says_that_the_use_is_off_label():
    consent = shipped(SIX).consent
    assert consent.off_label
    assert "off-label" in consent.text


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("code", ""),
        ("version", 0),
        ("version", True),
        ("name", 7),
        ("questionnaire", "iv_ketamine"),
        ("phases_s.infusion", 0),
        ("phases_s.recovery", -1),
        ("phases_s.setup", 1.5),
        ("booking.first_start", "25:00"),
        ("booking.last_start", "07:30"),
        ("booking.grid_minutes", 0),
        ("booking.notice_s", None),
        ("certificates", ["acls", "acls"]),
        ("companion.residence", "sleeps"),
        ("companion.boat", "drives"),
        ("valid_days.order", 0),
        ("consent.text", " "),
        ("instructions.hotel", "x" * 241),
        ("price_cents", -1),
        ("extra_rules.fasting.approved", None),
        ("messages.day_before.when.local_time", "02:30"),
        ("messages.day_before.when.at_once", True),
        ("messages.day_before.needs", "luck"),
        ("messages.day_before.locations", ["moon"]),
        ("messages.two_hours_before.when.before_start_s", 0),
        ("colour", "blue"),
        ("series", []),
        ("series", {}),
        ("certificates", "acls"),
    ],
)
def test_a_faulty_field_is_named(path, value):
    data = copy.deepcopy(SHIPPED[SIX])
    *parents, last = path.split(".")
    inner = data
    for name in parents:
        inner = inner[name]
    inner[last] = value
    with pytest.raises(FieldError) as caught:
        parse_protocol(data)
    assert caught.value.field == path


@pytest.mark.parametrize("data", [None, [], "text", {}])
def test_what_is_no_protocol_at_all_is_refused(data):
    with pytest.raises(ValueError, match=r"data: must be an object|code: is missing"):
        parse_protocol(data)


def test_a_series_with_more_infusions_at_least_than_at_most_is_refused():
    data = copy.deepcopy(SHIPPED[SIX])
    data["series"][0]["count"]["max"] = 5
    with pytest.raises(FieldError, match=r"series\[0\]\.count"):
        parse_protocol(data)
