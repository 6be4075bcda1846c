"""The stand-in's HTTP: Twilio's addresses, and a few of its own for whoever runs it."""

from __future__ import annotations

import json
import threading
from base64 import b64decode
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from config.embedded.ports import HOST
from tests.standin.account import Account, Wrong
from tests.standin.callbacks import Callbacks
from tests.standin.plan import Draws, Fault, Plan

OWN = "/standin/"
PAGE = 50
BEFORE_ALL, AFTER_ALL = 0.0, 1e12


class Standin:
    """The provider: an account, its faults, and what it tells."""

    def __init__(self, plan: Plan | None = None, account: Account | None = None) -> None:
        self.account = account or Account()
        self.draws = Draws(plan or Plan())
        self.callbacks = Callbacks(self.account, self.draws)
        self.met: Counter[str] = Counter()
        """How many requests met which fault, as "POST busy"."""
        self.calm = threading.Event()
        self.one_at_a_time = threading.Lock()
        self.url = ""

    def do_next(self, *faults: Fault, method: str = "POST") -> None:
        """Have the coming requests of this method meet these faults, in this order."""
        with self.one_at_a_time:
            self.draws.said[method].extend(faults)

    def follow_plan(self, plan: Plan) -> None:
        with self.one_at_a_time:
            self.draws.plan = plan

    def say(self, hook: str, sender: str, body: str) -> tuple[int, str]:
        """Have somebody write a text to us; return status and body of our hook's answer."""
        return self.callbacks.say(hook, sender, body)

    def fault(self, method: str) -> Fault:
        with self.one_at_a_time:
            fault = self.draws.fault(method)
            self.met[f"{method} {fault.value}"] += 1
            return fault

    def stand_still(self, seconds: float) -> None:
        self.calm.wait(seconds)

    def stop(self) -> None:
        self.calm.set()
        self.callbacks.stop()


class Handler(BaseHTTPRequestHandler):
    """One connection. Answers go out in one piece, for a client may have been killed meanwhile."""

    protocol_version = "HTTP/1.1"
    standin: Standin

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.path.startswith(OWN):
            self._control(text)
            return
        form = dict(parse_qsl(text, keep_blank_values=True))
        self._served(lambda: self._create(form))

    def do_GET(self) -> None:
        if self.path.startswith(OWN):
            self._show()
            return
        self._served(self._read)

    def _served(self, serve: Any) -> None:
        try:
            self._authenticate()
            serve()
        except Wrong as wrong:
            self._answer(wrong.status, wrong.document)

    def _authenticate(self) -> None:
        account = self.standin.account
        kind, _, told = self.headers.get("Authorization", "").partition(" ")
        right = f"{account.sid}:{account.token}"
        under = f"/2010-04-01/Accounts/{account.sid}/"
        if kind != "Basic" or b64decode(told).decode() != right:
            raise Wrong(401, 20003, "Authenticate")
        if not self.path.startswith(under):
            raise Wrong(404, 20404, f"The requested resource {self.path} was not found")

    def _create(self, form: dict[str, str]) -> None:
        standin, account = self.standin, self.standin.account
        fault = self._refused_by_fault("POST")
        account.check(form)
        if fault is Fault.LOST:
            self._leave(standin.draws.plan.hang_s)
            return
        if fault is Fault.SLOW:
            standin.stand_still(standin.draws.seconds(standin.draws.plan.slow_s))
        accepted = account.accept(form)
        standin.callbacks.follow(accepted)
        if fault in {Fault.DROPPED, Fault.HUNG}:
            self._leave(standin.draws.plan.hang_s if fault is Fault.HUNG else 0)
            return
        self._answer(201, accepted.document(account.sid))

    def _read(self) -> None:
        account, address = self.standin.account, urlsplit(self.path)
        fault = self._refused_by_fault("GET")
        if fault in {Fault.DROPPED, Fault.HUNG, Fault.LOST}:
            self._leave(0 if fault is Fault.DROPPED else self.standin.draws.plan.hang_s)
            return
        name = address.path.removeprefix(f"/2010-04-01/Accounts/{account.sid}/")
        if name == "Messages.json":
            self._answer(200, self._page(dict(parse_qsl(address.query))))
        else:
            sid = name.removeprefix("Messages/").removesuffix(".json")
            self._answer(200, account.find(sid).document(account.sid))

    def _page(self, asked: dict[str, str]) -> dict[str, Any]:
        account = self.standin.account
        size, number = int(asked.get("PageSize", PAGE)), int(asked.get("Page", 0))
        since = _second(asked.get("DateSent>") or asked.get("DateSent"), BEFORE_ALL)
        until = _second(asked.get("DateSent<"), AFTER_ALL)
        found = account.listed(asked.get("To", ""), asked.get("From", ""), since, until)
        shown = found[number * size : (number + 1) * size]
        more = len(found) > (number + 1) * size
        uri = f"/2010-04-01/Accounts/{account.sid}/Messages.json"
        return {
            "messages": [one.document(account.sid) for one in shown],
            "end": number * size + max(0, len(shown) - 1),
            "first_page_uri": _page_uri(uri, asked, 0, size),
            "next_page_uri": _page_uri(uri, asked, number + 1, size) if more else None,
            "page": number,
            "page_size": size,
            "previous_page_uri": _page_uri(uri, asked, number - 1, size) if number else None,
            "start": number * size,
            "uri": _page_uri(uri, asked, number, size),
        }

    def _refused_by_fault(self, method: str) -> Fault:
        fault = self.standin.fault(method)
        if fault is Fault.BUSY:
            raise Wrong(429, 20429, "Too Many Requests")
        if fault is Fault.UNAVAILABLE:
            raise Wrong(503, 20503, "Service is unavailable. Please try again")
        return fault

    def _leave(self, seconds: float) -> None:
        """End the connection without an answer."""
        self.standin.stand_still(seconds)
        self.close_connection = True

    def _show(self) -> None:
        """GET /standin/journal?after=N and /standin/counts, for the harness."""
        address, standin = urlsplit(self.path), self.standin
        if address.path == f"{OWN}journal":
            after = int(dict(parse_qsl(address.query)).get("after", 0))
            self._answer(200, [asdict(one) for one in standin.account.messages[after:]])
        else:
            answers = Counter(map(str, standin.callbacks.answers))
            accepted = len(standin.account.messages)
            told = {"accepted": accepted, "met": standin.met, "callbacks": answers}
            self._answer(200, told)

    def _control(self, text: str) -> None:
        """POST /standin/plan with a plan's fields, /standin/say with hook, sender and body."""
        told = json.loads(text)
        if self.path == f"{OWN}plan":
            self.standin.follow_plan(Plan(**told))
            self._answer(200, {})
        else:
            status, body = self.standin.say(told["hook"], told["sender"], told["body"])
            self._answer(200, {"status": status, "body": body})

    def _answer(self, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """A client that was killed or gave up is no news."""


def serve(standin: Standin, port: int = 0) -> Server:
    """A server that listens at once, on any free port unless one is named."""
    server = Server((HOST, port), type("Bound", (Handler,), {"standin": standin}))
    standin.url = f"http://{HOST}:{server.server_port}"
    return server


def _page_uri(uri: str, asked: dict[str, str], number: int, size: int) -> str:
    return f"{uri}?{urlencode({**asked, 'Page': number, 'PageSize': size})}"


def _second(moment: str | None, otherwise: float) -> float:
    return otherwise if not moment else datetime.fromisoformat(moment).timestamp()
