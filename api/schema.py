"""How the OpenAPI document tells of what every door takes and can answer besides its own."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from rest_framework import serializers

from api.deprecation import RETIRED
from api.examples import examples_of
from api.headers import KEY, SENT
from api.idempotency import REPLAYED
from api.problem_codes import CODES
from api.refusals import codes_of

PROBLEM = "application/problem+json"
TEXT, NOT_BLANK = r"^[^\x00]+$", r"^[^\x00]*[^\s\x00][^\x00]*$"
PLAIN = {"pattern", "format", "enum", "const"}
DONE = {"200": "Done, or shown.", "201": "Made.", "204": "Done; there is nothing to show."}


class FieldError(serializers.Serializer[Any]):
    field = serializers.CharField(help_text="Path of the field, as in window.start.")
    message = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """RFC 9457 problem document; some codes carry further members."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable; programs go by it. See docs/problems.md.")
    detail = serializers.CharField()
    errors = FieldError(many=True)  # type: ignore[assignment]  # shadows a property of forms


class AutoSchema(SpectacularSchema):
    """Adds what a door says by what it takes: summary, headers, refusals, examples."""

    def get_operation(self, *where: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*where)
        if operation is None:
            return None
        told = operation.get("description", "")
        operation["summary"] = " ".join(told.partition("\n\n")[0].split())
        for status, codes in self._refusals(operation).items():
            operation["responses"].setdefault(str(status), self._refused(status, codes))
        if getattr(getattr(self.view, self.method.lower()), "shows_tag", False) and (
            self.method == "GET"
        ):
            operation["responses"]["304"] = {"description": "As it was read."}
        for status, answer in operation["responses"].items():
            answer["description"] = answer.get("description") or DONE[status]
        operation["responses"] = dict(sorted(operation["responses"].items()))
        self._show_headers(operation)
        self._show_examples(operation)
        if self.method in RETIRED.get(type(self.view).__name__, {}):
            operation["deprecated"] = True
        return operation

    def get_operation_id(self) -> str:
        """The steps of a visit share one door; the step names the operation."""
        step = getattr(self.view, "step", None)
        return f"visits_{step.value.replace('-', '_')}" if step else str(super().get_operation_id())

    def get_override_parameters(self) -> list[Any]:
        """A creating door takes a key."""
        declared = super().get_override_parameters()
        door = getattr(self.view, self.method.lower(), None)
        return [*declared, KEY] if getattr(door, "takes_key", False) else declared

    def _map_serializer_field(self, field: Any, direction: Any, *how: Any, **more: Any) -> Any:
        """No free text that is sent has null characters; a blank one has a schema of its own."""
        schema: dict[str, Any] = super()._map_serializer_field(  # type: ignore[no-untyped-call]
            field, direction, *how, **more
        )
        free = not isinstance(field, serializers.RegexField) and not PLAIN & schema.keys()
        if direction == "request" and schema.get("type") == "string" and free:
            return schema | {"pattern": TEXT if getattr(field, "allow_blank", True) else NOT_BLANK}
        return schema

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        """What a body says of its fields ``together``, in JSON Schema's words, goes with them."""
        schema: dict[str, Any] = super()._map_basic_serializer(  # type: ignore[no-untyped-call]
            serializer, direction
        )
        return schema | (getattr(serializer, "together", {}) if direction == "request" else {})

    def _get_serializer_name(self, serializer: Any, *how: Any, **more: Any) -> Any:
        """A door's own ``Body`` is named after the door."""
        name = super()._get_serializer_name(serializer, *how, **more)
        kind = type(getattr(serializer, "child", serializer))
        own = kind.__qualname__.replace(".", "")
        return name.replace("Body", own, 1) if kind.__name__ == "Body" else name

    def _refusals(self, operation: dict[str, Any]) -> dict[int, list[str]]:
        sent = {one["name"] for one in operation.get("parameters", []) if one["in"] == "header"}
        return codes_of(
            self.view,
            self.method,
            has_body="requestBody" in operation,
            headers=sent,
            path=self.path,
        )

    def _refused(self, status: int, codes: list[str]) -> dict[str, Any]:
        """One refusal: its codes, each with what to do about it."""
        answer: dict[str, Any] = self._get_response_for_code(  # type: ignore[no-untyped-call]
            Problem, str(status), [PROBLEM]
        )
        members = {"code": {"enum": codes}, "status": {"const": status}}
        answer["content"][PROBLEM]["schema"]["properties"] = members
        answer["description"] = "\n".join(f"- `{code}`: {CODES[code].remedy}" for code in codes)
        if headers := {name: told for name, told in SENT.items() if status in told.statuses}:
            answer["headers"] = {name: told.shown() for name, told in headers.items()}
        return answer

    def _show_headers(self, operation: dict[str, Any]) -> None:
        """What accompanies an answer: its tag, that it is a kept one."""
        taken = {one["name"] for one in operation.get("parameters", [])}
        for status, answer in operation["responses"].items():
            if not status.startswith("2"):
                continue
            names = []
            if KEY.name in taken:
                names.append(REPLAYED)
            if getattr(getattr(self.view, self.method.lower()), "shows_tag", False):
                names.append("ETag")
            if names:
                answer.setdefault("headers", {}).update({n: SENT[n].shown() for n in names})

    def _show_examples(self, operation: dict[str, Any]) -> None:
        shown = examples_of(operation["operationId"])
        if shown is None:
            return
        if (body := operation.get("requestBody")) and "request" in shown:
            for kind in body["content"].values():
                kind["example"] = shown["request"]
        answer = operation["responses"].get(str(shown["status"]), {})
        kind = answer.get("content", {}).get("application/json")
        if kind is not None and "answer" in shown:
            kind["example"] = shown["answer"]
