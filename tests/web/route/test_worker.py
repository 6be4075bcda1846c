"""What the phone fetches to go on without a connection, and for whom."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from dispatch.models import AuditEntry, User
from tests.api.town import Town
from tests.builders import NOW, TODAY, TOMORROW, at
from tests.web.test_headers import policy_of

pytestmark = pytest.mark.django_db


def signed_in(user_id: UUID) -> Client:
    browser = Client()
    browser.force_login(User.objects.get(id=user_id), "web.sign_in.backend.Backend")
    return browser


def kept(browser: Client) -> dict:
    answer = browser.get("/route/keep.json")
    assert answer.status_code == 200
    return answer.json()


def test_the_worker_may_load_from_here_alone_and_is_never_an_old_one(client: Client) -> None:
    answer = client.get("/route/worker.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"] == "no-cache"
    policy = policy_of(answer)
    assert policy.pop("connect-src") == policy.pop("script-src") == ["'self'"]
    assert set(map(tuple, policy.values())) == {("'none'",)}


@pytest.mark.parametrize(("language", "name"), [("en", "Route"), ("es", "Ruta")])
def test_the_route_can_be_put_on_a_phone_in_both_languages(client, language, name) -> None:
    answer = client.get("/route/manifest.webmanifest", headers={"Accept-Language": language})
    told = answer.json()
    assert (told["short_name"], told["lang"]) == (name, language)
    assert (told["scope"], told["display"]) == ("/route/", "standalone")
    for icon in told["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/")), icon


def test_today_and_tomorrow_are_kept_with_their_visits_and_no_other_day(town: Town) -> None:
    assert town.assigned
    later = TOMORROW + timedelta(days=1)
    town.world.shift(town.nina, later)
    told = kept(signed_in(town.nina.user_id))
    assert told["user"] == str(town.nina.user_id)
    assert told["visits"] == [str(town.assigned)]
    assert set(told["pages"]) == {
        "/route/", "/route/end", "/route/unkept", _day(TODAY), _day(TOMORROW),
        f"/route/visits/{town.assigned}",
    }  # fmt: skip
    town.set_clock(at(8, day=later))
    assert kept(signed_in(town.nina.user_id))["visits"] == []


def _day(day: date) -> str:
    return f"/route/?date={day}"


def test_all_files_that_scripts_of_the_route_import_are_named(town: Town) -> None:
    files = kept(signed_in(town.nina.user_id))["files"]
    assert "/static/web/route/queue.js" in files
    assert "/static/web/screen.css" in files
    for name in files:
        assert finders.find(name.removeprefix("/static/")), name


def test_the_version_is_another_when_the_day_is(town: Town) -> None:
    browser = signed_in(town.nina.user_id)
    before = kept(browser)["version"]
    assert kept(browser)["version"] == before
    assert town.assigned
    assert kept(browser)["version"] != before


def test_every_page_that_is_kept_can_be_had_and_names_whose_it_is(town: Town) -> None:
    assert town.assigned
    browser = signed_in(town.nina.user_id)
    for address in kept(browser)["pages"]:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert f'data-user="{town.nina.user_id}"' in answer.content.decode(), address
        assert "/static/web/route/register.js" in answer.content.decode(), address


def test_the_list_is_nobodys_look_and_another_nurse_has_her_own(town: Town) -> None:
    assert town.assigned
    looks = AuditEntry.objects.filter(verb="read").count()
    told = kept(signed_in(town.world.nurse("nora").user_id))
    assert told["visits"] == []
    assert str(town.assigned) not in str(told)
    assert AuditEntry.objects.filter(verb="read").count() == looks


def test_who_is_signed_out_is_sent_away_by_the_list(client: Client) -> None:
    assert client.get("/route/keep.json").status_code == 302


def test_the_phones_clock_is_told_by_how_much_a_demo_is_ahead(town: Town) -> None:
    town.set_clock(NOW)
    page = signed_in(town.nina.user_id).get("/route/unkept").content.decode()
    ahead = int(page.partition('data-ahead="')[2].partition('"')[0])
    assert ahead == round(_offset(town) * 1000)


def _offset(town: Town) -> float:
    town.market.refresh_from_db()
    return town.market.clock_offset.total_seconds()
