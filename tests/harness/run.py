"""One run: people book while processes are killed; then quiet, then judgement."""

from __future__ import annotations

import argparse
import json
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import psycopg
from django.db import connections
from rich.console import Console

from tests.harness.api import Api
from tests.harness.controls import CALM, CONTROLS, tripped
from tests.harness.judge import judge, summary
from tests.harness.load import Load
from tests.harness.running import Running
from tests.harness.show import Watch, show
from tests.harness.stage import Stage
from tests.harness.town import seed
from tests.harness.trouble import Trouble

BOOKINGS_A_SECOND = 3.7
A_MARKET_S = 30
"""To each market falls so much of the run; its reminders are due in the middle of its share."""
LAST_S = 10
"""The last booking and the last kill come so long before the end."""
QUIET_S = 90
"""How long everything due may take to its end afterwards: longer than any back-off."""
MOST_LATE_P99_S, MOST_LATE_S = 6.0, 15.0
NONE_ALLOWED = ("overlaps", "lost", "unsent", "twice", "after_cancel")
STILL_TO_DO = """
    SELECT (SELECT count(*) FROM outbox_event WHERE done_at IS NULL)
         + (SELECT count(*) FROM message m JOIN market k ON k.id = m.market_id
            WHERE m.state = 'due' AND m.due_at <= clock_timestamp() + k.clock_offset)
         + (SELECT count(*) FROM visit v JOIN market k ON k.id = v.market_id
            WHERE v.status = 'requested'
            AND v.assign_due_at <= clock_timestamp() + k.clock_offset)
"""


def run(stage: Stage, asked: argparse.Namespace, console: Console) -> bool:
    """Do it all, print what was found, and return whether everything held."""
    result = _under_fire(stage, asked, console)
    stage.provider.follow(CALM)
    result["controls_tripped"] = tripped(stage, console)
    print(json.dumps(result), flush=True)  # noqa: T201
    in_time = _in_time(result)
    return _held(result) and (in_time or asked.any_lateness)


def _under_fire(stage: Stage, asked: argparse.Namespace, console: Console) -> dict[str, float]:
    draw = random.Random(asked.seed)
    seconds = asked.seconds - LAST_S
    markets = max(2, asked.seconds // A_MARKET_S)
    town = seed(markets, round(seconds * BOOKINGS_A_SECOND), draw)
    service = stage.service()
    with _up(service):
        begins = time.time() + 1
        share = asked.seconds / markets
        marks = [begins + share * (one + 0.5) for one in range(markets)]
        town.set_clocks(marks)
        connections.close_all()
        trouble = Trouble(stage, service, asked.kills, random.Random(asked.seed + 1))
        load = Load(Api(stage.api_url), town, draw)
        watch = Watch(console, asked.seconds)
        harm = threading.Thread(target=trouble.run, args=[begins, seconds])
        with watch.progress:
            harm.start()
            load.run(begins, seconds, lambda: watch.look(load.journal, trouble, stage.provider))
            harm.join()
            still = _quiet(stage)
        console.print(f"{still} rows were still to be worked off after the quiet")
        accepted = stage.provider.journal()
        with stage.database.connection() as connection:
            phones = {one.phone: one.patient_id for one in town.people}
            outages = stage.outages.that_count()
            found = judge(connection, accepted, load.journal, phones, outages)
        connections.close_all()
    show(console, found, load.journal, trouble)
    return summary(found, load.journal, len(accepted))


@contextmanager
def _up(service: dict[str, Running]) -> Iterator[None]:
    """All processes of the service, started side by side."""
    try:
        with ThreadPoolExecutor(len(service)) as pool:
            list(pool.map(Running.start, service.values()))
        yield
    finally:
        with ThreadPoolExecutor(len(service)) as pool:
            list(pool.map(Running.stop, service.values()))


def _quiet(stage: Stage) -> int:
    """Wait until nothing that is due is left; return how many rows are after all patience."""
    give_up, still = time.monotonic() + QUIET_S, -1
    while still and time.monotonic() < give_up:
        time.sleep(0.5)
        with suppress(psycopg.OperationalError), stage.database.connection() as connection:
            ((still,),) = connection.execute(STILL_TO_DO).fetchall()
    return still


def _in_time(result: dict[str, float]) -> bool:
    return result["late_p99_s"] <= MOST_LATE_P99_S and result["late_max_s"] <= MOST_LATE_S


def _held(result: dict[str, float]) -> bool:
    all_tripped = result["controls_tripped"] == len(CONTROLS)
    return all_tripped and not any(result[name] for name in NONE_ALLOWED)
