"""Outbox and lanes against a model: whatever happens in whatever order, no chat gets an event twice by itself."""

import shutil
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Connection, select

from tests.postgres import Server
from tests.properties import times
from tests.storage.conftest import draft, message_row
from yzj_daemon.account import HostedAccount
from yzj_daemon.delivery import Call, Deferred, Outcome, Refused, RetryPolicy, Sent, State, Unanswered
from yzj_daemon.lane import Pace
from yzj_daemon.storage import controls, echoes, inbox, lanes, outbox, reports, schema, settlement
from yzj_daemon.storage import tables as t
from yzj_daemon.storage.engine import Store

ACCOUNTS = ("A", "B")
CHATS = ("R:1", "R:2", "R:3")
WINDOW = 5_000
POLICY = RetryPolicy(retries=3, shortest=100, longest=1_000)

accounts = st.sampled_from(ACCOUNTS)
chats = st.lists(st.sampled_from(CHATS), min_size=1, unique=True)
outcomes = st.sampled_from(
    [
        Sent(),
        Unanswered("timeout"),
        Deferred("transient"),
        Deferred("offline", lane_wide=True),
        Deferred("rate_limited", lane_wide=True),
        Refused("permanent"),
    ]
)

Key = tuple[str, str]
"""Event and chat."""


@pytest.fixture(scope="module", autouse=True)
def template(tmp_path_factory: pytest.TempPathFactory) -> None:
    """An empty store to copy: migrating one anew for each example would take longer than the example."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    with closing(Store(f"sqlite:///{path}")) as store:
        store.write_now(schema.upgrade)
    OutboxMachine.template = path


class OutboxMachine(RuleBasedStateMachine):
    """``carried``: how often the vendor carried an event out to a chat. ``asked``: how often that was asked for."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(prefix="yzj-machine-"))
        self.store = self.opened()
        self.now = 1_000_000
        self.events = 0
        self.carried: Counter[Key] = Counter()
        self.asked: Counter[Key] = Counter()
        self.flying: dict[str, tuple[Call, bool]] = {}

    def opened(self) -> Store:
        """A store with nothing in it."""
        shutil.copy(self.template, self.directory / "store.db")
        return Store(f"sqlite:///{self.directory}/store.db")

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.directory)

    def keys(self, ids: list[int]) -> list[Key]:
        d = t.deliveries.c
        query = select(d.event, d.chat).where(d.id.in_(ids))
        return [tuple(row) for row in self.store.read_now(lambda c: c.execute(query).all())]

    def ids(self, *states: State) -> list[int]:
        d = t.deliveries.c
        query = select(d.id).where(d.state.in_(states)).order_by(d.id)
        return list(self.store.read_now(lambda c: c.execute(query).scalars().all()))

    # What comes in ------------------------------------------------------------------------------------------------

    @rule(
        account=accounts,
        to=chats,
        both=st.booleans(),
        solo=st.booleans(),
        strict=st.booleans(),
        wait=st.sampled_from([0, 500]),
        priority=st.integers(0, 1),
    )
    def receive(
        self, account: str, to: list[str], both: bool, solo: bool, strict: bool, wait: int, priority: int
    ) -> None:
        """A message for some chats; with ``both``, the other account receives the same event."""
        self.events += 1
        event, receivers = f"e{self.events}", ACCOUNTS if both else (account,)

        def work(connection: Connection) -> int:
            owed = 0
            for receiver in receivers:
                row = message_row(account=receiver, key=event, event=event, received_at=self.now)
                [message_id] = inbox.add(connection, [row])
                drafts = [
                    draft(
                        message_id,
                        chat,
                        event=event,
                        account=receiver,
                        solo=solo,
                        strict=strict,
                        priority=priority,
                        fingerprint=event,
                        parked=wait > 0,
                        due_at=self.now + wait,
                        expires_at=self.now + 60_000,
                        on_unknown="resend",
                        created_at=self.now,
                        updated_at=self.now,
                    )
                    for chat in to
                ]
                fresh = len(outbox.add(connection, drafts, 2))
                owed += fresh
                reason = "matched" if fresh else "duplicate"
                decision = {"message_id": message_id, "nonce": 0, "reason": reason, "rules": '["r"]', "trail": ""}
                inbox.decide(connection, [{**decision, "rule_set_id": None, "decided_at": self.now}])
            return owed

        assert self.store.write_now(work) == len(to), "each chat is owed the event once, whoever received it"
        self.asked.update((event, chat) for chat in to)

    @rule(span=st.sampled_from([1, 400, 2_000, 6_000, 70_000]))
    def wait(self, span: int) -> None:
        self.now += span
        self.store.write_now(lambda c: outbox.expire(c, self.now, 100))

    # Calls --------------------------------------------------------------------------------------------------------

    @rule(account=accounts, arrives=st.booleans())
    def begin(self, account: str, arrives: bool) -> None:
        """``arrives``: what the vendor will have done should no answer come."""
        if account in self.flying:
            return
        begun = self.store.write_now(lambda c: lanes.begin(c, account, self.now, Pace(), lanes.Caps(max_targets=2)))
        if isinstance(begun, Call):
            assert all(x.due_at <= self.now < (x.expires_at or self.now + 1) for x in begun.deliveries)
            assert begun.account == account
            self.keeps_order(begun)
            self.flying[account] = (begun, arrives)

    def keeps_order(self, call: Call) -> None:
        """Nothing strict leaves while an older strict message still owes the same chat."""
        d = t.deliveries.c
        open_ = d.state.in_((State.PENDING, State.SENDING, State.UNKNOWN)) & (d.expires_at > self.now)
        strict = select(d.id, d.chat, d.message_id).where(d.account == call.account, d.strict)
        rows = self.store.read_now(lambda c: c.execute(strict.where(open_)).all())
        leaving = {x.id for x in call.deliveries} & {row.id for row in rows}
        oldest = {
            chat: min(row.message_id for row in rows if row.chat == chat)
            for chat in CHATS
            if rows
            if any(row.chat == chat for row in rows)
        }
        assert all(row.message_id == oldest[row.chat] for row in rows if row.id in leaving)

    @precondition(lambda self: self.flying)
    @rule(outcome=outcomes, which=st.integers(0, 1))
    def finish(self, outcome: Outcome, which: int) -> None:
        account = sorted(self.flying)[which % len(self.flying)]
        call, arrives = self.flying.pop(account)
        if isinstance(outcome, Sent) or (isinstance(outcome, Unanswered) and arrives):
            self.carry(call)
        after = [x.after(outcome, self.now, POLICY, shared=len(call.deliveries) > 1, roll=0.5) for x in call.deliveries]
        lane = self.store.read_now(lambda c: lanes.get(c, account)).after(outcome, self.now, Pace())
        self.store.write_now(lambda c: lanes.finish(c, call, outcome, lane, after, self.now))

    @rule()
    def crash(self) -> None:
        for call, arrives in self.flying.values():
            if arrives:
                self.carry(call)
        self.flying.clear()
        self.store.write_now(lambda c: outbox.interrupted(c, self.now))

    def carry(self, call: Call) -> None:
        self.carried.update(self.keys([x.id for x in call.deliveries]))

    # What settles -------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.carried)
    @rule(which=st.integers(0, 100), account=accounts)
    def own_copy(self, which: int, account: str) -> None:
        event, chat = sorted(self.carried)[which % len(self.carried)]
        self.store.write_now(lambda c: echoes.confirm(c, account, chat, event, self.now, WINDOW, self.now))

    @rule()
    def resend(self) -> None:
        self.store.write_now(lambda c: inbox.saw(c, ACCOUNTS, self.now))
        unknown = self.ids(State.UNKNOWN)
        self.store.write_now(lambda c: settlement.resend(c, self.now, WINDOW, 100))
        self.asked.update(self.keys(sorted(set(unknown) - set(self.ids(State.UNKNOWN)))))

    @rule(account=accounts, online=st.booleans())
    def listed(self, account: str, online: bool) -> None:
        self.store.write_now(lambda c: inbox.listed(c, [HostedAccount(account=account, online=online)], self.now))
        movable = self.store.read_now(lambda c: settlement.walk(c, {}, 100)).movable
        self.store.write_now(lambda c: settlement.reroute(c, movable, self.now))

    # What people do -----------------------------------------------------------------------------------------------

    @rule(verb=st.sampled_from([controls.hold, controls.release, controls.drop, controls.requeue]), data=st.data())
    def operate(self, verb, data: st.DataObject) -> None:
        every = self.ids(*State)
        chosen = data.draw(st.lists(st.sampled_from(every), max_size=3)) if every else []
        self.store.write_now(lambda c: verb(c, chosen, self.now))

    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        every = self.ids(*controls.MAY_HAVE_ARRIVED)
        chosen = data.draw(st.lists(st.sampled_from(every), max_size=2, unique=True)) if every else []
        self.asked.update(self.keys(chosen))
        assert self.store.write_now(lambda c: controls.send_again(c, chosen, self.now)) == len(chosen)

    # What must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_carried_out_more_often_than_asked(self) -> None:
        assert all(times <= self.asked[key] for key, times in self.carried.items())

    @invariant()
    def what_is_on_its_way_is_in_a_call(self) -> None:
        flying = {x.id for call, _ in self.flying.values() for x in call.deliveries}
        assert set(self.ids(State.SENDING)) <= flying

    @invariant()
    def the_books_balance(self) -> None:
        books = self.store.read_now(reports.books)
        assert books.balanced, books

    @invariant()
    def what_the_vendor_carried_out_is_never_believed_not_to_have_left(self) -> None:
        """Of every event that arrived, one delivery is sent, confirmed or unknown, or was replaced knowingly."""
        d = t.deliveries.c
        rows = self.store.read_now(lambda c: c.execute(select(d.event, d.chat, d.state, d.reason)).all())
        open_ = {"sent", "confirmed", "unknown"}
        told = {(row.event, row.chat) for row in rows if row.state in open_ or row.reason in controls.REPLACED}
        flying = {key for call, _ in self.flying.values() for key in self.keys([x.id for x in call.deliveries])}
        assert set(self.carried) <= told | flying


OutboxMachine.TestCase.settings = settings(
    times(0.5), stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestOutbox = pytest.mark.timeout(900)(OutboxMachine.TestCase)


@pytest.fixture(scope="module")
def machine_url(postgres: Server) -> str:
    """One database for all examples, emptied for each."""
    OnPostgres.url = postgres.create("machine", template="filled")
    return OnPostgres.url


class OnPostgres(OutboxMachine):
    url: str

    def opened(self) -> Store:
        store = Store(self.url)
        names = ", ".join(name for name in t.metadata.tables)
        store.write_now(lambda c: c.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY") and None)
        return store


OnPostgres.TestCase.settings = settings(
    times(0.2), stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.usefixtures("machine_url")
@pytest.mark.timeout(900)
class TestOutboxOnPostgres(OnPostgres.TestCase):  # type: ignore[name-defined,misc]
    """The same, every way to the server and back."""
