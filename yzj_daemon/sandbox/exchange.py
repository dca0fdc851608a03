"""One request and its reply, apart from any server."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """``query`` holds the query parameters, the last of equal ones; ``peer`` is the caller's address."""

    endpoint: str
    method: str
    query: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """``result`` is the errcode as text, for the record."""

    body: bytes
    status: int = 200
    result: str = "0"


class Refusal(Exception):  # noqa: N818 - not an error of ours
    """The vendor's answer is this code; raised from the depth of a check, ends as a reply."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


class Parameters:
    """The parameters of a request, from where its method carries them: GET in the query, POST in the JSON body."""

    def __init__(self, request: Request) -> None:
        self._values = request.query if request.method == "GET" else _posted(request.body)

    def text(self, name: str, *, required: bool = False) -> str:
        value = self._values.get(name, "")
        if not isinstance(value, str) or (required and not value):
            raise Refusal(406, f"parameter error: {name}")
        return value

    def number(self, name: str, default: int) -> int:
        """An int, or its digits: in a query everything is text."""
        value = self._values.get(name, "")
        if value in ("", None):
            return default
        try:
            return int(str(value))
        except ValueError:
            raise Refusal(406, f"parameter error: {name}") from None


def _posted(body: bytes) -> dict[str, Any]:
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(406, "parameter error: body is not JSON") from None
    if not isinstance(values, dict):
        raise Refusal(406, "parameter error: body is not an object")
    return values
