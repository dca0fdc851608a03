"""A web server on loopback that keeps what it is sent: where alerts, signs of life and traces go in tests."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """``status`` is what it answers, after ``delay`` seconds; ``requests`` are method, path and body."""

    port: int = 0
    status: int = 200
    delay: float = 0.0
    requests: list[tuple[str, str, bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def alerts(self) -> str:
        """As Apprise writes it."""
        return f"json://127.0.0.1:{self.port}/hook-0123456789"

    def titles(self) -> list[str]:
        return [message["title"].removeprefix("yzj-daemon: ") for message in self.messages()]

    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for method, _, body in self.requests if method == "POST"]

    def wait(self, so: Callable[[], bool], longest: float = 20.0) -> None:
        deadline = time.monotonic() + longest
        while not so():
            assert time.monotonic() < deadline, self.requests
            time.sleep(0.05)


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            receiver.requests.append((self.command, self.path, body))
            time.sleep(receiver.delay)
            self.send_response(receiver.status)
            self.send_header("content-length", "0")
            self.end_headers()

        do_GET = do_POST = answer  # noqa: N815 - http.server looks for these names

        def log_message(self, format: str, *args: object) -> None:
            """Not on the tests' output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()
