"""Finding a patient by phone: the number comes in the body, written as people write it."""

import pytest

from tests.api.story import told
from tests.api.town import Town, assert_problem
from tests.builders import PHONE, named


@pytest.mark.parametrize("written", [PHONE, "2025550100", "(202) 555-0100", "+1 202.555.0100"])
def test_a_patient_is_found_by_a_number_in_any_spelling(town, prescriber, written) -> None:
    Town("Elsewhere").alice  # noqa: B018 - a patient of another market with the same number
    page = told(prescriber.post_("patients/search", {"phone": written}))
    assert page == {
        "next": None,
        "previous": None,
        "results": [{"id": str(town.alice.person_id), "name": named("alice"), "phone": PHONE}],
    }


def test_a_number_that_nobody_has_finds_an_empty_page(dispatcher) -> None:
    page = told(dispatcher.post_("patients/search", {"phone": "2025550177"}))
    assert page == {"next": None, "previous": None, "results": []}


def test_the_address_of_the_list_takes_no_number(dispatcher, administrator) -> None:
    assert_problem(dispatcher.get_("patients", phone="+12025550177"), 400, "invalid", "phone")
    assert administrator.post_("patients/search", {"phone": PHONE}).status_code == 403
