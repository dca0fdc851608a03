"""Real stores, an SQLite file or a database of a real PostgreSQL, and shorthands for rows."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from yzj_daemon.delivery import State
from yzj_daemon.storage import inbox, outbox
from yzj_daemon.storage.engine import Store


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a store at this version's schema, on each engine."""
    found: str = request.getfixturevalue("file_url" if request.param == "sqlite" else "database_url")
    return found


@pytest.fixture
def file_url(tmp_path: Path, empty_store: Path) -> str:
    shutil.copy(empty_store, tmp_path / "store.db")
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with closing(Store(url)) as store:
        yield store


@pytest.fixture
def file_store(file_url: str) -> Iterator[Store]:
    with closing(Store(file_url)) as store:
        yield store


def message_row(**given: Any) -> inbox.MessageRow:
    row: dict[str, Any] = {
        "account": "A",
        "key": "1",
        "chat": "R:1",
        "chat_type": "room",
        "sender": "7",
        "type": "text",
        "sent_at": 1_000,
        "received_at": 1_000,
        "source": "callback",
        "svrid": "1",
        "wx_svrid": "",
        "wx_msgid": "",
        "self_sent": False,
        "opaque": False,
        "text": "",
        "content": "{}",
        "envelope": "{}",
        "content_at": 0,
    }
    row.update(given)
    row.setdefault("event", row["key"])
    return row  # type: ignore[return-value]


def draft(message_id: int, chat: str, **given: Any) -> outbox.Draft:
    rule = given.get("rule", "r")
    row: dict[str, Any] = {
        "message_id": message_id,
        "event": str(message_id),
        "nonce": 0,
        "account": "A",
        "chat": chat,
        "reason": "",
        "rules": outbox.encode([rule]),
        "rule": rule,
        "priority": 0,
        "solo": False,
        "strict": False,
        "parked": False,
        "on_unknown": "hold",
        "fingerprint": "",
        "state": State.PENDING,
        "due_at": 0,
        "expires_at": None,
        "created_at": 1_000,
        "updated_at": 1_000,
    }
    row.update(given)
    return row  # type: ignore[return-value]


@pytest.fixture
def owe(store: Store) -> Callable[..., int]:
    """Store a message that owes these chats; answers its id."""
    counter = iter(range(1, 10_000))

    def add(*chats: str, account: str = "A", max_targets: int = 20, **given: Any) -> int:
        key = f"m{next(counter)}"

        def work(connection: Any) -> int:
            row = message_row(account=account, key=key, content=f'{{"n":"{key}"}}')
            [message_id] = inbox.add(connection, [row])
            drafts = [draft(message_id, chat, account=account, **{"event": key, **given}) for chat in chats]
            outbox.add(connection, drafts, max_targets)
            return message_id

        return store.write_now(work)

    return add
