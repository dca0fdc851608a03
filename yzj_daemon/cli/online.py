"""What the platform says of the rules' ids, for ``check --online``."""

import asyncio
import sys
from typing import TYPE_CHECKING

from yzj_daemon.chat import CHAT_KINDS
from yzj_daemon.cli import output, vendor
from yzj_daemon.cli.session import Session
from yzj_daemon.delivery import in_words
from yzj_daemon.errors import Phrase

if TYPE_CHECKING:
    from yzj_daemon.flow.directory import Read
    from yzj_daemon.rules.load import Loaded
    from yzj_daemon.rules.platform import Platform


def told(session: Session, loaded: "Loaded") -> "Loaded":
    """The same rules, with what the platform says of them among their findings.

    Raises:
        SettingsProblem: what a call to the platform needs is missing.
        VendorProblem: the platform cannot be reached, or refuses us.
    """
    from yzj_daemon.rules.platform import findings

    platform = asyncio.run(_platform(session))
    if not platform.whole:
        _tell_what_is_left_out(session)
    return loaded.told(findings(loaded.files, platform, session.settings.dialect()))


async def _platform(session: Session) -> "Platform":
    from yzj_daemon.rules.platform import Platform

    async with vendor.reached(session) as reached:
        listed = await vendor.accounts(reached)
        lists = vendor.lists(session, reached)
        chats: dict[str, str] = {}
        whole = True
        served = [a.account for a in listed if a.account in (session.settings.accounts or (a.account,))]
        with output.progress(Phrase("读目录", "reading the lists"), len(served), session.lang) as done:
            for account in served:
                read = await lists.read(account)
                if read.hopeless:
                    raise vendor.problem(read.hopeless)
                _tell_unread(session, account, read)
                whole = whole and not read.faults
                found = (chat for kind in CHAT_KINDS for chat in read.chats.get(kind, ()))
                chats |= {chat.id: chat.name or chats.get(chat.id, "") for chat in found}
                done(1)
    return Platform(
        accounts={a.account: a.online for a in listed},
        names={a.account: a.name for a in listed},
        chats=chats,
        whole=whole,
    )


def _tell_unread(session: Session, account: str, read: "Read") -> None:
    for kind, fault in read.faults.items():
        _, reason, detail = in_words(fault)
        words = Phrase(
            f"没有读到账号 {account} 的 {kind} ({detail or reason})",
            f"{account}: its list of {kind}s could not be read ({detail or reason})",
        )
        sys.stderr.write(output.visible(words.to(session.lang)) + "\n")


def _tell_what_is_left_out(session: Session) -> None:
    told = Phrase(
        "有的列表没有读到, 所以没有检查会话是否存在 (unknown-chat)",
        "some lists could not be read, so whether chats exist (unknown-chat) was not checked",
    )
    sys.stderr.write(told.to(session.lang) + "\n")
