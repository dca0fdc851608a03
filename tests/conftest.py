"""Async tests run on asyncio, which is what the daemon runs on."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
