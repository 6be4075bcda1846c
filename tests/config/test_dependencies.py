"""What is installed is locked by hashes, listed, and audited or said not to be."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from packaging.requirements import Requirement

from config.audit import LOCK, NOT_AUDITED, VULNERABLE, judge, locked, main
from config.embedded.servers import CHECKOUT

KNOWN = {("django", "5.2.1"), ("numpy", "2.0.0")}
FINE = [{"name": name, "version": version, "vulns": []} for name, version in sorted(KNOWN)]
SKIPPED = [{"name": name, "skip_reason": "Dependency not found"} for name, _ in sorted(KNOWN)]


def test_an_audit_that_audited_nothing_or_not_all_fails() -> None:
    for report in ({}, {"dependencies": []}, {"dependencies": SKIPPED}):
        assert judge(KNOWN, report)[0] == NOT_AUDITED
    assert judge(KNOWN, {"dependencies": [FINE[0], SKIPPED[1]]})[0] == NOT_AUDITED
    older = {**FINE[0], "version": "5.2.0"}
    assert judge(KNOWN, {"dependencies": [older, FINE[1]]})[0] == NOT_AUDITED


def test_an_audit_of_all_ends_well_unless_one_is_vulnerable() -> None:
    assert judge(KNOWN, {"dependencies": FINE}) == (0, ["2 packages were audited."])
    holed = {**FINE[0], "vulns": [{"id": "CVE-1"}]}
    status, said = judge(KNOWN, {"dependencies": [holed, FINE[1]]})
    assert (status, said[0]) == (VULNERABLE, "django 5.2.1: CVE-1")


def test_pip_audit_with_a_source_and_without(capsys) -> None:
    """The real program: a source that answers; one that knows of a hole; one that is down."""
    with source({}) as url:
        assert main(["--vulnerability-service", "osv", "--osv-url", url]) == 0
    assert f"{len(locked())} packages were audited." in capsys.readouterr().out
    hole = {"id": "OSV-1", "published": "2026-01-01T00:00:00Z", "affected": []}
    with source({"vulns": [hole]}) as url:
        assert main(["--vulnerability-service", "osv", "--osv-url", url]) == VULNERABLE
    assert main(["--vulnerability-service", "osv", "--osv-url", url]) == NOT_AUDITED
    assert "were not audited" in capsys.readouterr().out


@contextmanager
def source(answer: dict[str, object]) -> Iterator[str]:
    body = json.dumps(answer).encode()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/query"
        finally:
            server.shutdown()


def test_the_bill_of_materials_holds_every_locked_package_with_its_hashes(tmp_path: Path) -> None:
    bill = tmp_path / "sbom.cdx.json"
    program = Path(sys.executable).with_name("cyclonedx-py")
    command = [program, "requirements", "--validate", "--of", "JSON", "-o", bill, LOCK]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    components = json.loads(bill.read_text())["components"]
    listed = re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", LOCK.read_text(), re.MULTILINE)
    assert {(one["name"], one["version"]) for one in components} == set(listed) >= locked()
    for one in components:
        assert any(reference.get("hashes") for reference in one["externalReferences"]), one["name"]


def test_every_lock_names_a_hash_for_every_package() -> None:
    for lock in sorted((CHECKOUT / "requirements").glob("*.txt")):
        text = lock.read_text().replace("\\\n", " ")
        lines = [one for one in text.splitlines() if one and not one.lstrip().startswith("#")]
        assert lines
        for line in lines:
            Requirement(line.split("--hash")[0].strip())
            assert re.search(r"==.*--hash=sha256:[0-9a-f]{64}", line), line
