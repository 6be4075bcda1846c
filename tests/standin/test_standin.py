"""The stand-in against Twilio's own SDK: it must be taken for Twilio, faults included."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from config.embedded.ports import HOST
from config.embedded.servers import CHECKOUT
from tests.standin.account import INVALID, UNSUBSCRIBED
from tests.standin.door import Standin
from tests.standin.plan import Draws, Fault, Plan
from tests.standin.running import running_standin

ALICE, OURS = "+12025550100", "+12025550199"
PATIENCE_S = 30


class Redirected(TwilioHttpClient):
    """Leads the SDK to the stand-in."""

    def __init__(self, url: str, patience: float) -> None:
        super().__init__(timeout=patience)
        self.url = url

    def request(self, method: str, url: str, *args: Any, **named: Any) -> Any:
        return super().request(
            method, url.replace("https://api.twilio.com", self.url), *args, **named
        )


@pytest.fixture
def standin() -> Iterator[Standin]:
    with running_standin() as standin:
        yield standin


def client(standin: Standin, token: str | None = None, patience: float = PATIENCE_S) -> Client:
    account, led = standin.account, Redirected(standin.url, patience)
    return Client(account.sid, token or account.token, http_client=led)


def send(standin: Standin, body: str = "Hello", to: str = ALICE, **more: Any) -> Any:
    return client(standin).messages.create(to=to, from_=OURS, body=body, **more)


def test_what_it_accepts_is_queued_and_can_be_found(standin: Standin) -> None:
    before = datetime.now(UTC)
    sent = send(standin)
    assert (sent.status, sent.to, sent.body) == ("queued", ALICE, "Hello")
    assert client(standin).messages(sent.sid).fetch().sid == sent.sid
    found = client(standin).messages.list(to=ALICE, date_sent_after=before)
    assert [one.sid for one in found] == [sent.sid]
    assert client(standin).messages.list(to="+12025550111") == []
    later = before + timedelta(hours=1)
    assert client(standin).messages.list(to=ALICE, date_sent_after=later) == []


def test_a_long_list_comes_in_pages_the_newest_first(standin: Standin) -> None:
    for number in range(7):
        send(standin, str(number))
    found = client(standin).messages.list(to=ALICE, page_size=3)
    assert [one.body for one in found] == list("6543210")


@pytest.mark.parametrize(("to", "code"), [(INVALID, 21211), (UNSUBSCRIBED, 21610), ("", 21604)])
def test_refusals_carry_the_documented_codes(standin: Standin, to: str, code: int) -> None:
    with pytest.raises(TwilioRestException) as refused:
        send(standin, to=to)
    assert (refused.value.status, refused.value.code) == (400, code)
    assert standin.account.messages == []


def test_a_wrong_token_is_refused(standin: Standin) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client(standin, "wrong").messages.create(to=ALICE, from_=OURS, body="Hello")
    assert (refused.value.status, refused.value.code) == (401, 20003)


@pytest.mark.parametrize(("fault", "code"), [(Fault.BUSY, 20429), (Fault.UNAVAILABLE, 20503)])
def test_what_it_has_no_time_for_is_not_accepted(standin: Standin, fault: Fault, code: int) -> None:
    standin.do_next(fault)
    with pytest.raises(TwilioRestException) as refused:
        send(standin)
    assert (refused.value.code, standin.account.messages) == (code, [])
    assert send(standin).status == "queued"


@pytest.mark.parametrize(
    ("fault", "accepted"), [(Fault.DROPPED, 1), (Fault.HUNG, 1), (Fault.LOST, 0)]
)
def test_nobody_can_tell_from_silence_whether_it_accepted(
    standin: Standin, fault: Fault, accepted: int
) -> None:
    standin.do_next(fault)
    with pytest.raises((requests.ConnectionError, requests.Timeout)):
        client(standin, patience=1).messages.create(to=ALICE, from_=OURS, body="Hello")
    assert len(standin.account.messages) == accepted


def test_what_becomes_of_a_message_is_told_signed() -> None:
    with running_standin() as standin, hook() as (url, heard):
        sent = send(standin, status_callback=f"{url}/hooks/texts/twilio")
        until(lambda: len(heard) == 2)
        assert [form["MessageStatus"] for form, _ in heard] == ["sent", "delivered"]
        for form, signature in heard:
            assert form["MessageSid"] == sent.sid
            assert valid(standin, f"{url}/hooks/texts/twilio", form, signature)
    assert standin.account.find(sent.sid).status == "delivered"


def test_receipts_may_come_twice_in_disorder_and_from_somebody_else() -> None:
    plan = Plan(undelivered=1, doubled=1, disordered=1, forged=1)
    with running_standin(plan) as standin, hook() as (url, heard):
        send(standin, status_callback=url)
        until(lambda: len(heard) == 4)
        told = [form["MessageStatus"] for form, _ in heard]
        assert told == ["undelivered"] * 3 + ["sent"]
        assert [valid(standin, url, *one) for one in heard].count(False) == 1


def test_a_person_who_says_stop_is_not_written_to(standin: Standin) -> None:
    with hook() as (url, heard):
        assert standin.say(url, ALICE, "Stop")[0] == 200
        form, signature = heard[0]
        assert (form["From"], form["Body"]) == (ALICE, "Stop")
        assert valid(standin, url, form, signature)
        with pytest.raises(TwilioRestException):
            send(standin)
        standin.say(url, ALICE, "START")
        assert send(standin).status == "queued"


def test_the_same_seed_draws_the_same_faults_in_the_shares_asked_for() -> None:
    plan = Plan(seed=7, busy=0.2, dropped=0.1)
    first, second = Draws(plan), Draws(plan)
    drawn = [first.fault("POST") for _ in range(2000)]
    assert drawn == [second.fault("POST") for _ in range(2000)]
    assert 0.15 < drawn.count(Fault.BUSY) / 2000 < 0.25
    assert 0.07 < drawn.count(Fault.DROPPED) / 2000 < 0.13
    assert set(drawn) == {Fault.BUSY, Fault.DROPPED, Fault.NONE}


def test_it_runs_as_a_process_and_shows_its_journal() -> None:
    command = [sys.executable, "-m", "tests.standin", "--seed", "3", "--busy", "1"]
    with subprocess.Popen(  # noqa: S603
        command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url, sid, token = process.stdout.readline().split()
        twilio = Client(sid, token, http_client=Redirected(url, PATIENCE_S))
        with pytest.raises(TwilioRestException):
            twilio.messages.create(to=ALICE, from_=OURS, body="Hello")
        assert requests.post(f"{url}/standin/plan", json={}, timeout=PATIENCE_S).ok
        twilio.messages.create(to=ALICE, from_=OURS, body="Hello")
        (entry,) = requests.get(f"{url}/standin/journal?after=0", timeout=PATIENCE_S).json()
        assert (entry["to"], entry["body"]) == (ALICE, "Hello")
        assert abs(entry["accepted_at"] - time.time()) < 2 * PATIENCE_S


def valid(standin: Standin, url: str, form: dict[str, str], signature: str) -> bool:
    return bool(RequestValidator(standin.account.token).validate(url, form, signature))


def until(holds: Any, patience: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def hook() -> Iterator[tuple[str, list[tuple[dict[str, str], str]]]]:
    """An address that takes forms, and what it has taken with each signature."""
    heard: list[tuple[dict[str, str], str]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            heard.append((dict(parse_qsl(text)), self.headers["X-Twilio-Signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer((HOST, 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}", heard
        finally:
            server.shutdown()
            thread.join()
