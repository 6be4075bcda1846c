"""What every door has at hand: who asks, what time it is there, and the request's checked body."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

from django.db import DatabaseError
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_dataclasses.serializers import DataclassSerializer

from api.authentication import actor_of
from api.deprecation import headers_of
from api.headers import VERSION
from api.paging import CursorPage
from api.strictness import check_types
from api.trail import keep_trail
from dispatch import tenancy
from dispatch.domain.clock import NoSuchTime, instant_from
from dispatch.domain.errors import Invalid
from dispatch.domain.people import Actor
from dispatch.models import User
from dispatch.selectors.clock import market_now

T = TypeVar("T")

LONGEST_LINE = 200
LONGEST_TEXT = 2000
DAY_FORM = "Write a day as 2027-03-01."

YEARS = range(2000, 3000)


class Door(APIView):
    """A view of the API; ``by`` and ``now`` are the actor and the market's present instant.

    Behind it only the rows of the market of whoever is signed in are seen. A parameter of the
    query that the door does not tell of is refused: a filter that is misspelt would show more than
    was asked for.
    """

    any_query = False
    """Whether the address may carry more: where others put it together."""
    shown_once: frozenset[str] = frozenset()
    """Secrets among the fields of what a POST answers, which `idempotent` does not keep."""
    moment: datetime | None = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self.behind:
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        with tenancy.everywhere():  # it is not known yet where whoever asks belongs
            super().initial(request, *args, **kwargs)
        if isinstance(request.user, User):
            self.behind.enter_context(tenancy.within(request.user.market_id))
        if not self.any_query and request.method in {*self.allowed_methods} - {"OPTIONS"}:
            kind: Any = type(self)
            known = queries_of(kind, "get" if request.method == "HEAD" else self._method())
            if unknown := sorted(request.query_params.keys() - known):
                raise Invalid(dict.fromkeys(unknown, "This door takes no such parameter."))

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Response:
        """Nothing personal is shown that does not stand in the audit trail."""
        try:
            keep_trail(self, request, response)
        except DatabaseError as fault:
            response = self.handle_exception(fault)
        answer = super().finalize_response(request, response, *args, **kwargs)
        for name, value in headers_of(type(self).__name__, self._method().upper()).items():
            answer[name] = value
        return answer

    def options(self, request: Any, *_: Any, **__: Any) -> Response:
        """Say by the Allow header which methods there are, whatever the door else answers in."""
        request.accepted_renderer = JSONRenderer()
        return Response(status=204)

    def _method(self) -> str:
        return str(self.request.method).lower()

    def by(self, request: Request) -> Actor:
        if not isinstance(request.user, User):
            raise TypeError("a door behind sign-in was opened without one")
        if isinstance(request.auth, Actor):
            return request.auth
        return actor_of(request.user)

    def now(self, by: Actor) -> datetime:
        self.moment = market_now(by.market_id)
        return self.moment


@cache
def queries_of(door: type[Door], method: str) -> frozenset[str]:
    """Return the names of the query that a door's method tells of in the document."""
    told = getattr(getattr(door, method, None), "kwargs", {}).get("schema")
    if told is None:
        return frozenset()
    schema, view = told(), door(request=None, kwargs={})
    schema.view, schema.method = view, method.upper()
    declared = schema.get_override_parameters()
    return frozenset(one.name for one in declared if one.location == OpenApiParameter.QUERY)


class Created(serializers.Serializer[Any]):
    """The id of what was made."""

    id = serializers.UUIDField()


class Instant(serializers.DateTimeField):
    """An instant, shown with the offset it comes with: by the patient's clock where it has one."""

    def to_representation(self, value: Any) -> str:
        return str(value.isoformat())


class Answer(DataclassSerializer[T]):  # type: ignore[type-var]  # T is a dataclass wherever used
    """Shows a selector's dataclass, field by field."""

    serializer_field_mapping = {  # noqa: RUF012 - the base class declares it so
        **DataclassSerializer.serializer_field_mapping,
        datetime: Instant,
    }

    @property
    def serializer_dataclass_field(self) -> type[Answer[Any]]:
        return Answer


class PageOf(Door):
    """A list, a page at a time; ``shown`` turns a row into what is answered."""

    def page(
        self,
        request: Request,
        rows: Any,
        shown: Callable[[Any], Any],
        answer: Any,
        along: Callable[[list[Any], list[Any]], list[Any]] = lambda data, _: data,
    ) -> Response:
        """Answer with a page; ``along`` adds to what is shown, once the lines are known."""
        pages = CursorPage()
        found: list[Any] = pages.paginate_queryset(rows, request, view=self) or []
        lines = [shown(row) for row in found]
        return pages.get_paginated_response(along(answer(lines, many=True).data, lines))


def parsed(kind: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """Return the checked values; ValidationError names every field at fault."""
    serializer = kind(data=data)
    check_types(serializer, data)
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def expected_version(request: Request) -> int | None:
    """Return the version of the If-Match header, if there is one."""
    sent = request.headers.get("If-Match", "*").strip()
    if sent == "*":
        return None
    tag = re.fullmatch(VERSION, sent)
    if tag is None:
        raise Invalid({"If-Match": 'The header holds the ETag of the visit, as in "3-5f2c".'})
    return int(tag[1])


def instant_at(text: str, zone: str, field: str) -> datetime:
    """Read an ISO 8601 time in a zone; Invalid names the field where it is none."""
    try:
        moment = instant_from(text, zone)
    except NoSuchTime as fault:
        raise Invalid({field: str(fault)}) from fault
    except (ValueError, OverflowError) as fault:
        raise Invalid(
            {field: "Write a time as 2027-03-01T09:00, with or without offset."}
        ) from fault
    _check_year(moment, field)
    return moment


def day_from(text: str, field: str) -> date:
    """Read an ISO 8601 date; Invalid names the field where it is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError as fault:
        raise Invalid({field: DAY_FORM}) from fault
    if day.isoformat() != text:
        raise Invalid({field: DAY_FORM})
    _check_year(day, field)
    return day


def _check_year(day: date, field: str) -> None:
    """Keep what is reckoned from a day within the calendar of the language."""
    if day.year not in YEARS:
        raise Invalid({field: f"Years run from {YEARS.start} to {YEARS.stop - 1}."})
