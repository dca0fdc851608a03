import asyncio
import json
import os
import signal
import subprocess
import sys

import pytest

from tests.receiver import receiving
from yzj_daemon.errors import UsageProblem
from yzj_daemon.sandbox.client import SandboxControl
from yzj_daemon.sandbox.incoming import Inject
from yzj_daemon.sandbox.platform import Options
from yzj_daemon.sandbox.server import running

SERVE = """
import json
from yzj_daemon.sandbox.server import serve
serve(on_ready=lambda sandbox: print(json.dumps([sandbox.base_url, sandbox.control_url]), flush=True))
print("ended", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_process_serves_until_it_is_told_to_end(number):
    with subprocess.Popen(  # noqa: ASYNC220 - the test has nothing else to do
        [sys.executable, "-W", "error", "-c", SERVE], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            base_url, control_url = json.loads(process.stdout.readline())
            assert base_url == control_url
            async with SandboxControl(control_url) as control:
                assert len((await control.world())["accounts"]) == 2
                os.kill(process.pid, number)
                assert process.stdout.readline() == "ended\n"
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


async def test_a_process_of_its_own_pushes_to_the_callback_it_was_given():
    with (
        receiving() as receiver,
        subprocess.Popen(  # noqa: ASYNC220 - as above
            [sys.executable, "-m", "yzj_daemon", "sandbox", "--port=0", "--json", f"--callback={receiver.url}/c"],
            stdout=subprocess.PIPE,
        ) as process,
    ):
        try:
            control_url = json.loads(process.stdout.readline())["control_url"]
            async with SandboxControl(control_url) as control:
                await control.inject(
                    Inject(chat="R:10900000000000001", sender="7881300000000002", content_raw='{"items":[]}')
                )
                await asyncio.to_thread(receiver.wait, lambda: len(receiver.requests) == 2)
            assert {path for _, path, _ in receiver.requests} == {"/c"}
        finally:
            process.kill()


async def test_a_port_in_use_is_a_problem_in_both_languages():
    async with running() as sandbox:
        port = int(sandbox.base_url.rpartition(":")[2])
        with pytest.raises(UsageProblem) as caught:
            async with running(port=port):
                pytest.fail("two sandboxes on one port")
    assert str(port) in caught.value.to("zh")
    assert str(port) in caught.value.to("en")


async def test_a_port_is_free_again_after_the_sandbox():
    async with running() as sandbox:
        port = int(sandbox.base_url.rpartition(":")[2])
    async with running(port=port) as again, SandboxControl(again.control_url) as control:
        assert await control.world()


async def test_a_key_that_cannot_be_is_told_before_anything_listens():
    with pytest.raises(UsageProblem, match="EncodingAESKey"):
        async with running(Options(aes_key="short")):
            pytest.fail("started with a key that cannot be")
