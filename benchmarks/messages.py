"""How fast one worker process sends what is due, with 10⁴ to 10⁶ rows waiting, into a provider that
does nothing; beside what pgbench reaches with the same claim-and-mark statements."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

from config.embedded.servers import CHECKOUT, throwaway
from dispatch.domain.channels import Outgoing

SIZES = (10_000, 100_000, 1_000_000)
WARM, MEASURED = 500, 5_000
SECONDS = 8
"""How long pgbench runs."""


class Nowhere:
    """A carrier that accepts at once and brings nothing anywhere."""

    name = "nowhere"
    tells = True

    def send(self, outgoing: Outgoing) -> str:
        return outgoing.key


def main() -> None:
    """The rate is the one with most rows waiting; pgbench works on the same table right after."""
    with throwaway() as servers:
        os.environ.update(
            servers.environment(),
            DJANGO_SETTINGS_MODULE="config.settings",
            TEXTS_GATEWAY="benchmarks.messages.Nowhere",
        )
        for command in (["migrate", "--no-input", "--verbosity=0"], ["grant_application_role"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=CHECKOUT, check=True)
        os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"]  # may truncate and vacuum
        import django

        django.setup()
        print(json.dumps(measured(os.environ["DATABASE_URL"])))


def measured(url: str) -> dict[str, Any]:
    from benchmarks.due_messages.filling import fill_messages, fill_visits
    from benchmarks.due_messages.peer import marked_per_s
    from dispatch.services.sending.claiming import BATCH

    fill_visits()
    rows = {}
    for size in SIZES:
        fill_messages(size)
        rows[size] = sent()
        print(f"# {size} due: {rows[size]}", flush=True)
    peer, one_by_one = marked_per_s(url, SECONDS, BATCH), marked_per_s(url, SECONDS, 1)
    rate = rows[SIZES[-1]]["messages_per_s"]
    return {
        "benchmark": "messages",
        "messages_per_s": rate,
        "pgbench_tps": round(peer),
        "ratio": round(rate / peer, 2),
        "pgbench_one_by_one_tps": round(one_by_one),
        "ratio_to_one_by_one": round(rate / one_by_one, 2),
        **{f"due_{size}": row for size, row in rows.items()},
        "per_message_us": {str(size): row["per_message_us"] for size, row in rows.items()},
        "flat": round(rows[SIZES[-1]]["cpu_us"] / rows[SIZES[0]]["cpu_us"], 2),
    }


def sent() -> dict[str, float]:
    """Send some to be warm, then measure; everything that is taken up has to be sent."""
    from dispatch.models import Message
    from workers.delivery import send_batch

    _send(WARM, send_batch)
    begun, worked = time.perf_counter(), time.process_time()
    count = _send(MEASURED, send_batch)
    took, cpu = time.perf_counter() - begun, time.process_time() - worked
    missing = WARM + MEASURED - Message.objects.filter(state="sent").count()
    if missing > 0:
        raise RuntimeError(f"{missing} messages were not sent")
    return {
        "messages_per_s": round(count / took),
        "per_message_us": round(took / count * 1e6),
        "cpu_us": round(cpu / count * 1e6),
    }


def _send(most: int, send_batch: Any) -> int:
    from dispatch.services.sending import claim_due

    count = 0
    while count < most and (leases := claim_due()):
        send_batch(leases)
        count += len(leases)
    return count


if __name__ == "__main__":
    main()
