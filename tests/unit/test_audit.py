"""The audit of dependencies fails for a known vulnerability, and says loudly where it could not look."""

import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests import audit

CLEAN = {"name": "a", "version": "1", "vulns": []}
BROKEN = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["2.1"]}]}
UNSEEN = {"name": "c", "skip_reason": "not found on PyPI"}


def test_what_has_a_known_vulnerability_fails_and_is_named_with_its_cure() -> None:
    code, lines = audit.verdict([CLEAN, BROKEN, UNSEEN])
    assert code == 1
    assert "b 2: PYSEC-2026-1" in lines[0]
    assert "2.1" in lines[0]


def test_what_was_not_looked_at_is_named_and_not_counted() -> None:
    code, lines = audit.verdict([CLEAN, UNSEEN])
    assert code == 0
    assert lines[0].startswith("c: ")
    assert "1 个包" in lines[-1]


PROJECTS = {
    "pycrypto": ("2.6.1", [{"id": "PYSEC-2017-94", "fixed_in": []}]),
    "a": ("1", []),
    "b": ("2", [{"id": "PYSEC-2026-1", "fixed_in": ["2.1"]}]),
    "d": ("4", [{"id": "PYSEC-2026-2", "fixed_in": [], "withdrawn": "2026-03-01T00:00:00Z"}]),
}
"""Projects of a registry: the newest release and its advisories."""


@pytest.fixture
def index() -> Iterator[str]:
    """A registry: below /releases it tells of releases, below /projects of projects, below /bare no advisories."""

    class Registry(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, kind, *package = self.path.removesuffix("/json").split("/")
            said: dict[str, object] | None = None
            if kind == "bare" or (kind == "releases" and package == ["pip", "20.0"]):
                said = {"vulnerabilities": [{"id": "PYSEC"}] if kind == "releases" else []}
            elif kind == "projects" and len(package) == 1 and package[0] in PROJECTS:
                newest, bugs = PROJECTS[package[0]]
                said = {"info": {"version": newest}, "vulnerabilities": bugs}
            body = json.dumps(said).encode()
            self.send_response(404 if said is None else 200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_only_a_registry_with_advisories_counts_as_reachable(index: str) -> None:
    assert audit.reachable(index + "/releases/{package}/json", audit.RELEASE_KNOWN_BAD) == ""
    assert "404" in audit.reachable(index + "/projects/{package}/json", audit.RELEASE_KNOWN_BAD)
    assert audit.reachable(index + "/projects/{package}/json", audit.PROJECT_KNOWN_BAD) == ""
    assert "advisories" in audit.reachable(index + "/bare/{package}/json", audit.RELEASE_KNOWN_BAD)
    assert audit.reachable("http://127.0.0.1:1/{package}/json", audit.RELEASE_KNOWN_BAD)


def _audited(index: str, requirements: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(requirements))
    return audit.main(index)


def test_where_only_projects_are_told_of_their_newest_releases_are_audited(
    index: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = index + "/projects/{package}/json"
    good = "a==1 \\\n    --hash=sha256:00\nd==4 ; sys_platform == 'linux' \\\n    --hash=sha256:01\n"
    assert _audited(place, good, monkeypatch) == 0
    assert "2 个包没有已知漏洞" in capsys.readouterr().out
    assert _audited(place, good + "b==2\n", monkeypatch) == 1
    assert "b 2: PYSEC-2026-1, 修复于 fixed in 2.1" in capsys.readouterr().err


def test_what_is_pinned_to_an_older_release_or_unknown_there_is_named_as_not_looked_at(
    index: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _audited(index + "/projects/{package}/json", "a==1\nb==1.9\nc==3\n", monkeypatch) == 0
    older, unknown, said = capsys.readouterr().out.splitlines()
    assert older == "b: 没有查 not looked at: 1.9 is locked, and only the newest, 2, can be asked about"
    assert unknown.startswith("c: ")
    assert "404" in unknown
    assert "1 个包" in said


def test_where_it_cannot_look_it_says_so_loudly_and_fails_nobody(
    index: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _audited(index + "/without/{package}/json", "a==1\n", monkeypatch) == 0
    said = capsys.readouterr()
    assert "NOT audited" in said.err
    assert "没有做依赖漏洞审计" in said.err
    assert said.out == ""
