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
from dispatch import tenancy
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
    """The rate is the one with most rows waiting; pgbench works on the same table right after,
    with batches of the same size, and one by one.

    ``cpu_us`` is what a message takes of the processors, worker and server together: on a machine
    that others use as well it says more than the clock.
    """
    with throwaway() as servers:
        os.environ.update(
            servers.environment(),
            DJANGO_SETTINGS_MODULE="config.settings",
            TEXTS_GATEWAY="benchmarks.messages.Nowhere",
        )
        for command in (["migrate", "--no-input", "--verbosity=0"], ["grant_application_role"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=CHECKOUT, check=True)
        os.environ["AS_OWNER"] = "true"  # may truncate and vacuum
        import django

        django.setup()
        sees_all = "options=-c%20app.market%3D*"  # for pgbench, as the settings have it for us
        print(json.dumps(measured(f"{os.environ['DATABASE_OWNER_URL']}?{sees_all}")))


def measured(url: str) -> dict[str, Any]:
    from benchmarks.due_messages.filling import fill_messages, fill_visits
    from benchmarks.due_messages.peer import peer
    from dispatch.services.sending.claiming import BATCH

    fill_visits()
    rows = {}
    for size in SIZES:
        fill_messages(size)
        rows[size] = sent()
        print(f"# {size} due: {rows[size]}", flush=True)
    batches, singly = peer(url, SECONDS, BATCH), peer(url, SECONDS, 1)
    most = rows[SIZES[-1]]
    return {
        "benchmark": "messages",
        "messages_per_s": most["messages_per_s"],
        "pgbench_tps": round(batches.per_s),
        "ratio": round(most["messages_per_s"] / batches.per_s, 2),
        "ratio_by_cpu": round(batches.cpu_us / most["cpu_us"], 2),
        "pgbench_singly_tps": round(singly.per_s),
        "ratio_to_singly": round(most["messages_per_s"] / singly.per_s, 2),
        "ratio_to_singly_by_cpu": round(singly.cpu_us / most["cpu_us"], 2),
        "per_message_us": {str(size): row["per_message_us"] for size, row in rows.items()},
        "per_message_cpu_us": {str(size): row["cpu_us"] for size, row in rows.items()},
        "worker_cpu_us": {str(size): row["worker_cpu_us"] for size, row in rows.items()},
        "cpu_flat": round(most["cpu_us"] / rows[SIZES[0]]["cpu_us"], 2),
    }


@tenancy.everywhere()
def sent() -> dict[str, float]:
    """Send some to be warm, then measure; everything that is taken up has to be sent."""
    from benchmarks.due_messages.peer import server_cpu_s
    from dispatch.models import Message
    from workers.delivery import send_batch

    _send(WARM, send_batch)
    begun, worked, served = time.perf_counter(), time.process_time(), server_cpu_s()
    count = _send(MEASURED, send_batch)
    took, cpu = time.perf_counter() - begun, time.process_time() - worked
    served = server_cpu_s() - served
    missing = WARM + MEASURED - Message.objects.filter(state="sent").count()
    if missing > 0:
        raise RuntimeError(f"{missing} messages were not sent")
    return {
        "messages_per_s": round(count / took),
        "per_message_us": round(took / count * 1e6),
        "cpu_us": round((cpu + served) / count * 1e6),
        "worker_cpu_us": round(cpu / count * 1e6),
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
