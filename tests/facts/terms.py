"""Proofs of what a visit and a series are: what the shipped protocols ask for."""

import re

from dispatch.domain.care import Measure
from dispatch.domain.course import Beginning
from dispatch.domain.errors import Invalid
from dispatch.domain.places import LocationKind
from dispatch.domain.protocol import CompanionRule
from dispatch.domain.series import Wish, agreed, phase_of
from dispatch.domain.shipped import load_templates
from dispatch.domain.terms import Range, Requirement
from tests.builders import TODAY
from tests.facts.proof import proves
from tests.facts.screening import KETAMINE, PROTOCOLS, SERIES, WITH_THERAPY

MINUTE, HOUR, WEEK = 60, 3600, 7
SIX, SIX_TO_EIGHT, WEEKLY, BOOSTER = SERIES
AWAY = [LocationKind.HOTEL, LocationKind.OFFICE, LocationKind.OTHER]
RESPONSE = Requirement.RESPONSE_RECORDED


@proves("visit.forty_minutes")
def an_infusion_takes_forty_minutes() -> None:
    for code in KETAMINE:
        assert PROTOCOLS[code].phases.infusion_s == 40 * MINUTE


@proves("visit.ninety_minutes")
def a_visit_is_planned_with_ninety_minutes_or_more() -> None:
    for code in KETAMINE:
        assert PROTOCOLS[code].service_s >= 90 * MINUTE


@proves("visit.recovery")
def recovery_is_planned_within_one_to_two_hours_and_may_take_longer() -> None:
    for code in KETAMINE:
        recovery = PROTOCOLS[code].recovery
        assert HOUR <= recovery.planned <= 2 * HOUR <= recovery.most
        assert recovery.extensions == (15 * MINUTE, 30 * MINUTE)


@proves("visit.room")
def the_room_is_private_and_quiet() -> None:
    for code in KETAMINE:
        asked = " ".join(item.text for item in PROTOCOLS[code].readiness).lower()
        for word in ("private", "quiet", "bed", "recliner", "pets", "children"):
            assert word in asked, word


@proves("visit.music")
def there_may_be_music() -> None:
    for code in KETAMINE:
        texts = PROTOCOLS[code].instructions
        assert all("music if you like it" in text for text in texts.values())


@proves("visit.no_driving")
def nobody_drives_that_day() -> None:
    for code in KETAMINE:
        texts = PROTOCOLS[code].instructions
        assert all("no driving and nothing else for the rest of the day" in texts[k] for k in texts)
    assert "do not drive" in load_templates("en")["aftercare_rest"]


@proves("visit.persisting")
def who_still_feels_it_the_next_day_calls() -> None:
    assert "is still there tomorrow, call" in load_templates("en")["aftercare_rest"]


@proves("visit.antiemetic")
def an_antiemetic_is_packed() -> None:
    for code in KETAMINE:
        assert "antiemetic" in {item.code for item in PROTOCOLS[code].kit}


@proves("visit.off_label")
def the_consent_says_off_label() -> None:
    for code in KETAMINE:
        consent = PROTOCOLS[code].consent
        assert consent.off_label
        assert re.search(r"approved for anesthesia only.*off-label", consent.text)


@proves("disagree.breathing", "disagree.monitoring")
def breathing_is_always_charted_and_throughout() -> None:
    for code in KETAMINE:
        vitals = PROTOCOLS[code].vitals
        for charted in (vitals.baseline, vitals.throughout):
            assert {Measure.SPO2_PERCENT, Measure.RESPIRATORY_RATE_BPM} <= set(charted)
        assert vitals.every_s_infusion <= 10 * MINUTE


@proves("disagree.driver")
def an_adult_stays_at_home_and_elsewhere_somebody_drives() -> None:
    for code in KETAMINE:
        protocol = PROTOCOLS[code]
        assert protocol.companion_rule(LocationKind.RESIDENCE) is CompanionRule.STAYS
        assert {protocol.companion_rule(kind) for kind in AWAY} == {CompanionRule.DRIVES}


def can_be_asked(code: str, count: int) -> bool:
    try:
        agreed(Wish(count=count), Beginning(phase_of(PROTOCOLS[code], None), None, None), TODAY)
    except Invalid:
        return False
    return True


@proves("series.six")
def six_and_neither_more_nor_less() -> None:
    assert [count for count in range(1, 12) if can_be_asked(SIX, count)] == [6]


@proves("series.six_to_eight")
def six_to_eight() -> None:
    assert [count for count in range(1, 12) if can_be_asked(SIX_TO_EIGHT, count)] == [6, 7, 8]


@proves("series.weekly")
def weekly_for_two_to_three_weeks() -> None:
    assert [count for count in range(1, 12) if can_be_asked(WEEKLY, count)] == [2, 3]
    gap = phase_of(PROTOCOLS[WEEKLY], None).gap_days
    assert gap.min <= WEEK <= gap.max < 2 * WEEK
    assert gap.target == WEEK


@proves("disagree.series_shapes")
def five_shapes() -> None:
    def shape(code: str) -> list[tuple[str, Range, Range, tuple[Requirement, ...]]]:
        phases = PROTOCOLS[code].series
        return [(phase.code, phase.count, phase.gap_days, phase.requires) for phase in phases]

    assert len({repr(shape(code)) for code in KETAMINE}) == 5
    assert [phase.requires for phase in PROTOCOLS[BOOSTER].series] == [
        (Requirement.INDUCTION_COMPLETED, RESPONSE)
    ]
    assert PROTOCOLS[WEEKLY].series[1].requires == (RESPONSE, Requirement.SIGNIFICANT_IMPROVEMENT)
    assert PROTOCOLS[WITH_THERAPY].series[0].requires == (Requirement.THERAPY_NAMED,)


@proves(
    "beyond.fasting", "beyond.limits", "beyond.alcohol", "beyond.companion_hours",
    "beyond.no_driving",
)  # fmt: skip
def what_other_clinics_do_is_approved_by_nobody() -> None:
    others = {"fasting", "go_no_go_limits", "no_alcohol", "companion_hours", "no_driving_24h"}
    for code in KETAMINE:
        assert others <= set(PROTOCOLS[code].unapproved_rules)
