"""What lists have in common: their schema, and the filters in their query."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework.request import Request
from rest_framework.serializers import Serializer, URLField

from dispatch.domain.errors import Invalid

PAGING = (
    OpenApiParameter("cursor", str, description="From next or previous of another page."),
    OpenApiParameter("page_size", int, description="1 to 100; 50 if left out."),
)


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
    try:
        return UUID(text)
    except ValueError as fault:
        raise Invalid({name: "This is no UUID."}) from fault


def needed(request: Request, name: str) -> str:
    """Return a query parameter that must be there; Invalid names it."""
    text = request.query_params.get(name)
    if not text:
        raise Invalid({name: "This parameter is needed."})
    if "\0" in text:
        raise Invalid({name: "Null characters are not allowed."})
    return text
