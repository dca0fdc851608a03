"""The files of a rule set as they are kept, in memory and in the store: small, and unpacked when asked for."""

import zlib
from collections.abc import Mapping

import msgspec


def pack(texts: Mapping[str, str]) -> bytes:
    """File name -> text, as compressed JSON."""
    return zlib.compress(msgspec.json.encode(dict(texts)))


def unpack(packed: bytes) -> dict[str, str]:
    """File name -> text, as it was packed."""
    return msgspec.json.decode(zlib.decompress(packed), type=dict[str, str])
