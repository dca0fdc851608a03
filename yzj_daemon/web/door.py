"""What is said and understood at the public door, whoever stands at it: the porter first, the ingress after.

The vendor reads the status alone; the rest of an answer is for people with curl.
"""

import zlib
from dataclasses import dataclass
from typing import Final

PREFIX: Final = b"/callback/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: bytes


OK = Answer(status=200, body=b'{"errcode":0}')
UNREADABLE = Answer(status=400, body=b'{"errcode":400,"message":"not HTTP"}')
NOT_FOUND = Answer(status=404, body=b'{"errcode":404,"message":"not found"}')
FORBIDDEN = Answer(status=403, body=b'{"errcode":403,"message":"source address not allowed"}')
NOT_ALLOWED = Answer(status=405, body=b'{"errcode":405,"message":"POST only"}')
TOO_LARGE = Answer(status=413, body=b'{"errcode":413,"message":"body too large"}')
UNAVAILABLE = Answer(status=503, body=b'{"errcode":503,"message":"cannot take messages in now"}')


def inflated(body: bytes, most: int) -> bytes:
    """The body unpacked, or as much of it as shows it to be too large; as it is when it is no gzip."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, most + 1)
    except zlib.error:
        return body
