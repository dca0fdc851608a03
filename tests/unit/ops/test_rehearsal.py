"""The check of the next start: another process, with a limit."""

import os

import pytest
from structlog.testing import capture_logs

from yzj_daemon.ops import rehearsal


async def test_the_installed_program_is_given_the_line(capfd: pytest.CaptureFixture[str]) -> None:
    await rehearsal.rehearse(["version"])
    assert capfd.readouterr().out.startswith("yzj-daemon ")


async def test_one_that_takes_too_long_is_ended() -> None:
    with capture_logs() as logs:
        await rehearsal.rehearse(["sandbox", "--port", "0"], longest=0.1)
    assert [line["event"] for line in logs] == ["rehearsal.given_up"]
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)  # noqa: ASYNC222 - it does not wait


async def test_where_no_process_can_be_started_the_stop_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with capture_logs() as logs:
        await rehearsal.rehearse(["version"])
    assert [line["event"] for line in logs] == ["rehearsal.impossible"]
