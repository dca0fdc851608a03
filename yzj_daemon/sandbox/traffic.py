"""How messages come to pass: what others send, and what a forward makes appear in its target chats."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

from yzj_daemon.sandbox.behaviour import Behaviour
from yzj_daemon.sandbox.clock import Clock
from yzj_daemon.sandbox.forwarding import Forward
from yzj_daemon.sandbox.incoming import Inject, nobody_receives, unknown_account
from yzj_daemon.sandbox.jsontext import quoted
from yzj_daemon.sandbox.pushes import Pusher
from yzj_daemon.sandbox.world import Account, Record, World, is_room


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What was said, before anybody in particular received it. ``event`` is the same for all who do."""

    event: int
    chat: str
    sender: str
    type: str
    content: bytes
    at: int
    members: bytes = b""
    svrid: str = ""
    wx_svrid: str = ""
    wx_msgid: str = ""


class Traffic:
    """``behaviour`` is asked anew whenever something happens."""

    def __init__(self, world: World, pusher: Pusher, clock: Clock, behaviour: Callable[[], Behaviour]) -> None:
        self._world = world
        self._pusher = pusher
        self._clock = clock
        self._behaviour = behaviour
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._numbers = count()

    def inject(self, injected: Sequence[Inject], *, push: bool, batch: bool) -> list[list[Record]]:
        """Somebody sends something: what each message became, a record per account that received it.

        Raises UsageProblem before anything was sent when one of them cannot be.
        """
        texts = [(one.content_text(), one.members_text()) for one in injected]
        for one in injected:
            self._meet(one)
        receivers = [self._receivers(one) for one in injected]
        made = [self._happen(one, *text, to) for one, text, to in zip(injected, texts, receivers, strict=True)]
        if push:
            self._pusher.messages([record for records in made for record in records], batch=batch)
        return made

    def _meet(self, one: Inject) -> None:
        if one.account and one.account not in self._world.accounts:
            raise unknown_account(one.account)
        if is_room(one.chat):
            self._world.add_room(one.chat, members=[wxid for wxid in (one.account, one.sender) if wxid])
        elif one.chat not in self._world.accounts:
            self._world.add_person(one.chat)

    def _receivers(self, one: Inject) -> list[str]:
        if one.account:
            return [one.account]
        accounts = self._world.hosts(one.chat, one.sender) if is_room(one.chat) else []
        if not accounts:
            raise nobody_receives(one.chat)
        return accounts

    def _happen(self, one: Inject, content: bytes, members: bytes, receivers: Sequence[str]) -> list[Record]:
        said = _Said(
            event=self._world.number(),
            chat=one.chat,
            sender=one.sender,
            type=one.type,
            content=content,
            at=self._clock.wall() if one.msg_time is None else one.msg_time,
            members=members,
            svrid=one.svrid,
            wx_svrid=one.wx_svrid,
            wx_msgid=one.wx_msgid,
        )
        self._world.arrive(said.chat, said.sender, said.type, content, said.at)
        return [self._received(said, account, said.chat) for account in receivers]

    def _received(self, said: _Said, account: str, chat: str) -> Record:
        record = self._record(said, account, chat)
        self._world.accounts[account].keep(record)
        return record

    def _record(self, said: _Said, account: str, chat: str, extra: bytes = b"") -> Record:
        seq = self._world.number()
        shared = said.event if self._behaviour().wx_ids_shared else seq
        return Record(
            seq=seq,
            account=account,
            chat=chat,
            sender=said.sender,
            type=said.type,
            content=said.content,
            sent_at=said.at,
            svrid=said.svrid or str(7_000_000_000_000_000_000 + seq),
            wx_svrid=said.wx_svrid or str(1_000_000_000_000_000_000 + shared),
            wx_msgid=said.wx_msgid or f"CAQQ{shared:012d}",
            members=said.members,
            extra=extra,
        )

    def forward(self, account: Account, request: Forward, body: bytes, chats: Sequence[str]) -> None:
        """An accepted forward takes effect in ``chats``: messages one spacing apart, own copies a little later."""
        spacing = self._behaviour().message_spacing
        for place, piece in enumerate(request.pieces):
            content = body[piece.start : piece.end]
            self._later(place * spacing, partial(self._deliver, account, tuple(chats), piece.type, content))

    def _deliver(self, account: Account, chats: Sequence[str], type: str, content: bytes) -> None:  # noqa: A002 - wire name
        for chat in chats:
            said = _Said(
                event=self._world.number(),
                chat=chat,
                sender=account.id,
                type=type,
                content=content,
                at=self._clock.wall(),
            )
            self._world.arrive(chat, account.id, type, content, said.at)
            self._later(self._behaviour().own_copy_delay, partial(self._tell, account, said))

    def _tell(self, account: Account, said: _Said) -> None:
        """The own copy, and what other hosted accounts in the chat see."""
        self._own_copy(account, said)
        private = not is_room(said.chat)
        others = [
            self._received(said, other, account.id if private else said.chat)
            for other in self._world.hosts(said.chat, account.id)
        ]
        self._pusher.messages(others)

    def _own_copy(self, account: Account, said: _Said) -> None:
        behaviour = self._behaviour()
        if behaviour.own_copies == "none":
            return
        copy = self._record(_own(said, behaviour), account.id, said.chat, _trace(account, said))
        if behaviour.own_copies != "callback":
            account.keep(copy)
        if behaviour.own_copies != "log":
            self._pusher.messages([copy])

    def _later(self, ms: int, act: Callable[[], None]) -> None:
        if not ms:
            act()
            return
        number = next(self._numbers)
        self._timers[number] = asyncio.get_running_loop().call_later(ms / 1000, self._due, number, act)

    def _due(self, number: int, act: Callable[[], None]) -> None:
        del self._timers[number]
        act()

    @property
    def under_way(self) -> int:
        return len(self._timers)

    async def settled(self) -> None:
        """Returns once everything under way has arrived and every push has its end."""
        while self._timers or self._pusher.waiting:
            await self._pusher.idle()
            if self._timers:
                latest = max(timer.when() for timer in self._timers.values())
                await asyncio.sleep(latest - asyncio.get_running_loop().time())

    def stop(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()


def _own(said: _Said, behaviour: Behaviour) -> _Said:
    if behaviour.own_copy_content == "same":
        return said
    rewritten = b"{ " + said.content[1:]
    return _Said(event=said.event, chat=said.chat, sender=said.sender, type=said.type, content=rewritten, at=said.at)


def _trace(account: Account, said: _Said) -> bytes:
    """``extra`` of a message that the platform sent (seen in client code, section 5.2)."""
    return quoted(
        {
            "callback_type": 1,
            "client_callback_type": 0,
            "index": 0,
            "module": "forwardMsg",
            "sender_wxid": account.id,
            "source": 2,
            "sub_task_id": str(said.event),
            "sub_user_id": 10087,
            "target_id": str(said.event),
            "target_wxid": said.chat,
            "task_id": str(9_007_199_254_740_993 + said.event),
            "user_id": "10021",
        }
    )
