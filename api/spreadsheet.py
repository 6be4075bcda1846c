"""Lists as CSV: streamed row by row, no cell of which a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from dispatch import tenancy

FORMAT = OpenApiParameter("format", str, enum=["json", "csv"], description="All of it as CSV.")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Csv(BaseRenderer):
    """Lets a door be asked for ``text/csv`` or ``?format=csv``; ``csv_answer`` writes it."""

    media_type = "text/csv"
    format = "csv"

    def render(self, data: Any, *_: Any, **__: Any) -> Any:
        """Refusals are problem documents, which render themselves."""
        return data


class _Line:
    """Gives a line back as soon as the writer has made it."""

    def write(self, line: str) -> str:
        return line


def wants_csv(request: Request) -> bool:
    return isinstance(request.accepted_renderer, Csv)


def csv_answer(name: str, kind: type[Any], rows: Iterable[Any]) -> StreamingHttpResponse:
    """Answer with dataclasses of one kind, a row each, under a line of their fields' names."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    lines = tenancy.kept(_lines(kind, rows))
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _lines(kind: type[Any], rows: Iterable[Any]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow([field.name for field in fields(kind)])
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in astuple(row)])


def harmless(cell: object) -> object:
    """Put an apostrophe before text that a spreadsheet would work out; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
