"""What pgbench reaches with the engine's own statements, and nobody to read or judge anything."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection

from config.embedded.binaries import postgres_programs
from dispatch.delivering import FIELDS
from dispatch.models import Message
from dispatch.models.in_bulk import update_statement
from dispatch.services.sending.claiming import CLAIM, LEASE

BEGUN = {"state": "'due'", "attempts": "1", "channel": "'text'", "lease_token": "{leased_under}",
         "lease_until": "now() + interval '4 s'"}  # fmt: skip
SENT = {"state": "'sent'", "attempts": "1", "channel": "'text'", "sent_at": "now()",
        "receipt": "'delivered'"}  # fmt: skip
RETURNING = "RETURNING message.id, message.due_at, message.state_because"
LEASED_UNDER = "lpad(to_hex(:token), 32, '0')::uuid"


@dataclass(frozen=True, slots=True)
class Peer:
    """Messages a second, and what each costs of the processors: client and server together."""

    per_s: float
    cpu_us: float


def peer(url: str, seconds: int, batch: int) -> Peer:
    """Have one client claim messages, mark them as begun and mark them as sent."""
    worked = server_cpu_s() + _children_cpu_s()
    with TemporaryDirectory() as folder:
        script = Path(folder) / "claim_and_mark.sql"
        script.write_text(_script(batch))
        program = str(postgres_programs() / "pgbench")
        options = ["--no-vacuum", "--client=1", f"--time={seconds}", f"--file={script}"]
        done = subprocess.run([program, *options, url], check=True, capture_output=True, text=True)
    tps = re.search(r"tps = ([0-9.]+)", done.stdout)
    if tps is None:
        raise RuntimeError(done.stdout + done.stderr)
    count = float(tps[1]) * seconds * batch
    time.sleep(1)  # until the server has counted the process that served it
    worked = server_cpu_s() + _children_cpu_s() - worked
    return Peer(count / seconds, worked / count * 1e6)


def server_cpu_s() -> float:
    """Seconds of the processors that this client's server processes have taken so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = Path("/proc") / str(cursor.fetchone()[0]) / "stat"
    postmaster = Path("/proc") / backend.read_text().rpartition(")")[2].split()[1] / "stat"
    own, ended = backend.read_text(), postmaster.read_text()
    ticks = [int(one) for one in own.rpartition(")")[2].split()[11:13]]
    ticks += [int(one) for one in ended.rpartition(")")[2].split()[13:15]]
    return sum(ticks) / os.sysconf("SC_CLK_TCK")


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _script(batch: int) -> str:
    claim = CLAIM.replace("RETURNING message.id, message.visit_id, message.market_id", RETURNING)
    for name, value in (
        ("batch", batch),
        ("token", LEASED_UNDER),
        ("lease", LEASE.total_seconds()),
    ):
        claim = claim.replace(f"%({name})s", str(value))
    update = claim.index("    UPDATE message")
    claim = f"{claim[:update].rstrip()}, claimed AS ({claim[update:].strip()})"
    arrays = ", ".join(
        f"quote_literal(array_agg({name})::text) AS {name}s"
        for name in ("id", "due_at", "state_because")
    )
    taken = f"{claim} SELECT {arrays} FROM claimed"  # noqa: S608 - statements of ours
    lines = [
        "\\set token random(1, 9000000000000000)",
        taken.replace("\n", " ") + " \\gset",
        f"{_mark(BEGUN)};",
        f"{_mark(SENT)};",
    ]
    return "\n".join(lines)


def _mark(values: dict[str, str]) -> str:
    """The engine's statement; each value the same in every row, as it mostly is."""
    types = {field.name: str(field.db_type(connection)) for field in Message._meta.concrete_fields}
    arrays = [":ids"]
    for name in FIELDS:
        if name in {"due_at", "state_because"}:
            arrays.append(f":{name}s")
        else:
            kind = types[name].partition("(")[0]
            default = "''" if kind == "varchar" else "0" if kind == "smallint" else "NULL"
            value = values.get(name, default).format(leased_under=LEASED_UNDER)
            arrays.append(f"array_fill(({value})::{kind}, ARRAY[cardinality(:ids::uuid[])])")
    return (update_statement(Message, FIELDS) % tuple(arrays)).replace("\n", " ")
