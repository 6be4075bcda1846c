"""What lists have in common: their schema, and the filters in their query."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework.request import Request
from rest_framework.serializers import Serializer, URLField

from api.door import day_from
from api.paging import CURSOR, MOST, CursorPage
from api.strictness import UUID as UUID_TEXT
from dispatch.domain.errors import Invalid

PAGE_SIZE = {"type": "integer", "minimum": 1, "maximum": MOST, "default": CursorPage.page_size}
PAGING = (
    OpenApiParameter(
        "cursor",
        {"type": "string", "pattern": CURSOR},
        description="From next or previous of another page.",
    ),
    OpenApiParameter("page_size", PAGE_SIZE, description="How many lines at most."),
)
LONGEST_RANGE = timedelta(days=92)
TASK_STATES = ("open", "done")


def choice(name: str, choices: Iterable[str], description: str = "") -> OpenApiParameter:
    """Describe a filter that takes one of some words."""
    schema = {"type": "string", "enum": sorted(choices)}
    return OpenApiParameter(name, schema, description=description)


def text(name: str, description: str = "") -> OpenApiParameter:
    """Describe a parameter that ``needed`` reads."""
    schema = {"type": "string", "minLength": 1, "pattern": r"^[^\x00]*$"}
    return OpenApiParameter(name, schema, required=True, description=description)


def uuid(name: str, description: str = "", *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.UUID, required=required, description=description)


def day(name: str, description: str = "", *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.DATE, required=required, description=description)


def list_schema(
    operation_id: str, line: type[Serializer[Any]], *filters: OpenApiParameter
) -> Callable[[Any], Any]:
    """Describe a door that answers pages of ``line``."""
    return extend_schema(
        operation_id=operation_id, parameters=[*PAGING, *filters], responses=page_of(line)
    )


@cache
def page_of(line: type[Serializer[Any]]) -> Serializer[Any]:
    """Describe the envelope of every list: one component for all that answer the same lines."""
    return inline_serializer(
        name=f"{line.__name__.removesuffix('Out')}Page",
        fields={
            "next": URLField(allow_null=True),
            "previous": URLField(allow_null=True),
            "results": line(many=True),
        },
    )


def uuid_in(request: Request, name: str) -> UUID | None:
    """Return a filter that is a UUID, or None where it is left out; Invalid names it."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not UUID_TEXT.fullmatch(text):
        raise Invalid({name: "This is no UUID."})
    return UUID(text)


def choice_in(request: Request, name: str, choices: Iterable[str]) -> str | None:
    """Return a filter that is one of some words, or None; Invalid names it."""
    word = request.query_params.get(name)
    if word is not None and word not in (known := sorted(choices)):
        raise Invalid({name: f"One of {', '.join(known)}."})
    return word


def days_in(request: Request) -> tuple[date, date]:
    """Return the days of ``from`` and ``to``; Invalid names what is missing or too far apart."""
    first, last = (day_from(needed(request, name), name) for name in ("from", "to"))
    if not first <= last < first + LONGEST_RANGE:
        raise Invalid({"to": f"From that day on, {LONGEST_RANGE.days} days at most."})
    return first, last


def needed(request: Request, name: str) -> str:
    """Return a query parameter that must be there; Invalid names it."""
    text = request.query_params.get(name)
    if not text:
        raise Invalid({name: "This parameter is needed."})
    if "\0" in text:
        raise Invalid({name: "Null characters are not allowed."})
    return text
