"""Inner loops as machine code: compiled at the first call, kept beside the source.

What is kept belongs to the exact text of all loops: an edit to any of them compiles all anew, as a
loop holds those that it calls.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import numba

P = ParamSpec("P")
R = TypeVar("R")

HERE = Path(__file__).parent
TEXT = b"".join(
    text
    for text in (path.read_bytes() for path in sorted(HERE.rglob("*.py")))
    if b"@compiled" in text or b"NamedTuple" in text
)
KEPT = HERE / "__pycache__" / hashlib.sha256(TEXT).hexdigest()[:16]
ALL_COMPILED = KEPT / "complete"
"""Stands where every loop has been compiled and kept."""


def _keep_beside_source() -> bool:
    """Whether compiled loops can be kept there; else each process compiles its own."""
    try:
        KEPT.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    numba.config.CACHE_DIR = str(KEPT)  # type: ignore[attr-defined]  # read from the environment
    return os.access(KEPT, os.W_OK)


IS_KEPT = _keep_beside_source()


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of arrays and numbers; other threads run on while it does."""
    machine_code: Callable[P, R] = numba.njit(cache=IS_KEPT, nogil=True)(function)
    return machine_code
