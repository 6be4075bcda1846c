"""What is offered, and whether it says that it is approved: one judgement for both."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispatch.models import Market, Protocol, SignOff
from tests.api.story import told
from tests.api.town import assert_problem
from tests.builders import KETAMINE, NOW

VERSIONS = f"protocols/{KETAMINE}/versions"


def test_what_nobody_has_approved_says_so_and_is_offered_in_a_demo_only(town, patient) -> None:
    offered = told(patient.get_("protocols"))["results"]
    assert len(offered) == 6
    assert not any(one["approved"] for one in offered)
    assert offered_for_real(town, patient) == {}


def test_a_prescriber_drafts_a_version_and_signs_it_off(town, patient, prescriber) -> None:
    (shipped,) = told(prescriber.get_(VERSIONS))["results"]
    assert (shipped["current"], shipped["approved"], shipped["drafted"]) == (True, False, False)
    data = shipped["data"] | {"price_cents": 12345}
    draft = told(prescriber.post_(VERSIONS, {"data": data}), 201)
    assert (draft["version"], draft["current"], draft["drafted"]) == (1001, False, True)
    refused = prescriber.post_(VERSIONS, {"data": data | {"castle": 1}})
    assert_problem(refused, 400, "invalid", "data.castle")
    rules = [rule["code"] for rule in draft["extra_rules"]]
    signed = told(prescriber.post_(f"{VERSIONS}/1001/sign-off", {"rules": rules}), 201)
    assert (signed["current"], signed["approved"]) == (True, True)
    assert offered_for_real(town, patient) == {KETAMINE: True}
    (shown,) = told(patient.get_("protocols"))["results"]
    assert shown["price_cents"] == 12345


def test_half_a_sign_off_offers_nothing(town, patient, prescriber) -> None:
    body = {"rules": ["fasting"]}
    told(prescriber.post_(f"{VERSIONS}/{town.world.protocol().version}/sign-off", body), 201)
    assert offered_for_real(town, patient) == {}


def test_many_sign_offs_take_as_many_queries_as_none(town, patient) -> None:
    told(patient.get_("protocols"))  # versions are kept once they were read
    with CaptureQueriesContext(connection) as few:
        told(patient.get_("protocols"))
    for row in Protocol.objects.all():
        SignOff.objects.create(
            market_id=town.market.id, protocol=row, rules=[], signed_at=NOW,
            signed_by_id=town.dora.user_id,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        assert len(told(patient.get_("protocols"))["results"]) == 6
    assert len(many) == len(few) <= 4


def offered_for_real(town, patient) -> dict[str, bool]:
    """What is offered, and said to be approved, in the market once it is no demo."""
    Market.objects.filter(id=town.market.id).update(is_demo=False, clock_offset=timedelta(0))
    return {one["code"]: one["approved"] for one in told(patient.get_("protocols"))["results"]}
