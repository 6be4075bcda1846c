"""Lists a page at a time, newest first: the rows' ids sort by time, so the id is the cursor."""

import re

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from api.strictness import UUID

MOST = 100
LONGEST = len(str(MOST))
AFTER, BEFORE = "after", "before"
CURSOR = f"^({AFTER}|{BEFORE})-{UUID.pattern}$"


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

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Read ``after-`` or ``before-`` and the id of the line that the page begins behind."""
        text = request.query_params.get(self.cursor_query_param)
        if text is None:
            return None
        if re.fullmatch(CURSOR, text) is None:
            raise ValidationError({"cursor": "This is no cursor of ours."})
        way, _, line = text.partition("-")
        return Cursor(offset=0, reverse=way == BEFORE, position=line)  # type: ignore[arg-type]

    def encode_cursor(self, cursor: Cursor) -> str:
        """Return the address of another page; ids are of one line each, so no offset is needed."""
        text = f"{BEFORE if cursor.reverse else AFTER}-{cursor.position}"
        return str(replace_query_param(str(self.base_url), self.cursor_query_param, text))
