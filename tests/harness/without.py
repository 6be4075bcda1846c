"""`python -m tests.harness.without PROTECTION`: a worker that lacks one protection, by name.

The service has no switch for this: one function or constant of it is replaced here, in a process of
its own. "nothing" replaces nothing. The worker is the poll without a broker: it does all itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import timedelta

import django

NOTHING, LOOK_UP, REASON, LEASE = "nothing", "look-up", "reason", "lease"


def _look_up() -> None:
    """A repeated try no longer asks the provider whether the first one was accepted."""
    from dispatch.gateways import twilio_texts

    twilio_texts.TwilioTexts._found = lambda *_: ()  # type: ignore[method-assign]


def _reason() -> None:
    """Whether a message still has its reason is no longer asked when it is begun."""
    from dispatch.selectors import judged

    judged.why_not = lambda *_: None


def _lease() -> None:
    """A worker that dies keeps what it had taken."""
    from dispatch.services.sending import beginning, claiming

    beginning.LEASE = claiming.LEASE = timedelta(days=1)


REMOVE: dict[str, Callable[[], None]] = {
    NOTHING: lambda: None,
    LOOK_UP: _look_up,
    REASON: _reason,
    LEASE: _lease,
}


def main(protection: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    REMOVE[protection]()
    from workers import poll

    poll.main()


if __name__ == "__main__":
    main(sys.argv[1])
