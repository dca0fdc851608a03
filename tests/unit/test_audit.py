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


@pytest.fixture
def index() -> Iterator[str]:
    """A registry: below /with it has advisories, elsewhere it is a mirror of packages alone."""

    class Registry(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path.startswith("/with/")
            body = json.dumps({"vulnerabilities": [{"id": "PYSEC"}] if known else []}).encode()
            self.send_response(200 if known or self.path.startswith("/other/") else 404)
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
    assert audit.reachable(index + "/with/{package}/json") == ""
    assert "404" in audit.reachable(index + "/without/{package}/json")
    assert "advisories" in audit.reachable(index + "/other/{package}/json")
    assert audit.reachable("http://127.0.0.1:1/{package}/json")


def test_where_it_cannot_look_it_says_so_loudly_and_fails_nobody(
    index: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a==1\n"))
    assert audit.main(index + "/without/{package}/json") == 0
    told = capsys.readouterr()
    assert "NOT audited" in told.err
    assert "没有做依赖漏洞审计" in told.err
    assert told.out == ""
