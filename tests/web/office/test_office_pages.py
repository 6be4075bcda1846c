"""The administrators' pages: who may open them, what they say, and what they do."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from dispatch.domain.people import Actor
from dispatch.models import Certificate, Licence, Nurse, Shift
from dispatch.selectors.office import nurse_card
from tests.api.town import Town
from tests.builders import NEVER, TODAY, TOMORROW, at
from tests.web.signing_in import sign_in, with_password
from web.languages import WORDS
from web.policy import PAGES

pytestmark = pytest.mark.django_db

SEE_OTHER = 303
LAST = (TODAY + timedelta(days=400)).isoformat()
CREDENTIAL = {"code": "VA", "number": "RN 7", "first_day": TODAY.isoformat(), "last_day": LAST}
SHIFT = {"day": (TOMORROW + timedelta(days=1)).isoformat(), "starts": "09:00", "ends": "17:00"}


def at_the_desk(actor: Actor) -> Client:
    client = Client()
    sign_in(client, with_password(actor.user_id))
    return client


@pytest.fixture
def anna(town: Town, quick_passwords: None) -> Client:
    return at_the_desk(town.anna)


def said(answer) -> str:
    return " ".join(answer.content.decode().split())


def of_nina(town: Town, rest: str = "") -> str:
    return f"/office/nurses/{town.nina.person_id}{rest}"


def version(town: Town) -> int:
    return nurse_card(town.anna, town.nina.person_id, now=town.now()).version


def test_only_administrators_come_in(town: Town, anna: Client) -> None:
    for person in (town.alice, town.bob, town.nina, town.dora):
        other = at_the_desk(person)
        for address, rows in PAGES.items():
            if address.startswith("office/") and "<" not in address and "GET" in rows:
                assert other.get(f"/{address}").status_code == 302
                assert anna.get(f"/{address}").status_code == 200


def test_the_words_are_the_same_in_both_languages() -> None:
    english, spanish = (
        json.loads((WORDS / language / "office.json").read_text()) for language in ("en", "es")
    )
    assert {page: set(words) for page, words in english.items()} == {
        page: set(words) for page, words in spanish.items()
    }


def test_every_page_can_be_read_in_spanish(town: Town, anna: Client) -> None:
    anna.cookies["django_language"] = "es"
    for address, word in (
        ("/office/", "Enfermeras"), ("/office/nurses/new", "Código postal"),
        (of_nina(town), "Añadir una licencia"), ("/office/shifts/", "Turnos"),
        ("/office/protocols/", "Ningún médico"), ("/office/market/", "Mercado"),
    ):  # fmt: skip
        assert word in said(anna.get(address, headers={"accept-language": "es"})), address


def test_the_list_tells_how_everything_stands(town: Town, anna: Client) -> None:
    assert "Ends soon" not in said(anna.get("/office/"))
    Certificate.objects.filter(code="acls").update(valid_until=at(9) + timedelta(days=3))
    assert "Ends soon" in said(anna.get("/office/"))
    Licence.objects.filter(code="MD").update(valid_until=at(9, day=TODAY - timedelta(days=3)))
    page = said(anna.get("/office/"))
    assert "Ended" in page
    assert "nina" in page


def test_a_nurse_is_added_and_shown(town: Town, anna: Client) -> None:
    typed = {"name": "Olga", "username": "olga.new", "phone": "2025550123", "zip_code": "22201"}
    refused = anna.post("/office/nurses/new", {**typed, "zip_code": "00000"})
    assert (refused.status_code, "There is no such ZIP code." in said(refused)) == (200, True)
    assert 'value="Olga"' in said(refused)
    answer = anna.post("/office/nurses/new", typed)
    assert answer.status_code == SEE_OTHER
    assert "She has no password yet" in said(anna.get(answer["Location"]))


def test_a_nurse_is_changed_and_a_collision_keeps_what_was_typed(town: Town, anna: Client) -> None:
    typed = {"name": "Nina B.", "phone": "2025550123", "new_zip_code": ""}
    stale = anna.post(of_nina(town), {**typed, "version": 1})
    assert (stale.status_code, "has changed since" in said(stale)) == (200, True)
    assert 'value="Nina B."' in said(stale)
    wrong = anna.post(of_nina(town), {**typed, "new_zip_code": "99", "version": version(town)})
    assert (wrong.status_code, "There is no such ZIP code." in said(wrong)) == (200, True)
    assert anna.post(of_nina(town), {**typed, "name": ""}).status_code == 200
    done = anna.post(of_nina(town), {**typed, "version": version(town)})
    assert done.status_code == SEE_OTHER
    assert Nurse.objects.get(id=town.nina.person_id).name == "Nina B."


def test_credentials_are_added_renewed_and_ended(town: Town, anna: Client) -> None:
    Licence.objects.all().delete()
    bad = anna.post(of_nina(town, "/licences"), {**CREDENTIAL, "last_day": "2020-01-01"})
    assert (bad.status_code, "This ends before it begins." in said(bad)) == (200, True)
    assert anna.post(of_nina(town, "/licences"), {}).status_code == 200
    assert anna.post(of_nina(town, "/licences"), CREDENTIAL).status_code == SEE_OTHER
    skilled = {**CREDENTIAL, "code": "difficult_iv"}
    assert anna.post(of_nina(town, "/certificates"), skilled).status_code == SEE_OTHER
    row = Licence.objects.get()
    renewal = f"/office/{town.nina.person_id}/licence/{row.id}/renew"
    assert anna.post(renewal, {"last_day": LAST}).status_code == 200
    later = (TODAY + timedelta(days=800)).isoformat()
    assert anna.post(renewal, {"last_day": later}).status_code == SEE_OTHER
    ending = f"/office/{town.nina.person_id}/licence/{row.id}/end"
    assert anna.post(ending).status_code == SEE_OTHER
    assert ("has ended already" in said(anna.post(ending)), Licence.objects.count()) == (True, 2)


def test_a_days_shift_is_added_and_taken_away(town: Town, anna: Client) -> None:
    typed = {**SHIFT, "nurse": str(town.nina.person_id)}
    refused = anna.post("/office/shifts/", {**typed, "ends": "08:00"})
    assert (refused.status_code, "This ends before it begins." in said(refused)) == (200, True)
    answer = anna.post("/office/shifts/", typed)
    assert (answer.status_code, "nina" in said(anna.get(answer["Location"]))) == (SEE_OTHER, True)
    shift = Shift.objects.get(service_date=SHIFT["day"])
    removal = f"/office/shifts/{shift.id}/remove"
    assert anna.post(removal, {"day": SHIFT["day"]}).status_code == SEE_OTHER
    assert anna.post(removal).status_code == 404


def test_a_shift_with_a_visit_stays_and_so_does_its_nurse(town: Town, anna: Client) -> None:
    assert town.assigned
    kept = anna.post(f"/office/shifts/{town.shift.id}/remove", {"day": TOMORROW.isoformat()})
    assert (kept.status_code, "give the visits to others" in said(kept)) == (200, True)
    closed = anna.post(of_nina(town, "/close"))
    assert (closed.status_code, "give the visits to others" in said(closed)) == (200, True)


def test_a_nurse_is_closed_and_opened(town: Town, anna: Client) -> None:
    assert anna.post(of_nina(town, "/close")).status_code == SEE_OTHER
    assert "works here no longer" in said(anna.get("/office/"))
    assert anna.post(of_nina(town, "/open")).status_code == SEE_OTHER
    assert "works here no longer" not in said(anna.get("/office/"))


def test_versions_tell_who_signed_them_off_and_what_is_missing(town: Town, anna: Client) -> None:
    assert "No prescriber has signed this version off." in said(anna.get("/office/protocols/"))


def test_the_market_is_shown(town: Town, anna: Client) -> None:
    page = said(anna.get("/office/market/"))
    assert "America/New_York" in page
    assert "+12025550199" in page


def test_what_is_another_markets_is_not_there(town: Town, anna: Client) -> None:
    there = Town("Elsewhere")
    row, shift = Licence.objects.filter(nurse_id=there.nina.person_id)[0], there.shift
    hers = f"/office/{town.nina.person_id}"
    for address in (
        of_nina(there, "/close"), of_nina(there, "/open"), of_nina(there, "/licences"),
        f"{hers}/licence/{row.id}/end", f"{hers}/licence/{row.id}/renew",
        f"{hers}/diploma/{uuid4()}/end", f"/office/shifts/{shift.id}/remove",
    ):  # fmt: skip
        assert anna.post(address, CREDENTIAL).status_code == 404, address
    assert anna.get(of_nina(there)).status_code == 404
    assert anna.post(of_nina(there), {"name": "x"}).status_code == 404
    assert Licence.objects.get(id=row.id).valid_until == NEVER
    assert Shift.objects.filter(id=shift.id).exists()


def test_what_cannot_be_read_of_a_day_shows_today(town: Town, anna: Client) -> None:
    for day in ("x", "9999-12-31", "2027-13-01", ""):
        assert anna.get("/office/shifts/", {"day": day}).status_code == 200
