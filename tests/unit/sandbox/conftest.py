import asyncio

import pytest

from tests.unit.sandbox.stage import Api, Receiver, plain_http
from yzj_daemon.sandbox.client import SandboxControl
from yzj_daemon.sandbox.server import running


@pytest.fixture
async def sandbox():
    async with running() as sandbox:
        yield sandbox


@pytest.fixture
async def control(sandbox):
    async with SandboxControl(sandbox.control_url) as control:
        yield control


@pytest.fixture
async def api(sandbox):
    async with plain_http(sandbox.base_url) as http:
        api = Api(http)
        await api.log_in()
        yield api


@pytest.fixture
async def receiver():
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, backlog=1024)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callback/secret"
    try:
        yield receiver
    finally:
        server.close()
        receiver.cut()
        await server.wait_closed()
