"""A process that is no worker reaches the workers' broker, and says so where it cannot."""

import subprocess
import sys

import redis

from config.embedded.servers import CHECKOUT
from config.embedded.valkey import Valkey

POKE = "import django; django.setup(); from workers.poke import poke; print(poke())"


def poke(environment: dict[str, str]) -> str:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", POKE],
        cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_a_poke_waits_in_the_workers_queue(services_env) -> None:
    assert poke(services_env) == "True"
    with redis.Redis.from_url(services_env["REDIS_URL"]) as broker:
        assert broker.llen("default") == 1


def test_a_poke_without_a_broker_is_told_as_lost(services_env, own_valkey: Valkey) -> None:
    address = own_valkey.url()
    own_valkey.stop()
    assert poke(services_env | {"REDIS_URL": address}) == "False"
