"""pywebpush against a push service on loopback; the browser reads what comes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from py_vapid import Vapid

from dispatch.domain.ids import digest, new_id
from dispatch.gateways.carriers import Busy, Refused
from dispatch.gateways.pushes import WebPushes
from dispatch.models import PushSubscription
from tests.browsers import Browser, number_of, point_of
from tests.builders import NOW, World
from tests.contract.conftest import HANGS_S, LINK, in_time, outgoing
from tests.contract.provider import Answer, Asked, Provider, running

KEPT_AT = "https://push.example.org/message/1"


@dataclass
class Pushed:
    service: Provider
    browser: Browser
    row: PushSubscription

    def message(self, **changes):
        return outgoing(to=str(self.row.id), body="A name.", **changes)

    def gone(self) -> bool:
        self.row.refresh_from_db()
        return self.row.gone_at is not None


@pytest.fixture
def pushed(db: None, settings) -> Iterator[Pushed]:
    key = generate_private_key(SECP256R1())
    settings.VAPID_PRIVATE_KEY, settings.VAPID_PUBLIC_KEY = number_of(key), point_of(key)
    settings.VAPID_SUBJECT = "mailto:office@example.org"
    with running(Answer(201, headers={"Location": KEPT_AT})) as service:
        browser, alice = Browser(f"{service.url}/abc"), World().alice
        told = browser.told()
        row = PushSubscription.objects.create(
            market_id=alice.market_id, patient_id=alice.person_id, endpoint=browser.endpoint,
            endpoint_digest=digest(browser.endpoint), subscribed_at=NOW, **told["keys"],
        )  # fmt: skip
        yield Pushed(service, browser, row)


def header(asked: Asked, name: str) -> str:
    return {key.lower(): value for key, value in asked.headers.items()}[name]


def test_the_browser_reads_that_there_is_news_and_nothing_else(pushed: Pushed) -> None:
    assert WebPushes().send(pushed.message()) == KEPT_AT
    (asked,) = pushed.service.accepted
    assert json.loads(pushed.browser.read(asked.body)) == {"title": "Your visit", "link": LINK}
    assert b"visit" not in asked.body
    assert (header(asked, "ttl"), header(asked, "urgency")) == ("14400", "high")


def test_the_push_service_can_tell_who_it_comes_from(pushed: Pushed, settings) -> None:
    WebPushes().send(pushed.message())
    signed = header(pushed.service.accepted[0], "authorization")
    assert f"k={settings.VAPID_PUBLIC_KEY}" in signed
    token = signed.split("t=")[1].split(",")[0]
    text, _, signature = token.rpartition(".")
    vapid = Vapid.from_raw_public(settings.VAPID_PUBLIC_KEY.encode())
    assert vapid.verify_token(text.encode(), signature)


def test_a_repeated_try_replaces_the_first_and_another_message_does_not(pushed: Pushed) -> None:
    pushed.service.do_next(Answer(201, drop=True))
    with in_time(), pytest.raises(ConnectionError):
        WebPushes().send(pushed.message())
    WebPushes().send(pushed.message())
    WebPushes().send(pushed.message(key=f"{new_id()}.1"))
    first, second, other = (header(asked, "topic") for asked in pushed.service.accepted)
    assert first == second != other
    assert len(other) <= 32


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_marked_and_not_asked_again(pushed: Pushed, status) -> None:
    pushed.service.do_next(Answer(status))
    with pytest.raises(Refused):
        WebPushes().send(pushed.message())
    assert pushed.gone()
    with pytest.raises(Refused):
        WebPushes().send(pushed.message())
    assert pushed.service.asked == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(400), Refused), (Answer(413), Refused), (Answer(403), PermissionError),
        (Answer(429, headers={"Retry-After": "3"}), Busy), (Answer(500), ConnectionError),
        (Answer(307, headers={"Location": "/other"}), ConnectionError),
    ],
    ids=lambda one: "" if isinstance(one, type) else str(one.status),
)  # fmt: skip
def test_each_answer_has_its_meaning_and_the_browser_stays(pushed: Pushed, answer, kind) -> None:
    pushed.service.do_next(answer)
    with in_time(), pytest.raises(kind) as fault:
        WebPushes().send(pushed.message())
    assert pushed.browser.endpoint not in repr(fault.value)
    assert not pushed.gone()
    assert pushed.service.asked == 1


def test_a_service_that_hangs_is_left_in_time(pushed: Pushed, impatient) -> None:
    pushed.service.do_next(Answer(201, wait_s=10))
    with in_time(HANGS_S - 1), pytest.raises(TimeoutError):
        WebPushes().send(pushed.message())


def test_nothing_leaves_once_the_lease_has_ended(pushed: Pushed) -> None:
    with pytest.raises(TimeoutError):
        WebPushes().send(pushed.message(good_until=datetime.now(UTC) - timedelta(seconds=1)))
    assert pushed.service.accepted == []
