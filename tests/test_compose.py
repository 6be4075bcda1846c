"""The compose file is valid, names no default secret, and starts what the Procfile starts."""

import json
import re

import pytest
import yaml
from compose_spec import PyCompose
from honcho.environ import parse_procfile

from config.embedded.servers import CHECKOUT

TEXT = (CHECKOUT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(TEXT)["services"]
COMMANDS = parse_procfile((CHECKOUT / "Procfile").read_text()).processes


def test_it_follows_the_compose_specification() -> None:
    composed = PyCompose.from_json(json.dumps(yaml.safe_load(TEXT))).to_spec()
    assert composed.services is not None
    assert set(composed.services) == {"postgres", "redis", "migrate", "api", "worker", "beat"}


@pytest.mark.parametrize("name", COMMANDS)
def test_its_commands_are_those_of_the_procfile(name: str) -> None:
    shell, option, command = SERVICES[name]["command"]
    assert (shell, option) == ("sh", "-c")
    assert command.replace("$$", "$") == COMMANDS[name]


def test_no_variable_has_a_default() -> None:
    variables = re.findall(r"(?<!\$)\$\{([^}]+)\}", TEXT)
    assert variables
    assert [variable for variable in variables if ":?" not in variable] == []


SECRETS = {
    "SECRET_KEY",
    "FIELD_KEYS",
    "BLIND_INDEX_KEY",
    "AUDIT_KEY",
    "POSTGRES_PASSWORD",
    "OWNER_PASSWORD",
    "APPLICATION_PASSWORD",
    "REDIS_PASSWORD",
}


def test_every_secret_is_asked_for() -> None:
    assert set(re.findall(r"\$\{(\w+):\?", TEXT)) >= SECRETS


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_everything_that_stays_up_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
