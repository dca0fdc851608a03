"""A token in the store, for daemons that know the same secret."""

import base64

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select, update

from yzj_daemon.flow.shelf import Shelf
from yzj_daemon.storage import tables as t


async def ours_to_fetch(shelf: Shelf) -> None:
    assert await shelf.take() is None


async def test_what_one_put_the_other_takes_and_whoever_knows_another_secret_does_not(store, clock):
    first, second, stranger = (Shelf(store, secret, clock, sleep=clock.sleep) for secret in ("s", "s", "another"))
    await ours_to_fetch(first)
    await first.put("t0ken", 7_200)
    assert await second.take() == ("t0ken", 7_200)
    [sealed] = store.read_now(lambda c: c.execute(select(t.grants.c.sealed)).scalars().all())
    assert "t0ken" not in sealed
    assert b"t0ken" not in base64.b64decode(sealed)
    assert stranger._opened(sealed) is None


async def test_what_another_library_sealed_in_the_same_way_is_opened(store, clock):
    """As stores of earlier releases have it: HKDF-SHA256 of the secret, AES-256-GCM, nonce before and tag behind."""
    shelf = Shelf(store, "s", clock)
    await ours_to_fetch(shelf)
    await shelf.put("t0ken", 7_200)
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"yzj-daemon access token").derive(b"s")
    sealed = base64.b64encode(b"n" * 12 + AESGCM(key).encrypt(b"n" * 12, b"of old", None)).decode()
    store.write_now(lambda c: c.execute(update(t.grants).values(sealed=sealed)) and None)
    assert await Shelf(store, "s", clock).take() == ("of old", 7_200)
