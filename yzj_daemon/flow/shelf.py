"""Where the daemons on one store keep the platform's access token for each other."""

import asyncio
import base64
import os
from functools import partial
from typing import Final

from Cryptodome.Cipher import AES
from Cryptodome.Hash import SHA256
from Cryptodome.Protocol.KDF import HKDF

from yzj_daemon.clock import SECOND, Clock
from yzj_daemon.flow.budget import Sleep
from yzj_daemon.storage import grants
from yzj_daemon.storage.engine import Store

LOOK_EVERY: Final = 0.1
"""Seconds between looks whether another daemon has it."""

_NONCE: Final = 12
_TAG: Final = 16
_FOR: Final = b"yzj-daemon access token"


class Shelf:
    """In the store, readable only by who knows the application's ``secret``: a copy of the store gives no token away.

    Raises:
        StoreProblem: the store is away.
    """

    def __init__(self, store: Store, secret: str, clock: Clock, *, sleep: Sleep = asyncio.sleep) -> None:
        key = HKDF(secret.encode(), 32, b"", SHA256, context=_FOR)
        assert isinstance(key, bytes), "one key was asked for"
        self._key = key
        self._store = store
        self._clock = clock
        self._sleep = sleep
        self._had = ""

    async def take(self) -> tuple[str, float] | None:
        """A token that was not had before, and how many seconds it lasts; None: it is ours to fetch one."""
        while True:
            found = await self._store.write(partial(grants.look, had=self._had, now=self._clock.now()))
            if isinstance(found, grants.Sealed):
                token = self._opened(found.sealed)
                self._had = found.sealed
                if token is not None:
                    return token, (found.ends_at - self._clock.now()) / SECOND
            elif found:
                return None
            else:
                await self._sleep(LOOK_EVERY)

    async def put(self, token: str, seconds: float) -> None:
        """What was fetched, for all."""
        nonce = os.urandom(_NONCE)
        text, tag = AES.new(self._key, AES.MODE_GCM, nonce=nonce).encrypt_and_digest(token.encode())
        sealed = base64.b64encode(nonce + text + tag).decode()
        self._had = sealed
        ends_at = self._clock.now() + round(seconds * SECOND)
        await self._store.write(partial(grants.put, sealed=sealed, ends_at=ends_at))

    async def give_up(self) -> None:
        """It could not be fetched."""
        await self._store.write(grants.give_up)

    def _opened(self, sealed: str) -> str | None:
        """None: it was sealed with another secret."""
        raw = base64.b64decode(sealed)
        cipher = AES.new(self._key, AES.MODE_GCM, nonce=raw[:_NONCE])
        try:
            return cipher.decrypt_and_verify(raw[_NONCE:-_TAG], raw[-_TAG:]).decode()
        except ValueError:
            return None
