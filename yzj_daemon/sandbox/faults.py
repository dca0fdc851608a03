"""Scripted faults: what goes wrong, at which calls, how often.

A script is the JSON object ``{"endpoint": "forwardMsg", "match": {"account": …, "chat": …}, "skip": n, "times": n,
"fault": {…}}``. ``endpoint`` is the last part of the path or ``*``; ``match`` limits it to an account or a target
chat; the first ``skip`` calls that match go well; ``times`` null means for ever. The first script that matches a
call and is not used up strikes.

A fault is one of these, each with an optional ``"delay": ms`` in front (alone, the call goes well, late)::

    {"errcode": 407, "message": "…"}              the vendor refuses; nothing took effect
    {"status": 502, "body": "…"}                  an HTTP answer of another layer
    {"garbage": true | "http"}                    200 with a body that is not JSON; or bytes that are not even HTTP
    {"truncate": true}                            the connection ends in the middle of the good answer
    {"drop": "before" | "after", "reset": true}   the connection is closed instead of an answer; ``reset``: by RST
    {"hang": true | "before" | "after"}           no answer at all, the connection stays open

``"effect": "before" | "after"`` tells whether the fault came before or after the call took effect (``truncate``:
after, all others: before).
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from yzj_daemon.errors import Phrase, UsageProblem

ENDPOINTS = (
    "token",
    "forwardMsg",
    "chatLogs",
    "list",
    "rooms",
    "roomDetail",
    "roomMembers",
    "contacts",
    "contactDetail",
    "contactInfo",
    "serverIpList",
)

Effect = Literal["before", "after"]


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """See the module's text. At most one of the kinds is set."""

    errcode: int | None = None
    message: str = ""
    status: Annotated[int, Meta(ge=200, le=599)] | None = None
    body: str = ""
    garbage: Literal[True, "http"] | None = None
    truncate: Literal[True] | None = None
    drop: Effect | None = None
    reset: bool = False
    hang: Literal[True, "before", "after"] | None = None
    delay: Annotated[int, Meta(ge=0)] = 0
    effect: Effect | None = None

    @property
    def kinds(self) -> list[str]:
        """Those that are set; more than one contradict each other."""
        return [kind for kind in _KINDS if getattr(self, kind) is not None]

    @property
    def took_effect(self) -> bool:
        """Whether the call does its work before the fault shows."""
        if self.effect is not None:
            return self.effect == "after"
        return bool(self.truncate) or "after" in (self.drop, self.hang)


_KINDS = ("errcode", "status", "garbage", "truncate", "drop", "hang")


class Match(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    account: str | None = None
    chat: str | None = None

    def holds(self, account: str, chats: tuple[str, ...]) -> bool:
        return self.account in (None, account) and (self.chat is None or self.chat in chats)


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    fault: Fault
    endpoint: str = "forwardMsg"
    match: Match = Match()
    skip: Annotated[int, Meta(ge=0)] = 0
    times: Annotated[int, Meta(ge=1)] | None = 1

    def check(self) -> None:
        """Raises UsageProblem on what the types alone do not forbid."""
        if self.endpoint not in ("*", *ENDPOINTS):
            raise _wrong("endpoint", self.endpoint, ", ".join(ENDPOINTS))
        if len(self.fault.kinds) > 1:
            raise _wrong("fault", " + ".join(self.fault.kinds), "one of " + ", ".join(_KINDS))
        if not self.fault.kinds and not self.fault.delay:
            raise _wrong("fault", "{}", "delay, or one of " + ", ".join(_KINDS))


def _wrong(name: str, value: str, allowed: str) -> UsageProblem:
    return UsageProblem(
        Phrase(f"故障脚本的 {name} 不对: {value!r}", f"a fault script has a wrong {name}: {value!r}"),
        Phrase(f"可用: {allowed}", f"allowed: {allowed}"),
    )


class _Running:
    """A script with what is left of it."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.skip = script.skip
        self.left = script.times

    def strikes(self, endpoint: str, account: str, chats: tuple[str, ...]) -> bool:
        script = self.script
        if script.endpoint not in ("*", endpoint) or not script.match.holds(account, chats):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Faults:
    """The scripts in force, in the order given."""

    def __init__(self) -> None:
        self._running: list[_Running] = []

    def add(self, script: Script) -> None:
        script.check()
        self._running.append(_Running(script))

    def clear(self) -> None:
        self._running.clear()

    def strike(self, endpoint: str, account: str = "", chats: tuple[str, ...] = ()) -> Fault | None:
        """The fault of this call, or None. A script that is used up leaves."""
        for running in self._running:
            if running.strikes(endpoint, account, chats):
                if running.left == 0:
                    self._running.remove(running)
                return running.script.fault
        return None

    def pending(self) -> list[Script]:
        """What is still in force, with what is left of it."""
        return [msgspec.structs.replace(r.script, skip=r.skip, times=r.left) for r in self._running]
