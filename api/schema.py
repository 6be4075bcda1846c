"""How the OpenAPI document tells of what every door can answer besides its own."""

from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from api.idempotency import HEADER

KEY = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, description="Sent again, it gets the first answer."
)


class FieldError(serializers.Serializer[Any]):
    field = serializers.CharField(help_text="Path of the field, as in window.start.")
    message = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """RFC 9457 problem document; some codes carry further members."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable; programs go by it.")
    detail = serializers.CharField()
    errors = FieldError(many=True)  # type: ignore[assignment]  # shadows a property of forms


class AutoSchema(SpectacularSchema):
    """Adds the problem documents to every operation."""

    def get_operation_id(self) -> str:
        """The steps of a visit share one door; the step names the operation."""
        step = getattr(self.view, "step", None)
        return f"visits_{step.value.replace('-', '_')}" if step else str(super().get_operation_id())

    def get_override_parameters(self) -> list[Any]:
        """A creating door takes a key."""
        declared = super().get_override_parameters()
        door = getattr(self.view, self.method.lower(), None)
        return [*declared, KEY] if getattr(door, "takes_key", False) else declared

    def _get_serializer_name(self, serializer: Any, *how: Any, **more: Any) -> Any:
        """A door's own ``Body`` is named after the door."""
        name = super()._get_serializer_name(serializer, *how, **more)
        kind = type(getattr(serializer, "child", serializer))
        own = kind.__qualname__.replace(".", "")
        return name.replace("Body", own, 1) if kind.__name__ == "Body" else name

    def _get_response_bodies(
        self, direction: Literal["request", "response"] = "response"
    ) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for code in self._refusals():
            body = self._get_response_for_code(  # type: ignore[no-untyped-call]
                Problem, code, ["application/problem+json"]
            )
            bodies.setdefault(code, body)
        return bodies

    def _refusals(self) -> list[str]:
        codes = ["400", "401", "403", "404", "406", "503"]
        if self.method in {"POST", "PUT", "DELETE"}:
            codes += ["409", "412", "413", "415", "422"]
        return sorted(codes)
