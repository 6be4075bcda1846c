"""Examples of what each operation takes and answers: recorded from a run of the tests' town.

`RECORD=1 pytest tests/api/test_examples.py` writes the file anew; the test holds it, and what the
service answers, against the schema.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).with_name("examples.json")


def examples_of(operation_id: str) -> dict[str, Any] | None:
    """Return ``status``, and ``request`` and ``answer`` where there are such, of one exchange."""
    return _recorded().get(operation_id)


@cache
def _recorded() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(RECORDED.read_text())
    return found
