"""The market's page and a nurse's week: what they show, do, and refuse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from dispatch.models import Market, Shift, ShiftException, ShiftRule
from tests.api.town import Town
from tests.builders import TODAY, TOMORROW
from tests.web.signing_in import sign_in, with_password

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]

SEE_OTHER = 303
DAY = timedelta(days=1)
MARKET = {"name": "Capital", "office_phone": "202 555 0147", "zone": "America/New_York"}
HOURS = {
    "weekdays": ["2", "3"], "starts": "09:00", "ends": "17:00",
    "first_day": TODAY.isoformat(), "last_day": "",
}  # fmt: skip


@pytest.fixture
def anna(town: Town) -> Client:
    client = Client()
    sign_in(client, with_password(town.anna.user_id))
    return client


def said(answer) -> str:
    return " ".join(answer.content.decode().split())


def of_nina(town: Town, rest: str = "/week") -> str:
    return f"/office/nurses/{town.nina.person_id}{rest}"


def test_the_market_is_changed_and_a_collision_keeps_what_was_typed(
    town: Town, anna: Client
) -> None:
    wrong = anna.post("/office/market/", {**MARKET, "office_phone": "x", "version": 1})
    assert (wrong.status_code, "This is no phone number." in said(wrong)) == (200, True)
    done = anna.post("/office/market/", {**MARKET, "version": 1})
    assert done.status_code == SEE_OTHER
    assert Market.objects.get(id=town.market.id).office_phone == "+12025550147"
    stale = anna.post("/office/market/", {**MARKET, "name": "Other", "version": 1})
    page = said(stale)
    assert (stale.status_code, "has changed since you looked" in page) == (200, True)
    assert 'value="Other"' in page
    assert "By now it says: Capital" in page
    assert 'name="version" value="2"' in page
    assert anna.post("/office/market/", {}).status_code == 200


def test_the_clocks_stay_while_shifts_lie_ahead(town: Town, anna: Client) -> None:
    refused = anna.post("/office/market/", {**MARKET, "zone": "America/Chicago", "version": 1})
    assert "were made by the clocks of now" in said(refused)
    odd = anna.post("/office/market/", {**MARKET, "zone": "Mars/Olympus", "version": 1})
    assert odd.status_code == 200
    assert Market.objects.get(id=town.market.id).version == 1


def test_weekly_hours_are_added_shown_and_ended(town: Town, anna: Client) -> None:
    wrong = anna.post(of_nina(town), {**HOURS, "ends": "08:00"})
    assert (wrong.status_code, "This ends before it begins." in said(wrong)) == (200, True)
    assert anna.post(of_nina(town), {}).status_code == 200
    assert anna.post(of_nina(town), {**HOURS, "weekdays": ["9"]}).status_code == 200
    assert anna.post(of_nina(town), HOURS).status_code == SEE_OTHER
    page = said(anna.get(of_nina(town)))
    assert page.count("data-rule=") == 2
    assert page.count("data-shift=") == 9, "eight, and tomorrow's of the story"
    assert "Wednesday" in page
    rule = ShiftRule.objects.order_by("weekday").first()
    ending = of_nina(town, f"/week/{rule.id}/end")
    refused = anna.post(ending, {"last_day": "2020-01-01"})
    assert (refused.status_code, "This day has passed." in said(refused)) == (200, True)
    last = TODAY + 2 * DAY
    assert anna.post(ending, {"last_day": last.isoformat()}).status_code == SEE_OTHER
    assert Shift.objects.filter(nurse_id=town.nina.person_id).count() == 6


def test_a_day_is_taken_off_and_back(town: Town, anna: Client) -> None:
    anna.post(of_nina(town), HOURS)
    day = TODAY + 2 * DAY
    typed = {"day": day.isoformat(), "starts": "", "ends": ""}
    half = anna.post(of_nina(town, "/days"), {**typed, "starts": "09:00"})
    assert (half.status_code, "Both times, or neither." in said(half)) == (200, True)
    assert anna.post(of_nina(town, "/days"), typed).status_code == SEE_OTHER
    assert not Shift.objects.filter(service_date=day).exists()
    off = ShiftException.objects.get()
    undoing = of_nina(town, f"/days/{off.id}/undo")
    assert anna.post(undoing).status_code == SEE_OTHER
    assert Shift.objects.filter(service_date=day).exists()
    assert anna.post(undoing).status_code == 404


def test_what_would_strip_a_visit_is_refused_and_the_visit_named(town: Town, anna: Client) -> None:
    assert town.assigned
    off = {"day": TOMORROW.isoformat(), "starts": "", "ends": ""}
    refused = anna.post(of_nina(town, "/days"), off)
    page = said(refused)
    assert (refused.status_code, "give the visits to others" in page) == (200, True)
    assert f"/board/?date={TOMORROW}" in page
    assert "Tue 8 Jun, 10:00" in page
    assert not ShiftException.objects.exists()


def test_another_nurses_or_markets_week_is_not_there(town: Town, anna: Client) -> None:
    there = Town("Elsewhere")
    assert anna.get(of_nina(there)).status_code == 404
    assert anna.post(of_nina(there), HOURS).status_code == 404
    assert anna.post(of_nina(there, "/days"), {"day": TOMORROW.isoformat()}).status_code == 404
    other = town.world.nurse("olga")
    anna.post(f"/office/nurses/{other.person_id}/week", HOURS)
    anna.post(f"/office/nurses/{other.person_id}/days", {"day": TODAY.isoformat()})
    rule, off = ShiftRule.objects.first(), ShiftException.objects.get()
    for address in (f"/week/{rule.id}/end", f"/days/{off.id}/undo"):
        assert anna.post(of_nina(town, address), {"last_day": TODAY.isoformat()}).status_code == 404


def test_the_week_can_be_read_in_spanish(town: Town, anna: Client) -> None:
    anna.post(of_nina(town), HOURS)
    page = said(anna.get(of_nina(town), headers={"accept-language": "es"}))
    assert "Miércoles" in page
    assert "Añadir horario semanal" in page
