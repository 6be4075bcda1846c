"""Documents to print: a door's answer laid out as a page for whoever asks for HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from rest_framework.renderers import BaseRenderer


class Page(BaseRenderer):
    """Renders what the door answers with the template that the door names in ``page``."""

    media_type = "text/html"
    format = "html"
    charset = "utf-8"

    def render(
        self, data: Any, _: str | None = None, context: Mapping[str, Any] | None = None
    ) -> str:
        asked = context or {}
        return render_to_string(asked["view"].page, {"answer": data})
