"""A nurse's visits in the calendar of her phone, behind a secret link that she can end."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.calendar_file import Ics, calendar_file
from api.door import Door
from api.fields import SecretField
from api.headers import IF_NONE_MATCH
from api.idempotency import idempotent
from api.tags import tagged
from dispatch import tenancy
from dispatch.selectors.calendars import calendar_behind
from dispatch.selectors.clock import market_now
from dispatch.services.calendars import (
    ask_for_calendar,
    end_calendar,
    renew_calendar,
    tell_calendar,
)


class CalendarLinkOut(serializers.Serializer[Any]):
    url = serializers.URLField(help_text="Whoever has it sees the times of the nurse's visits.")


class NewCalendarLinkOut(serializers.Serializer[Any]):
    url = SecretField(help_text="Whoever has it sees the times of the nurse's visits.")


class MyCalendarLink(Door):
    shown_once = frozenset({"url"})

    @extend_schema(operation_id="nurses_me_calendar_link", responses=CalendarLinkOut)
    def get(self, request: Request) -> Response:
        """The address of the nurse's own feed, made when she first asks; 404 once she ended it."""
        by = self.by(request)
        return _shown(ask_for_calendar(by=by, now=self.now(by)))

    @extend_schema(
        operation_id="nurses_me_calendar_link_renew",
        request=None,
        responses={201: NewCalendarLinkOut},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A new address; the one before leads nowhere any more."""
        by = self.by(request)
        return _shown(renew_calendar(by=by, now=self.now(by)), 201)

    @extend_schema(operation_id="nurses_me_calendar_link_end", responses={204: None})
    def delete(self, request: Request) -> Response:
        """End the feed: its address leads nowhere any more."""
        by = self.by(request)
        end_calendar(by=by, now=self.now(by))
        return Response(status=204)


class CalendarFeed(Door):
    authentication_classes = ()
    renderer_classes = (Ics,)

    @extend_schema(
        operation_id="calendars_feed",
        parameters=[IF_NONE_MATCH],
        responses={(200, "text/calendar"): OpenApiTypes.STR},
    )
    @tagged
    def get(self, request: Request, secret: str) -> HttpResponseBase:  # noqa: ARG002
        """The visits of 30 days back and 90 ahead; cancelled and given away ones stay, as such."""
        with tenancy.everywhere():
            now = market_now(calendar_behind(secret).market_id)
            file = calendar_file(tell_calendar(secret, now=now))
        headers = {
            "Cache-Control": "private, no-cache",
            "Content-Disposition": 'inline; filename="visits.ics"',
            "ETag": f'"{hashlib.sha256(file).hexdigest()[:32]}"',
        }
        return Response(file, headers=headers)


def _shown(secret: str, status: int = 200) -> Response:
    url = f"{settings.PUBLIC_URL}/api/v1/calendars/{secret}.ics"
    return Response(CalendarLinkOut({"url": url}).data, status=status)
