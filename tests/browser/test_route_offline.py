"""Nina's phone loses its connection, its session, its page; and Nora takes the same phone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Route, expect

from dispatch.models import FieldEvent, ScreenSession, Visit
from dispatch.selectors.clock import market_now
from tests.browser.phone import (
    PAGES,
    RAW,
    STORED,
    WITHOUT_DOSE,
    WITHOUT_LOCKS,
    hanging,
    ids,
    morning,
    offline,
    opens,
    phone,
    says,
    sign_in,
    together,
    told,
    unlock,
    without_lost_connections,
)
from tests.browser.site import Site
from tests.browser.steps import IN_ORDER, do, done, notes, sets_out_unchecked
from tests.browser.usable import violations
from tests.door import sign_all
from tests.faults.running import within
from tests.web.signing_in import let_pass, with_password
from workers import work

pytestmark = pytest.mark.journey

BEFORE = ("depart", "arrive", "identity")
AFTER = tuple(key for key in IN_ORDER if key not in BEFORE)
TOLD = [
    "depart", "arrive", "identity", "note", "companion", "home", "vitals", "go_no_go", "checkout",
    "start-infusion", "end-infusion", "give", "waste", "discharge", "complete",
]  # fmt: skip


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


def test_what_is_done_without_a_connection_is_told_once_and_in_order(site: Site) -> None:
    world, visit = morning()
    page = phone(site, world, visit)
    do(page, *BEFORE)
    says(page, "All sent")
    with offline(site, page):
        gone = market_now(world.market.id)
        notes(page)
        says(page, "1 waiting")
        page.reload()
        done(page, "identity")
        expect(page.locator("#step-companion")).to_have_attribute("data-state", "now")
        do(page, *AFTER)
        says(page, f"{len(AFTER) + 1} waiting")
        page.goto("/route/end")
        expect(page.locator("#unsent li")).to_have_count(len(AFTER) + 1)
        assert violations(page) == []
        page.goto("/route/visits/" + str(world.alice.person_id))
        expect(page.get_by_role("heading", name="Not on this phone")).to_be_visible()
        assert FieldEvent.objects.filter(visit=visit).count() == len(BEFORE)
        back = market_now(world.market.id)
    says(page, "All sent")
    assert told(visit) == TOLD
    events = list(FieldEvent.objects.filter(visit=visit).order_by("device_time"))
    waited = [one.received_at - one.device_time for one in events[len(BEFORE) :]]
    assert waited == sorted(waited, reverse=True), "each has the time at which it was done"
    assert all(gone < one.device_time < back for one in events[len(BEFORE) :])
    assert completed_at(visit) == events[-1].device_time
    page.goto("/route/end")
    expect(page.locator("#finished")).to_be_visible()


def test_what_the_phone_alone_knows_is_not_said_to_be_known_elsewhere(site: Site) -> None:
    world, visit = morning()
    page = phone(site, world, visit)
    do(page, "depart", "arrive")
    with offline(site, page):
        page.locator("#help").click()
        page.locator("#step-adverse_event .head").click()
        page.locator("#step-adverse_event").get_by_label("Severe").check()
        page.locator("#f-adverse_event-text").fill("Hives.")
        page.locator("#step-adverse_event .save").click()
        expect(page.locator("#advice")).to_contain_text("Not sent yet")
        expect(page.locator("#alerted")).to_be_hidden()
        page.locator("#step-start .head").click()
        page.locator("#f-start-dose_ug").fill("35")
        page.locator("#step-start .save").click()
        against = page.locator("#step-start .against")
        expect(against).to_contain_text("Without a connection nobody can be asked.")
        expect(against).to_contain_text("Identity: not told yet")
        expect(against.get_by_role("button", name="Go on all the same")).to_be_visible()
        page.goto("/route/")
        expect(page.get_by_role("button", name="I have these with me")).to_be_disabled()
        page.goto(f"/route/visits/{visit.id}")
    says(page, "All sent")
    expect(page.locator("#advice")).to_contain_text("A prescriber has been alerted.")
    expect(page.locator("#unsent")).to_be_hidden()


def completed_at(visit: Visit) -> datetime | None:
    """When the visit was over, once the witness has signed."""
    sign_all(visit.id, market_now(visit.market_id))
    work.deliver_events()
    visit.refresh_from_db()
    assert visit.status == "completed"
    return visit.completed_at


def test_a_service_that_hangs_or_whose_answer_is_lost_changes_nothing(site: Site) -> None:
    world, visit = morning()
    page = phone(site, world, visit)
    with hanging(site):
        page.reload()
        sets_out_unchecked(page)
        says(page, "Sending 1")
    says(page, "All sent")
    arrived = list[str]()

    def lose(route: Route) -> None:
        arrived.append(str(route.request.post_data))
        route.fetch()
        route.abort()

    page.context.route("**/events", lose)
    do(page, "arrive")
    within(45, lambda: page.evaluate("1") and arrived)
    within(45, lambda: FieldEvent.objects.filter(visit=visit).count() == 2)
    page.context.unroute_all(behavior="ignoreErrors")
    page.reload()
    says(page, "All sent")
    assert FieldEvent.objects.filter(visit=visit).count() == 2
    without_lost_connections(site)


def test_a_session_that_ends_meanwhile_costs_one_sign_in_and_no_event(site: Site) -> None:
    world, visit = morning()
    page = phone(site, world, visit)
    site.expect(401, 403)
    let_pass(timedelta(hours=13))
    sets_out_unchecked(page)
    do(page, "arrive")
    says(page, "Sign in to send 2")
    assert violations(page) == []
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, world.nina)
    assert page.url.endswith(f"/route/visits/{visit.id}"), "back where she was"
    says(page, "All sent")
    assert told(visit) == ["depart", "arrive"]


def test_another_nurse_on_the_same_phone_neither_sees_nor_sends_anything(site: Site) -> None:
    world, visit = morning()
    nora = world.nurse("nora")
    with_password(nora.user_id)
    page = phone(site, world, visit)
    site.expect(401, 403)
    ScreenSession.objects.all().delete()
    sets_out_unchecked(page)
    says(page, "Sign in to send 1")
    page.goto("/sign-in?next=/account")
    sign_in(page, nora)
    with offline(site, page):
        assert not opens(page, "/route/"), "nobody knows yet whose pages to show"
        unlock(page)
        assert opens(page, "/route/"), "the control: it is the lock that keeps them back"
        expect(page.locator("main")).to_contain_text("alice")
    page.goto("/route/")
    says(page, "All sent")
    within(45, lambda: len(page.evaluate(PAGES)) == 5)
    assert len(page.evaluate(STORED)) == 1, "the other's event stays where it is, sealed"
    with offline(site, page):
        page.goto(f"/route/visits/{visit.id}")
        expect(page.get_by_role("heading", name="Not on this phone")).to_be_visible()
    assert told(visit) == []
    page.goto("/route/")
    page.locator("#sign-out button").click()
    page.wait_for_url("**/sign-in")
    sign_in(page, world.nina)
    says(page, "All sent")
    assert told(visit) == ["depart"]


@pytest.mark.parametrize("locks", [True, False])
def test_two_tabs_send_each_event_once(site: Site, locks: bool) -> None:
    """The control has tabs that do not wait for each other."""
    world, visit = morning()
    page = phone(site, world, visit)
    sent = list[str]()
    page.context.on("request", lambda asked: sent.extend(ids(asked.post_data)))
    if not locks:
        page.context.add_init_script(WITHOUT_LOCKS)
        together(page)
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"/route/visits/{visit.id}")
        says(tab, "All sent")
    with offline(site, page):
        do(page, "depart", "arrive")
        notes(other)
        says(page, "3 waiting")
    for tab in (page, other):
        says(tab, "All sent")
    assert told(visit) == ["depart", "arrive", "note"]
    assert (len(sent) == len(set(sent))) is locks


def test_what_is_not_accepted_is_kept_and_named_and_stops_nothing_else(site: Site) -> None:
    world, visit = morning()
    page = phone(site, world, visit)
    site.expect(400)
    with offline(site, page):
        do(page, "depart")
        page.evaluate(WITHOUT_DOSE, str(visit.id))
        notes(page)
        assert "Slept well" not in page.evaluate(RAW), "what was written is sealed"
    says(page, "1 not accepted")
    assert told(visit) == ["depart", "note"]
    page.goto("/route/end")
    row = page.locator("#unsent li")
    expect(row).to_contain_text("dose_ug")
    expect(page.locator("#finished")).to_be_hidden()
    assert violations(page) == []
    row.get_by_role("button", name="Try again").press("Enter")
    says(page, "1 not accepted")
    assert len(page.evaluate(STORED)) == 3


def test_who_signs_out_is_asked_about_what_has_not_been_sent(site: Site) -> None:
    world, visit = morning()
    page = phone(site, world, visit)
    leaving = page.locator("#leaving")
    with offline(site, page):
        do(page, "depart")
        says(page, "1 waiting")
        page.locator("#sign-out button").click()
        expect(leaving).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="Send first").click()
        expect(leaving).to_contain_text("could not be sent")
        page.keyboard.press("Escape")
        assert len(page.evaluate(STORED)) == 1
        page.locator("#sign-out button").click()
    page.get_by_role("button", name="Send first").click()
    page.wait_for_url("**/sign-in")
    assert FieldEvent.objects.filter(visit=visit).count() == 1
    assert page.evaluate(STORED) == page.evaluate(PAGES) == []
