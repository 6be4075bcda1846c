"""The refusals that many operations give alike stand once in the OpenAPI document."""

from __future__ import annotations

from collections import Counter
from typing import Any

FIRST_REFUSAL = 400


def with_shared_refusals(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Give every refusal that is there twice a name of its own; a hook of drf-spectacular's."""
    answers = [
        (operation["responses"], status, answer)
        for operations in result["paths"].values()
        for operation in operations.values()
        for status, answer in operation["responses"].items()
        if int(status) >= FIRST_REFUSAL
    ]
    times = Counter(_name(status, answer) for _, status, answer in answers)
    shared = {}
    for responses, status, answer in answers:
        name = _name(status, answer)
        if times[name] > 1:
            shared[name] = answer
            responses[status] = {"$ref": f"#/components/responses/{name}"}
    result["components"]["responses"] = dict(sorted(shared.items()))
    return result


def _name(status: str, answer: dict[str, Any]) -> str:
    """The codes it may carry say all that there is to say."""
    (kind,) = answer["content"].values()
    codes = kind["schema"]["properties"]["code"]["enum"]
    return f"Refused{status}_{'_'.join(codes)}"
