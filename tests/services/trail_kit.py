"""An audit trail with some seals, the owner's way around every wall, and the command that looks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import CommandError, call_command

from dispatch import audit
from dispatch.domain.ids import new_id
from dispatch.management.commands.audit import NOT_COMPARED
from dispatch.services.sealing import seal_waiting
from tests.builders import NOW, World
from tests.databases import Clone

TABLES = ("audit_entry", "audit_seal")


@dataclass
class Trail:
    """``seals`` seals of ``rows`` entries each stand in a database of their own."""

    database: Clone
    anchors: Path
    world: World

    def write(self, rows: int) -> None:
        for _ in range(rows):
            audit.note(self.world.bob, "look", "visit", new_id(), now=NOW)

    def grow(self, seals: int, rows: int = 5) -> None:
        for _ in range(seals):
            self.write(rows)
            assert seal_waiting() == rows

    @contextmanager
    def as_owner(self) -> Iterator[psycopg.Connection[Any]]:
        """Raw SQL of whoever owns the tables, with their triggers off."""
        with psycopg.connect(self.database.owner_url, autocommit=True) as owner:
            for table in TABLES:
                owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                owner.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
            yield owner
            for table in TABLES:
                owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    def keep(self) -> None:
        """Remember the tables as they are, for ``put_back``."""
        with self.as_owner() as owner:
            for table in TABLES:
                owner.execute(f"CREATE TABLE {table}_kept AS TABLE {table}")

    def put_back(self) -> None:
        with self.as_owner() as owner:
            for table in TABLES:
                owner.execute(f"DELETE FROM {table}")  # noqa: S608
                owner.execute(f"INSERT INTO {table} SELECT * FROM {table}_kept")  # noqa: S608

    def cheat(self, *statements: str) -> None:
        with self.as_owner() as owner:
            for statement in statements:
                owner.execute(statement)

    def verify(self, *options: str) -> tuple[list[str], dict[str, Any]]:
        """What is wrong, a line each without ids, and the summary; the exit status agrees."""
        told, failed = StringIO(), False
        try:
            call_command("audit", "verify", *options, stdout=told, stderr=StringIO())
        except CommandError as refusal:
            failed = refusal.returncode != NOT_COMPARED
        *lines, summary = told.getvalue().splitlines()
        assert failed is bool(lines)
        return [re.sub(r" \(\S+\)", "", line) for line in lines], json.loads(summary)
