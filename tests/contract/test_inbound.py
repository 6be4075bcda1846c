"""Our hook behind real HTTP, called by the stand-in that signs and tells as Twilio documents it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.db import connections

from config.embedded.ports import HOST
from config.wsgi import application
from dispatch.gateways.twilio_texts import TwilioTexts
from dispatch.models import InboundText, MessageAttempt, ProviderReceipt, Stop
from tests.builders import COMPANIONS_PHONE, NOW, World, at
from tests.contract.conftest import outgoing
from tests.databases import Clone
from tests.faults.running import set_clock, within
from tests.signing import TWILIO
from tests.standin.door import Standin
from tests.standin.plan import Plan
from tests.standin.running import running_standin
from workers import work

DISORDERED = Plan(doubled=1, disordered=1, forged=1)
PATIENCE_S = 30


class _Server(ThreadingMixIn, WSGIServer):
    """A thread a request, whose connection to the database ends with it."""

    def process_request_thread(self, *request: Any) -> None:
        try:
            super().process_request_thread(*request)
        finally:
            connections.close_all()


class _Handler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def url(fresh_database: Clone, settings) -> Iterator[str]:
    """Our own address, at which the API answers."""
    with make_server(HOST, 0, application, _Server, _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
        thread.start()
        settings.PUBLIC_URL = f"http://{HOST}:{server.server_port}"
        yield settings.PUBLIC_URL
        server.shutdown()
        thread.join()


@pytest.fixture
def standin(url: str, settings) -> Iterator[Standin]:
    with running_standin(DISORDERED) as standin:
        settings.TWILIO_URL, settings.TWILIO_FROM = standin.url, "+15005550006"
        settings.TWILIO_ACCOUNT_SID = standin.account.sid
        settings.TWILIO_AUTH_TOKEN = standin.account.token
        yield standin


@pytest.fixture
def attempt(url: str) -> MessageAttempt:
    """Carl's question, begun and not yet settled."""
    world = World()
    set_clock(world.market, NOW)
    world.shift(world.nurse("nina"))
    carl = world.companion(world.alice)
    world.book(world.home(world.alice), world.alice, at(10), companion=carl)
    work.deliver_events()
    work.send_messages()
    return MessageAttempt.objects.get(message__kind="companion_request")


def test_receipts_twice_in_disorder_and_forged_settle_right(standin, attempt, url) -> None:
    sid = TwilioTexts().send(outgoing())
    attempt.carrier, attempt.provider_id = "twilio", sid
    attempt.save(update_fields=["carrier", "provider_id"])
    within(PATIENCE_S, lambda: len(standin.callbacks.answers) == 4)
    assert sorted(standin.callbacks.answers) == [204, 204, 204, 403]
    attempt.refresh_from_db()
    assert attempt.receipt == "delivered"
    kept = ProviderReceipt.objects.values_list("provider_id", "receipt")
    assert list(kept) == [(sid, "delivered")]


def test_a_receipt_before_our_own_commit_is_kept_for_it(standin, attempt, url) -> None:
    sid = TwilioTexts().send(outgoing())
    within(PATIENCE_S, ProviderReceipt.objects.exists)
    assert not MessageAttempt.objects.filter(provider_id=sid).exists()
    assert ProviderReceipt.objects.get().provider_id == sid


def test_what_people_write_is_heard_and_obeyed(standin, attempt, url) -> None:
    for body in ("Yes, I'll be there", "STOP"):
        status, answer = standin.say(url + TWILIO, COMPANIONS_PHONE, body)
        assert (status, answer) == (204, "")
    work.deliver_events()
    led_to = InboundText.objects.order_by("received_at").values_list("led_to", flat=True)
    assert list(led_to) == ["confirmed", "stopped"]
    assert Stop.objects.filter(started_at__isnull=True).count() == 1
