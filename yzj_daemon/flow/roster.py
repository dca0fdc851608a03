"""The hosted accounts: which there are, and which of them are online, as the vendor's list tells."""

from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from yzj_daemon.account import HostedAccount
from yzj_daemon.clock import Clock
from yzj_daemon.delivery import Fault, in_words
from yzj_daemon.flow.budget import Budget
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.storage import inbox
from yzj_daemon.storage.engine import Store

log = structlog.get_logger("yzj_daemon.roster")

ListAccounts = Callable[[], Awaitable[tuple[HostedAccount, ...] | Fault]]


class Roster:
    """Every account known to be hosted, from the settings, the store, the vendor's list and callbacks.

    ``served`` limits it to the accounts the settings name; empty serves all. ``hosted`` is shared with intake, which
    takes what any of them sends for self-sent.
    """

    def __init__(
        self,
        store: Store,
        list_accounts: ListAccounts,
        budget: Budget,
        hosted: set[str],
        *,
        served: frozenset[str],
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self.hosted = hosted
        self._store = store
        self._list_accounts = list_accounts
        self._budget = budget
        self._served = served
        self._clock = clock
        self._metrics = metrics
        self.fault: str | None = None
        """Why the platform's list could not be had; "" when it was, None before it was asked for."""

    def to_serve(self) -> tuple[str, ...]:
        """The accounts to pull for, in a steady order."""
        return tuple(sorted(self._served or self.hosted))

    async def recall(self) -> None:
        """Take up the accounts the store knows."""
        self.hosted |= await self._store.read(inbox.hosted)

    async def refresh(self) -> None:
        """Ask the vendor; a fault changes nothing but a log line."""
        await self._budget.spend()
        answer = await self._list_accounts()
        if not isinstance(answer, tuple):
            name, reason, detail = in_words(answer)
            log.warning("accounts.unlisted", outcome=name, reason=reason, detail=detail)
            self.fault = detail or reason
            return
        self.fault = ""
        if new := {a.account for a in answer} - self.hosted:
            log.info("accounts.found", accounts=sorted(new))
        self.hosted |= {a.account for a in answer}
        for account in answer:
            if account.online is not None:
                self._metrics.account_up(account.account, up=account.online)
        await self._store.write(partial(inbox.listed, accounts=answer, now=self._clock.now()))
