"""Reads a request's JSON, within bounds of depth that no document of ours needs."""

from __future__ import annotations

from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 20


class JsonBody(JSONParser):
    """JSON as REST Framework reads it, but refused where it is nested without end."""

    def parse(self, stream: IO[Any], *how: Any, **more: Any) -> Any:
        try:
            document = super().parse(stream, *how, **more)
        except RecursionError as fault:
            raise ParseError("The document is nested too deeply.") from fault
        if _depth_exceeds(document, DEEPEST):
            raise ParseError("The document is nested too deeply.")
        return document


def _depth_exceeds(document: Any, deepest: int) -> bool:
    layer = [document]
    for _ in range(deepest):
        layer = [inner for one in layer for inner in _inside(one)]
    return bool(layer)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
