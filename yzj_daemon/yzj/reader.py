"""From the bodies of callbacks to what they hold."""

from collections.abc import Callable, Sequence

from yzj_daemon.message import Batch, Unreadable
from yzj_daemon.settings.model import Callback
from yzj_daemon.yzj import cipher, payloads

Reader = Callable[[Sequence[bytes]], list[Batch]]
"""A batch for each body, in their order. It never raises on what a body may hold."""


def reader_of(callback: Callback) -> Reader:
    """One that reads as the settings say.

    Raises:
        SettingsProblem: no key can be made of ``callback.aes_key``, or there is no such ``callback.body_format``.
    """
    kinds = frozenset(callback.message_types)
    opened = _opener(callback)

    def read(bodies: Sequence[bytes]) -> list[Batch]:
        return [_batch(plain, kinds) for plain in opened(bodies)]

    return read


def _opener(callback: Callback) -> Callable[[Sequence[bytes]], list[bytes | Unreadable]]:
    allow = callback.allow_plaintext
    cipher.check_body_format(callback.body_format)
    if callback.aes_key is None:
        return lambda bodies: [cipher.plaintext(body, allow=allow) for body in bodies]
    key = cipher.Cipher.from_key(callback.aes_key.get_secret_value(), callback.key_format)
    return lambda bodies: key.decrypt_all(bodies, callback.body_format, allow_plaintext=allow)


def _batch(plain: bytes | Unreadable, kinds: frozenset[str]) -> Batch:
    return Batch(unreadable=(plain,)) if isinstance(plain, Unreadable) else payloads.split(plain, kinds)
