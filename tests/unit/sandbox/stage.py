"""The other two sides of the platform, written by hand: a client of its endpoints and a receiver of its callbacks."""

import asyncio
import base64
import json
import ssl
from dataclasses import dataclass, field

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from yzj_daemon.sandbox.platform import AES_KEY, APP_ID, APP_SECRET

CLOUD = "1688850000000001"
TRUE = "1688850000000002"
CUSTOMERS = "R:10900000000000001"
OPERATIONS = "R:10900000000000002"
ON_CALL = "R:10900000000000003"
BOSS = "7881300000000001"
WANG = "7881300000000002"


@dataclass
class Receiver:
    """A daemon's public door, as little of it as a callback needs: keeps what comes, answers as told."""

    url: str = ""
    status: int = 200
    silent: bool = False
    keepalive: bool = True
    bodies: list[bytes] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    connections: int = 0
    _open: set = field(default_factory=set)

    async def serve(self, reader, writer):
        self.connections += 1
        self._open.add(writer)
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _one(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(line.split(": ")[1] for line in head.splitlines() if line.startswith("content-length"))
        self.heads.append(head)
        self.bodies.append(await reader.readexactly(int(length)))
        if self.silent:
            await reader.read()
            return False
        ending = "" if self.keepalive else "connection: close\r\n"
        writer.write(f"HTTP/1.1 {self.status} X\r\ncontent-length: 13\r\n{ending}\r\n".encode() + b'{"errcode":0}')
        await writer.drain()
        return self.keepalive

    def cut(self):
        for writer in list(self._open):
            writer.transport.abort()

    def notifications(self):
        """All that was pushed in base64, decrypted and parsed, flat."""
        return [one for body in self.bodies for one in json.loads(unseal(base64.b64decode(body)))]

    def elements(self):
        return [element for one in self.notifications() for element in one["data"]]


def unseal(sealed: bytes, key: bytes = AES_KEY.encode()) -> bytes:
    """The vendor's page read a second time: AES-256-CBC, IV = key[:16], PKCS#7 of 32 bytes."""
    decryptor = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).decryptor()
    padded = decryptor.update(sealed) + decryptor.finalize()
    pad = padded[-1]
    assert 1 <= pad <= 32
    assert len(padded) % 32 == 0
    assert padded[-pad:] == bytes([pad]) * pad
    return padded[:-pad]


def plain_http(base_url: str = "") -> httpx.AsyncClient:
    """A client that loads no certificates, which would take longer than a test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=10, verify=context)


class Api:
    """A client of the vendor's endpoints, written by hand."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.token = ""

    async def log_in(self) -> str:
        answer = await self.http.post("/oauth/token", json=self.credentials())
        self.token = answer.json()["access_token"]
        return self.token

    @staticmethod
    def credentials(**changes):
        return {"app_id": APP_ID, "app_secret": APP_SECRET, "grand_type": "client_credentials", **changes}

    def forward_body(self, content="{}", *, account=CLOUD, chats=(OPERATIONS,), kind="text", messages=None):
        parts = messages or [f'{{"msg_type":"{kind}","content":{content},"msg_time":1641280299000}}']
        return (
            f'{{"app_id":"{APP_ID}","access_token":"{self.token}","wxid":"{account}",'
            f'"chat_wxids":{json.dumps(chats)},"messages":[{",".join(parts)}]}}'
        ).encode()

    async def forward(self, content="{}", **kwargs):
        answer = await self.http.post("/wechat/forwardMsg", content=self.forward_body(content, **kwargs))
        return answer.json()

    async def get(self, path, **query):
        answer = await self.http.get(path, params={"app_id": APP_ID, "access_token": self.token, **query})
        return answer.json()

    async def post(self, path, **body):
        answer = await self.http.post(path, json={"app_id": APP_ID, "access_token": self.token, **body})
        return answer.json()
