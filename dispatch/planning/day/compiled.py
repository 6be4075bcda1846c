"""Inner loops as machine code: compiled at the first call, kept beside the source.

What is kept belongs to the exact text of this package: an edit anywhere in it compiles anew.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import numba

P = ParamSpec("P")
R = TypeVar("R")

HERE = Path(__file__).parent


def _keep_beside_source() -> None:
    text = b"".join(path.read_bytes() for path in sorted(HERE.glob("*.py")))
    kept = HERE / "__pycache__" / hashlib.sha256(text).hexdigest()[:16]
    try:
        kept.mkdir(parents=True, exist_ok=True)
    except OSError:
        return  # a source that cannot be written beside: numba keeps it in the user's cache
    numba.config.CACHE_DIR = str(kept)  # type: ignore[attr-defined]  # read from the environment


_keep_beside_source()


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of arrays and numbers; other threads run on while it does."""
    machine_code: Callable[P, R] = numba.njit(cache=True, nogil=True)(function)
    return machine_code
