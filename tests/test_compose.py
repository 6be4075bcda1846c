"""The compose file is valid, names no default secret, and starts what the Procfile starts."""

import json
import re
from pathlib import Path

import pytest
import yaml
from compose_spec import PyCompose
from honcho.environ import parse_procfile

from config.docker.secrets import write
from config.embedded.servers import CHECKOUT

TEXT = (CHECKOUT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(TEXT)["services"]
FILES = yaml.safe_load(TEXT)["secrets"]
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


def test_every_secret_is_a_file_that_is_made_and_given_to_whom_it_is_for(tmp_path: Path) -> None:
    write(tmp_path / "secrets")
    made = {one.name: one.read_text() for one in (tmp_path / "secrets").iterdir()}
    assert {f"./secrets/{name}" for name in made} == {one["file"] for one in FILES.values()}
    assert len(set(made.values())) == len(made)
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    for service in SERVICES.values():
        given = {f"/run/secrets/{name}" for name in service["secrets"]}
        files = re.findall(r"/run/secrets/\w+", json.dumps(service))
        assert set(files) <= given
    assert "dispatch_owner" not in made["database_url"]


def test_no_secret_is_a_variable() -> None:
    words = ("SECRET", "PASSWORD", "KEY", "TOKEN", "DATABASE_URL", "REDIS_URL")
    for service in SERVICES.values():
        for name in service.get("environment", {}):
            assert name.endswith("_FILE") or not any(word in name for word in words), name


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_everything_that_stays_up_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
