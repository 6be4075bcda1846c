"""Read by Schemathesis: each request goes out as one person, signed in anew before the token ends.

The environment holds who: ``ASKED_URL``, ``ASKED_NAME``, ``ASKED_PASSWORD``.
"""

from __future__ import annotations

import os
from typing import Any

import requests
import schemathesis

SIGNED_IN_FOR_S = 240


@schemathesis.auth(refresh_interval=SIGNED_IN_FOR_S)
class Person:
    def get(self, case: Any, context: Any) -> str:
        url, name, password = (os.environ[f"ASKED_{one}"] for one in ("URL", "NAME", "PASSWORD"))
        body = {"username": name, "password": password}
        answer = requests.post(f"{url}/api/v1/auth/token", json=body, timeout=20)
        answer.raise_for_status()
        return str(answer.json()["access"])

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.deserializer("text/csv", "text/html", "text/calendar")
def as_text(context: Any, response: Any) -> str:
    return response.content.decode()
