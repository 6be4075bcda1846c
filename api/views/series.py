"""Series: every infusion of an induction held together, booked together, given back together."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import LONGEST_TEXT, Answer, Door, day_from, parsed
from api.fields import ClockField, DayField, price_field
from api.idempotency import idempotent
from dispatch.domain.people import Actor
from dispatch.domain.series import Continuity, Weekday, Wish
from dispatch.selectors import series
from dispatch.services.booking import book_series
from dispatch.services.series import give_back_series, hold_series
from dispatch.services.series_changes import cancel_series, resume_series

LONGEST_CODE = 64
MOST = 1000


class SeriesOut(Answer[series.SeriesDetail]):
    class Meta:
        dataclass = series.SeriesDetail


class GapDays(serializers.Serializer[Any]):
    min = serializers.IntegerField(min_value=1, max_value=MOST)
    max = serializers.IntegerField(min_value=1, max_value=MOST)


class PreferredHours(serializers.Serializer[Any]):
    start = ClockField(help_text="From then on a window may open …")
    end = ClockField(help_text="… and before then, by the patient's clocks.")


class SeriesPattern(serializers.Serializer[Any]):
    """What is left out is as the treatment has it."""

    count = serializers.IntegerField(min_value=1, max_value=MOST, required=False)
    gap_days = GapDays(required=False, help_text="Days from one infusion to the next.")
    first_day = DayField(
        required=False,
        help_text="The first infusion is on this day or within a week; today if left out.",
    )
    weekdays = serializers.ListField(
        child=serializers.ChoiceField(list(Weekday)),
        max_length=len(Weekday),
        required=False,
        help_text="Preferred; others are taken where these cannot be.",
    )
    hours = PreferredHours(required=False, allow_null=True, help_text="Preferred, likewise.")
    nurse = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="Who is to come, each time if nothing else is said.",
    )
    continuity = serializers.ChoiceField(
        list(Continuity),
        required=False,
        help_text="One nurse, one and a backup where she cannot come, or any number of nurses.",
    )


class SeriesHold(Door):
    class Body(serializers.Serializer[Any]):
        protocol = serializers.CharField(max_length=LONGEST_CODE)
        location = serializers.UUIDField()
        phase = serializers.CharField(
            max_length=LONGEST_CODE,
            required=False,
            help_text="Of the protocol; the induction, if left out.",
        )
        pattern = SeriesPattern(required=False)

    @extend_schema(operation_id="series_hold", request=Body, responses={201: SeriesOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Hold every infusion of a phase that is still to come for ten minutes, or none.

        Where the pattern cannot be served the problem ``no_series`` carries ``alternatives``, each
        with a pattern to post instead.
        """
        body, by = parsed(self.Body, request.data), self.by(request)
        series_id = hold_series(
            location_id=body["location"],
            protocol_code=body["protocol"],
            phase=body.get("phase"),
            wish=_wish(body.get("pattern", {})),
            by=by,
            now=self.now(by),
        )
        return shown(self, by, series_id, 201)


class SeriesDetail(Door):
    @extend_schema(operation_id="series_read", responses=SeriesOut)
    def get(self, request: Request, series_id: UUID) -> Response:
        """One series with its infusions: held, booked, given back or lapsed."""
        return shown(self, self.by(request), series_id)

    @extend_schema(operation_id="series_give_back", responses={204: None})
    def delete(self, request: Request, series_id: UUID) -> Response:
        """Give back all that a series holds before it runs out."""
        by = self.by(request)
        give_back_series(series_id, by=by, now=self.now(by))
        return Response(status=204)


class SeriesBook(Door):
    class Body(serializers.Serializer[Any]):
        companion = serializers.UUIDField(required=False, allow_null=True, default=None)
        price_cents = price_field("The self-pay price of each infusion that the patient was shown.")

    @extend_schema(operation_id="series_book", request=Body, responses={201: SeriesOut})
    @idempotent
    def post(self, request: Request, series_id: UUID) -> Response:
        """Book all that is held, or nothing; workers then give each visit to its nurse."""
        body, by = parsed(self.Body, request.data), self.by(request)
        book_series(
            series_id,
            companion_id=body["companion"],
            price_cents=body.get("price_cents"),
            by=by,
            now=self.now(by),
        )
        return shown(self, by, series_id, 201)


class SeriesResume(Door):
    @extend_schema(operation_id="series_resume", request=None, responses=SeriesOut)
    def post(self, request: Request, series_id: UUID) -> Response:
        """A prescriber lets a paused series go on; what was suspended is planned anew."""
        by = self.by(request)
        resume_series(series_id, by=by, now=self.now(by))
        return shown(self, by, series_id)


class SeriesCancel(Door):
    class Body(serializers.Serializer[Any]):
        reason = serializers.CharField(
            max_length=LONGEST_TEXT, required=False, allow_blank=True, default=""
        )

    @extend_schema(operation_id="series_cancel", request=Body, responses=SeriesOut)
    def post(self, request: Request, series_id: UUID) -> Response:
        """Call off all that is still to come of a series."""
        body, by = parsed(self.Body, request.data), self.by(request)
        cancel_series(series_id, reason=body["reason"], by=by, now=self.now(by))
        return shown(self, by, series_id)


def shown(door: Door, by: Actor, series_id: UUID, status: int = 200) -> Response:
    """Answer with the series as it now is."""
    detail = series.series_seen_by(by, series_id, now=door.now(by))
    return Response(SeriesOut(detail).data, status=status)


def _wish(pattern: dict[str, Any]) -> Wish:
    gaps, hours = pattern.get("gap_days"), pattern.get("hours")
    day, continuity = pattern.get("first_day"), pattern.get("continuity")
    return Wish(
        count=pattern.get("count"),
        gap_days=gaps and (gaps["min"], gaps["max"]),
        first_day=day and day_from(day, "pattern.first_day"),
        weekdays=frozenset(map(Weekday, pattern.get("weekdays", ()))),
        hours=hours and (hours["start"], hours["end"]),
        nurse=pattern.get("nurse"),
        continuity=continuity and Continuity(continuity),
    )
