"""The superbill of a visit, as data or as a page to print."""

from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import Answer, Door
from api.pages import Page
from dispatch.selectors import superbill

FORMAT = OpenApiParameter(
    "format", str, enum=["json", "html"], description="To read, or as a page to print."
)


class SuperbillOut(Answer[superbill.Superbill]):
    class Meta:
        dataclass = superbill.Superbill


class Superbill(Door):
    renderer_classes = (JSONRenderer, Page)
    page = "web/superbill.html"

    @extend_schema(
        operation_id="visits_superbill",
        parameters=[FORMAT],
        responses={
            (200, "application/json"): SuperbillOut,
            (200, "text/html"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request, visit_id: UUID) -> Response:
        """What a patient hands to an insurer after a completed visit."""
        return Response(SuperbillOut(superbill.superbill_of(self.by(request), visit_id)).data)
