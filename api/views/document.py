"""The OpenAPI document, and a page to browse it that calls no third party."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import Door
from api.tags import tagged


class AsWritten(BaseRenderer):
    """The document in one of its notations, written once for the life of the process."""

    charset = "utf-8"
    notation: type[Any]

    def render(self, data: Any, *_: Any, **__: Any) -> bytes:  # noqa: ARG002 - it is always the same
        notation: Any = self.notation
        return document_in(notation)


def _written(renderer: type[Any]) -> type[AsWritten]:
    shown = {"notation": renderer, "media_type": renderer.media_type, "format": renderer.format}
    return type(renderer.__name__, (AsWritten,), shown)


@cache
def document_in(notation: Any) -> bytes:
    """Return the whole document; making it takes a second, and everybody may ask for it."""
    made = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return bytes(notation().render(made, renderer_context={}))


NOTATIONS = (OpenApiYamlRenderer, OpenApiYamlRenderer2, OpenApiJsonRenderer, OpenApiJsonRenderer2)


class Schema(Door):
    authentication_classes = ()
    renderer_classes = tuple(map(_written, NOTATIONS))

    @extend_schema(exclude=True)
    @tagged
    def get(self, request: Request) -> Response:
        """The OpenAPI document of this API, as YAML or JSON."""
        shown: Any = request.accepted_renderer
        written = document_in(shown.notation)
        digest = hashlib.sha256(written).hexdigest()
        return Response(digest, headers={"ETag": f'"{digest}"'})


class Docs(SpectacularSwaggerSplitView):
    authentication_classes = ()
    url_name = "schema"
    template_name = "api/docs.html"
