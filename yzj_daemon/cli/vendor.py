"""The platform, for commands that ask it something themselves, with the settings of this shell."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from yzj_daemon.cli.session import Session
from yzj_daemon.delivery import Fault, in_words
from yzj_daemon.errors import Phrase, VendorProblem

if TYPE_CHECKING:
    from yzj_daemon.account import HostedAccount
    from yzj_daemon.flow.directory import Lists
    from yzj_daemon.yzj.client import Vendor


@asynccontextmanager
async def reached(session: Session) -> AsyncIterator["Vendor"]:
    """Raises WrongSettings: what a call needs is missing."""
    from yzj_daemon.daemon import vendor_of

    platform = vendor_of(session.settings.for_vendor(), session.clock)
    try:
        yield platform
    finally:
        await platform.aclose()


def lists(session: Session, platform: "Vendor") -> "Lists":
    """The platform's lists of chats, within a budget as the daemon has one."""
    from yzj_daemon.flow.budget import Budget
    from yzj_daemon.flow.directory import Lists

    return Lists(platform.chats, Budget(session.settings.pull.budget_per_minute, session.clock))


async def accounts(platform: "Vendor") -> "tuple[HostedAccount, ...]":
    """Raises VendorProblem."""
    listed = await platform.accounts()
    if not isinstance(listed, tuple):
        raise problem(listed)
    return listed


def problem(fault: Fault) -> VendorProblem:
    """No answer, or one that refuses us."""
    _, reason, detail = in_words(fault)
    told = f"{reason}: {detail}" if detail else reason
    return VendorProblem(
        Phrase(f"平台没有给出需要的回答 ({told})", f"the platform did not answer what was asked ({told})"),
        Phrase(
            "检查 api.base_url、api.app_id、密钥、IP 白名单和网络",
            "check api.base_url, api.app_id, the secret, the IP whitelist and the network",
        ),
    )
