"""Inner loops as machine code: compiled at the first call, kept beside the source.

What is kept belongs to the exact text of all loops: an edit to any of them compiles all anew, as a
loop holds those that it calls.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import numba

P = ParamSpec("P")
R = TypeVar("R")

HERE = Path(__file__).parent
TEXT = b"".join(
    text
    for text in (path.read_bytes() for path in sorted(HERE.glob("*.py")))
    if b"@compiled" in text or b"NamedTuple" in text
)
KEPT = HERE / "__pycache__" / hashlib.sha256(TEXT).hexdigest()[:16]
ALL_COMPILED = KEPT / "complete"
"""Stands where every loop has been compiled and kept."""


def _keep_beside_source() -> None:
    try:
        KEPT.mkdir(parents=True, exist_ok=True)
    except OSError:
        return  # nothing can be written beside the source: numba keeps it in the user's cache
    numba.config.CACHE_DIR = str(KEPT)  # type: ignore[attr-defined]  # read from the environment


_keep_beside_source()


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of arrays and numbers; other threads run on while it does."""
    machine_code: Callable[P, R] = numba.njit(cache=True, nogil=True)(function)
    return machine_code
