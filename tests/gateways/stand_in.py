"""An OSRM of our own on loopback, that fails as it is told: real HTTP, times by a plain formula.

It keeps to what OSRM documents for `table` and `route`: coordinates in the path as lng,lat; null
where there is no road; ``NoRoute`` where a leg of a route has none; ``TooBig`` above the limit;
and by every waypoint how far it was moved to reach a road.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

from config.embedded.ports import HOST

Place = tuple[float, float]
LIMIT = 100
ISLAND = 39.5
"""North of this latitude no road leads to the rest."""
SEA = 38.0
"""South of this latitude there are no roads: places are moved 50 km."""


def drive(a: Place, b: Place) -> float | None:
    """Seconds from (lat, lng) to another, longer northwards than back; None where no road leads."""
    if (a[0] > ISLAND) != (b[0] > ISLAND):
        return None
    north, east = b[0] - a[0], b[1] - a[1]
    return round(5000 * abs(north) + 4000 * abs(east) + 700 * max(0.0, north), 1)


@dataclass
class StandIn:
    """What it was asked, and – while ``fault`` is set – what it does instead of answering."""

    url: str = ""
    fault: str = ""
    well_for: int = 0
    asked: list[str] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        service, _, _, coordinates = path.strip("/").split("/")
        places = [
            (float(lat), float(lng)) for lng, lat in re.findall(r"([^;,]+),([^;]+)", coordinates)
        ]
        if len(places) > LIMIT:
            return 400, {"code": "TooBig", "message": "Too many table coordinates"}
        if service == "route":
            return self._route(places, query)
        chosen = [
            [places[int(one)] for one in query[side][0].split(";")]
            for side in ("sources", "destinations")
        ]
        durations = [[drive(a, b) for b in chosen[1]] for a in chosen[0]]
        moved = [[{"distance": _moved(place)} for place in side] for side in chosen]
        return 200, {
            "code": "Ok", "durations": durations, "sources": moved[0], "destinations": moved[1]
        }  # fmt: skip

    def _route(
        self, places: list[Place], query: dict[str, list[str]]
    ) -> tuple[int, dict[str, Any]]:
        turns = query.get("continue_straight") == ["false"]
        legs = [drive(a, b) for a, b in pairwise(places)]
        if None in legs:
            return 400, {"code": "NoRoute", "message": "Impossible route between points"}
        late = [
            {"duration": leg + (0 if turns or not number else 27.4)}
            for number, leg in enumerate(legs)
        ]
        waypoints = [{"distance": _moved(place)} for place in places]
        return 200, {"code": "Ok", "routes": [{"legs": late}], "waypoints": waypoints}


def _moved(place: Place) -> float:
    return 50_000.0 if place[0] < SEA else 12.5


def _spoilt(fault: str, answer: dict[str, Any]) -> bytes:
    """An answer as it should not be."""
    table = [[1.0]]
    if fault == "cut short":
        return json.dumps(answer).encode()[:-9]
    spoilt: dict[str, Any] = {
        "no object": [1, 2, 3],
        "empty": {},
        "another code": {"code": "InvalidQuery"},
        "too small a table": answer | {"durations": table, "routes": [{"legs": []}]},
        "ragged": answer | {"durations": [[1.0], [1.0, 2.0]], "routes": [{"legs": "ab"}]},
        "words": answer | {"durations": "soon", "routes": [{"legs": [{"duration": "soon"}]}]},
        "below zero": _each(answer, -5.0),
        "without end": _each(answer, float("inf")),
        "no waypoints": {k: v for k, v in answer.items() if k in {"code", "durations", "routes"}},
    }
    return json.dumps(spoilt[fault]).encode()


def _each(answer: dict[str, Any], seconds: float) -> dict[str, Any]:
    if "durations" in answer:
        return answer | {"durations": [[seconds for _ in row] for row in answer["durations"]]}
    return answer | {
        "routes": [{"legs": [{"duration": seconds}] * len(answer["routes"][0]["legs"])}]
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    engine: StandIn

    def do_GET(self) -> None:
        engine, parts = self.engine, urlsplit(self.path)
        engine.asked.append(self.path)
        fault = "" if len(engine.asked) <= engine.well_for else engine.fault
        status, answer = engine.answer(parts.path, parse_qs(parts.query))
        if fault == "hangs":
            engine.go_on.wait(30)
            return
        body = (
            json.dumps(answer).encode()
            if fault in {"", "500", "trickles"}
            else _spoilt(fault, answer)
        )
        try:
            self.send_response(500 if fault == "500" else status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for piece in (
                [body[n : n + 1] for n in range(len(body))] if fault == "trickles" else [body]
            ):
                self.wfile.write(piece)
                if fault == "trickles" and engine.go_on.wait(0.05):
                    return
        except OSError:
            pass  # the caller has had enough

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """The engine, listening."""
    engine = StandIn()
    handler = type("Handler", (_Handler,), {"engine": engine})
    with ThreadingHTTPServer((HOST, 0), handler) as server:
        server.daemon_threads = True
        engine.url = f"http://{HOST}:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
        thread.start()
        try:
            yield engine
        finally:
            engine.go_on.set()
            server.shutdown()
            thread.join()
