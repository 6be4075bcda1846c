"""Screenings, orders and responses, decided on by a prescriber before a browser."""

from uuid import UUID, uuid4

import pytest

from dispatch.domain.scores import Instrument
from dispatch.models import Agreement, Clearance, Order, Response, Screening, Series
from dispatch.selectors.charts import chart_of
from dispatch.selectors.reviews import review_seen_by
from dispatch.services.scores import record_score
from dispatch.services.screening import keep_answers
from tests.api.town import WEEKLY, Town
from tests.builders import KETAMINE, NOW

pytestmark = pytest.mark.django_db

ORDER = {"protocol": KETAMINE, "infusions": "6", "dose_ug_per_kg": "500", "diagnoses": "F33.2"}


def test_a_screening_shows_reasons_and_answers_and_is_cleared(town: Town, before) -> None:
    address = f"/inbox/screenings/{town.for_review}"
    dora = before(town.dora)
    page = dora.get(address).content.decode()
    assert "counts-here" in page
    assert 'id="clear"' in page
    answer = dora.post(f"{address}/clear")
    assert answer.headers["Location"] == f"{address}?done=cleared"
    assert Clearance.objects.filter(screening=town.for_review).exists()
    assert 'id="clear"' not in dora.get(address).content.decode()


def test_the_answers_are_those_that_were_judged(town: Town) -> None:
    screening = town.for_review
    before = review_seen_by(town.dora, screening, now=NOW)
    keep_answers(
        patient_id=None, protocol_code=KETAMINE, answers={"blood_pressure": "normal"},
        by=town.alice, now=town.now(),
    )  # fmt: skip
    after = review_seen_by(town.dora, screening, now=NOW)
    assert after.answers == before.answers
    assert "unknown" in [one.value for one in after.answers if one.counts]


def test_who_is_not_told_the_reasons_is_not_told_the_answers(town: Town) -> None:
    review = review_seen_by(town.bob, town.for_agreement, now=NOW)
    assert (review.answers, review.medication, review.result.reasons) == ([], [], [])


def test_medication_is_agreed_before_the_patient_is_cleared(town: Town, before) -> None:
    address, dora = f"/inbox/screenings/{town.for_agreement}", before(town.dora)
    (open_rule,) = review_seen_by(town.dora, town.for_agreement, now=NOW).medication
    assert dora.post(f"{address}/clear").status_code == 409
    form = {"rule": open_rule.code, "agreed_with": "Dr. Okafor", "last_dose_on": "2027-06-01"}
    for name, wrong in (("last_dose_on", "soon"), ("last_dose_on", "9999-01-01"),
                        ("agreed_with", ""), ("agreed_with", "x" * 201)):  # fmt: skip
        refused = dora.post(f"{address}/medication", form | {name: wrong})
        assert refused.status_code == 422
        assert f'data-field="{name}"' in refused.content.decode()
    assert not Agreement.objects.exists()
    assert dora.post(f"{address}/medication", form).status_code == 303
    assert dora.post(f"{address}/clear").status_code == 303


def test_an_order_is_signed_within_the_limits_or_not_at_all(town: Town, before) -> None:
    address, dora = f"/inbox/patients/{town.alice.person_id}/orders", before(town.dora)
    for name, wrong in (("infusions", "0"), ("infusions", "many"), ("infusions", "99"),
                        ("dose_ug_per_kg", "9999"), ("dose_ug_per_kg", ""),
                        ("diagnoses", "sad"), ("protocol", "none")):  # fmt: skip
        refused = dora.post(address, ORDER | {name: wrong}, headers={"HX-Request": "true"})
        assert refused.status_code == 422, name
        assert f'data-field="{name}"' in refused.content.decode()
        assert refused.headers["HX-Retarget"] == "#refusal"
    assert not Order.objects.exists()
    answer = dora.post(address, ORDER, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].endswith("?done=signed")
    assert Order.objects.get().dose_ug_per_kg == 500


def test_a_changed_dose_is_confirmed_by_another_and_any_is_withdrawn(town: Town, before) -> None:
    order = town.changed_order
    chart = f"/inbox/patients/{town.alice.person_id}"
    dora = before(town.dora)
    page = dora.get(chart).content.decode()
    assert "Waits for a second person" in page
    assert f"{order}/confirm" not in page
    assert dora.post(f"/inbox/orders/{order}/confirm").status_code == 403
    assert dora.post(f"/inbox/orders/{order}/withdraw").status_code == 303
    assert dora.post(f"/inbox/orders/{order}/withdraw").status_code == 409
    assert dora.post(f"/inbox/orders/{uuid4()}/withdraw").status_code == 404


def test_a_response_is_recorded_for_what_was_given(town: Town, before) -> None:
    address, dora = f"/inbox/patients/{town.alice.person_id}/responses", before(town.dora)
    form = {"protocol": WEEKLY, "improvement": "some", "note": "Sleeps better."}
    assert dora.post(address, form).status_code == 409
    assert town.given
    assert dora.post(address, form | {"improvement": "much"}).status_code == 422
    assert dora.post(address, form).status_code == 303
    assert Response.objects.get().note == "Sleeps better."


def test_a_paused_series_is_let_go_on(town: Town, before) -> None:
    dora, series = before(town.dora), town.paused
    chart = f"/inbox/patients/{town.alice.person_id}"
    assert f"/inbox/series/{series}/resume" in dora.get(chart).content.decode()
    assert dora.post(f"/inbox/series/{series}/resume").status_code == 303
    assert Series.objects.get(id=series).state == "booked"
    assert dora.post(f"/inbox/series/{series}/resume").status_code == 409


def test_the_chart_opens_at_the_treatment_they_came_for(town: Town, before) -> None:
    assert town.paused
    record_score(
        patient_id=None, instrument=Instrument.PHQ_9, items=[1] * 9, by=town.alice, now=NOW
    )
    patient_id = _alice(town)
    chart = chart_of(town.dora, patient_id, None, now=NOW)
    assert chart.treatment is not None
    assert chart.treatment.code == WEEKLY
    other = next(one for one in chart.treatments if one.code == KETAMINE)
    named = chart_of(town.dora, patient_id, other.id, now=NOW)
    assert named.treatment == other
    assert named.screening is None
    assert Screening.objects.filter(id=chart.screening).exists()
    page = before(town.dora).get(f"/inbox/patients/{patient_id}?treatment=x").content.decode()
    assert "<circle" in page
    assert page.count('class="dot booked"') == 3


def _alice(town: Town) -> UUID:
    assert town.alice.person_id is not None
    return town.alice.person_id
