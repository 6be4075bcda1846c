"""The stand-in beside a test: in a thread of the same process, gone with the block."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.standin.door import Standin, serve
from tests.standin.plan import Plan


@contextmanager
def running_standin(plan: Plan | None = None) -> Iterator[Standin]:
    """A provider that listens at ``url``, without faults unless a plan says otherwise."""
    standin = Standin(plan)
    with serve(standin) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
        thread.start()
        try:
            yield standin
        finally:
            standin.stop()
            server.shutdown()
            thread.join()
