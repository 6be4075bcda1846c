"""The owner's role for a while, as the commands that change what the application may only add."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from django.db import connection


@contextmanager
def as_owner() -> Iterator[None]:
    """Leads this process's connections to the same database under the owner's role."""
    owner = urlsplit(os.environ["DATABASE_OWNER_URL"])
    settings = connection.settings_dict
    before = settings["USER"], settings["PASSWORD"]
    connection.close()
    settings["USER"], settings["PASSWORD"] = unquote(owner.username), unquote(owner.password or "")
    try:
        yield
    finally:
        connection.close()
        settings["USER"], settings["PASSWORD"] = before
