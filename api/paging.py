"""Lists a page at a time, newest first: the rows' ids sort by time, so the id is the cursor."""

from typing import Any
from uuid import UUID

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

MOST = 100
LONGEST = len(str(MOST))


class CursorPage(CursorPagination):
    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = MOST

    def get_page_size(self, request: Request) -> int:
        """Refuse a size that cannot be served instead of quietly serving another."""
        asked = request.query_params.get("page_size")
        if asked is None:
            return self.page_size
        if not asked.isdecimal() or len(asked) > LONGEST or not 1 <= int(asked) <= MOST:
            raise ValidationError({"page_size": f"A page has 1 to {MOST} entries."})
        return int(asked)

    def decode_cursor(self, request: Request) -> Any:
        try:
            cursor = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                UUID(str(cursor.position))
        except (NotFound, ValueError) as fault:
            raise ValidationError({"cursor": "This is no cursor of ours."}) from fault
        return cursor
