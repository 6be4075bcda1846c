"""A town in a database of its own, its people's names and password, and gunicorn over it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import django

from config.embedded.ports import HOST, free_port
from config.embedded.servers import VAR, throwaway
from config.service import manage, with_programs_first
from dispatch.domain.limits import lifted
from tests.answering import answers
from tests.harness.stage import command
from tests.launching import Launched, Launcher

WORKERS = 2


@dataclass(frozen=True)
class Stage:
    """``names`` are the usernames, by role; ``api`` is the process that answers."""

    url: str
    names: dict[str, str]
    password: str
    api: Launched


@contextmanager
def set_up() -> Iterator[Stage]:
    """Everything is of this run alone, and gone with it."""
    with ExitStack() as stack:
        servers = stack.enter_context(throwaway())
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="fuzz-", dir=VAR)))
        port = free_port()
        url = f"http://{HOST}:{port}"
        env = with_programs_first(os.environ) | servers.environment() | {
            "BIND": HOST, "PORT": str(port), "PUBLIC_URL": url, "WEB_CONCURRENCY": str(WORKERS),
            "DJANGO_SETTINGS_MODULE": "config.settings", "LIMITS": lifted(),
            "SECOND_FACTOR_REQUIRED": "false",
        }  # fmt: skip
        manage("migrate", "--no-input", "--verbosity=0", environment=env)
        manage("grant_application_role", environment=env)
        os.environ.update(env)
        django.setup()
        from dispatch import tenancy
        from tests.builders import PASSWORD
        from tests.fuzz.town import found_town

        with tenancy.everywhere():
            names = found_town()
        launcher = Launcher(folder)
        stack.callback(launcher.stop_all)
        api = launcher(command("api"), env, until=lambda _: answers(url))
        yield Stage(url, names, PASSWORD, api)
