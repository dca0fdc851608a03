"""The platform as a whole: its state, and what it was started with. No HTTP here."""

from dataclasses import dataclass, field
from ipaddress import ip_network

from yzj_daemon.errors import Phrase, UsageProblem
from yzj_daemon.sandbox.access import Quota, Tokens
from yzj_daemon.sandbox.behaviour import Behaviour, changed
from yzj_daemon.sandbox.calls import CallBook
from yzj_daemon.sandbox.cipher import key_bytes
from yzj_daemon.sandbox.clock import Clock, MachineClock
from yzj_daemon.sandbox.faults import Faults
from yzj_daemon.sandbox.incoming import Notification, WorldChange
from yzj_daemon.sandbox.post import address
from yzj_daemon.sandbox.pushes import Pusher
from yzj_daemon.sandbox.traffic import Traffic
from yzj_daemon.sandbox.wire import notification
from yzj_daemon.sandbox.world import default_world

APP_ID = "sandbox"
APP_SECRET = "sandbox-secret"  # noqa: S105 - the fake's own, printed in its help
AES_KEY = "sandbox-encoding-aes-key-32-char"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a sandbox is started with. ``prefix`` stands before every vendor path, as in ``/oapi``."""

    app_id: str = APP_ID
    app_secret: str = APP_SECRET
    aes_key: str = AES_KEY
    prefix: str = ""
    behaviour: Behaviour = field(default_factory=Behaviour)
    seed: int = 0


class Platform:
    """One fake platform. Raises UsageProblem on options that cannot be."""

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        _check(options.behaviour)
        self.options = options
        self.clock = clock or MachineClock()
        self._key = key_bytes(options.aes_key)
        self._start()

    def _start(self) -> None:
        self.behaviour = self.options.behaviour
        self.world = default_world()
        self.faults = Faults()
        self.tokens = Tokens()
        self.quota = Quota()
        self.calls = CallBook()
        self.requests: dict[str, int] = {}
        self.pusher = Pusher(lambda: self.behaviour, self._key, self.clock, self.options.seed)
        self.traffic = Traffic(self.world, self.pusher, self.clock, lambda: self.behaviour)

    async def reset(self) -> None:
        """Back to how it started: world, behaviour, faults, tokens and every record."""
        await self.close()
        self._start()

    async def close(self) -> None:
        self.traffic.stop()
        await self.pusher.close()

    def change(self, changes: dict[str, object]) -> None:
        """Raises UsageProblem, and changes nothing, when one of the changes cannot be."""
        behaviour = changed(self.behaviour, changes)
        _check(behaviour)
        self.behaviour = behaviour

    def change_world(self, change: WorldChange) -> None:
        for account in change.accounts:
            self.world.add_account(account.account, account.name, online=account.online)
        for person in change.persons:
            self.world.add_person(person.person, person.name)
        for room in change.rooms:
            self.world.add_room(room.room, room.name, room.members)
            self.world.rooms[room.room].members.difference_update(room.leave)

    def notify(self, one: Notification) -> None:
        self.pusher.notifications([notification(one.type, one.account, bytes(one.data), self.behaviour)], one.account)


def _check(behaviour: Behaviour) -> None:
    """What the types alone do not forbid."""
    for name in ("callback_url", "test_callback_url"):
        url = getattr(behaviour, name)
        if url:
            _check_url(name, url)
    for entry in behaviour.allow_ips:
        if entry != "*":
            _check_network(entry)


def _check_url(name: str, url: str) -> None:
    try:
        address(url)
    except ValueError as error:
        raise UsageProblem(
            Phrase(f"{name} 不是 http(s) 地址: {url!r}", f"{name} is not an http(s) URL: {url!r}"),
            Phrase("例如 http://127.0.0.1:8080/callback/密钥", "for example http://127.0.0.1:8080/callback/SECRET"),
        ) from error


def _check_network(entry: str) -> None:
    try:
        ip_network(entry)
    except ValueError as error:
        raise UsageProblem(
            Phrase(f"allow_ips 里的 {entry!r} 不是 IP 或网段", f"{entry!r} in allow_ips is no address or network"),
            Phrase("例如 127.0.0.1、10.0.0.0/8 或 *", "for example 127.0.0.1, 10.0.0.0/8 or *"),
        ) from error
