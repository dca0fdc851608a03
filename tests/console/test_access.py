"""Sessions, links, passwords and patience, each by itself."""

from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests.flow.conftest import HandClock
from yzj_daemon.console.access import patience, sessions
from yzj_daemon.console.access.links import VALID, KeyFile, Links
from yzj_daemon.console.access.passwords import Passwords
from yzj_daemon.console.access.patience import Patience
from yzj_daemon.console.access.sessions import Sessions
from yzj_daemon.errors import StoreProblem


def test_a_session_ends_when_nobody_did_anything_for_long(clock: HandClock) -> None:
    kept = Sessions(clock)
    token, visitor = kept.begin("小王", "operator")
    clock.seconds += sessions.IDLE - 1
    assert kept.visitor(token) == visitor
    clock.seconds += sessions.IDLE + 1
    assert kept.visitor(token) is None


def test_a_page_that_updates_itself_keeps_nobody_logged_in(clock: HandClock) -> None:
    kept = Sessions(clock)
    token, _ = kept.begin("小王", "operator")
    clock.seconds += sessions.IDLE - 1
    assert kept.visitor(token, by_itself=True)
    clock.seconds += 2
    assert kept.visitor(token, by_itself=True) is None


def test_a_busy_session_ends_in_the_end(clock: HandClock) -> None:
    kept = Sessions(clock)
    token, _ = kept.begin("小王", "operator")
    began = clock.seconds
    while kept.visitor(token):
        clock.seconds += sessions.IDLE / 2
    assert clock.seconds - began >= sessions.LONGEST


def test_logging_in_again_gives_another_token_and_ends_the_old_session(clock: HandClock) -> None:
    kept = Sessions(clock)
    first, _ = kept.begin("小王", "viewer")
    second, visitor = kept.begin("小王", "operator", instead_of=first)
    assert first != second
    assert kept.visitor(first) is None
    assert kept.visitor(second) == visitor


def test_when_there_are_too_many_sessions_the_idlest_goes(clock: HandClock) -> None:
    kept, tokens = Sessions(clock, most=2), []
    for name in ("a", "b", "c"):
        tokens.append(kept.begin(name, "viewer")[0])
        clock.seconds += 1
    assert [bool(kept.visitor(token)) for token in tokens] == [False, True, True]


@pytest.mark.parametrize("hashed", [False, True])
def test_each_password_opens_its_role_and_nothing_else_does(hashed: bool) -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=64)
    written = [hasher.hash(plain) if hashed else plain for plain in ("operate", "look")]
    passwords = Passwords(*written)
    assert [passwords.role(word) for word in ("operate", "look", "Operate", "", written[0] + "x")] == [
        "operator", "viewer", None, None, None,
    ]  # fmt: skip
    assert passwords.role("x" * 1_000_000) is None
    if hashed:
        assert passwords.role(written[0]) is None


def test_without_passwords_no_word_opens() -> None:
    assert not Passwords(None, None).any
    assert Passwords(None, None).role("") is None


def test_after_a_few_wrong_passwords_each_try_waits_twice_as_long(clock: HandClock) -> None:
    kept = Patience(clock)
    for _ in range(patience.FREE - 1):
        kept.wrong("1.2.3.4")
    assert kept.wait("1.2.3.4") == 0
    waits = []
    for _ in range(3):
        kept.wrong("1.2.3.4")
        waits.append(kept.wait("1.2.3.4"))
    assert waits == [2, 4, 8]
    assert kept.wait("5.6.7.8") == 0
    clock.seconds += 8
    assert kept.wait("1.2.3.4") == 0
    kept.right("1.2.3.4")
    kept.wrong("1.2.3.4")
    assert kept.wait("1.2.3.4") == 0


def test_guessing_from_many_addresses_waits_too(clock: HandClock) -> None:
    kept = Patience(clock)
    for number in range(patience.FREE_IN_ALL):
        kept.wrong(f"10.0.0.{number}")
    assert kept.wait("192.0.2.1") > 0
    clock.seconds += patience.FORGOTTEN + 1
    kept.wrong("192.0.2.1")
    assert kept.wait("192.0.2.2") == 0


def test_a_link_opens_once(tmp_path: Path, clock: HandClock) -> None:
    links = Links(clock)
    KeyFile("http://127.0.0.1:8081", links.key).write(tmp_path / "store.db")
    link = KeyFile.read(tmp_path / "store.db").link("小王", clock.now())
    address, _, ticket = link.partition("?ticket=")
    assert address == "http://127.0.0.1:8081/enter"
    assert links.redeem(ticket) == "小王"
    assert links.redeem(ticket) == ""


def test_a_link_is_good_for_some_minutes_and_for_one_daemon(clock: HandClock) -> None:
    links = Links(clock)
    ticket = KeyFile("", links.key).link("w", clock.now()).partition("=")[2]
    assert Links(clock).redeem(ticket) == ""
    clock.seconds += VALID / 1000 + 1
    assert links.redeem(ticket) == ""


@pytest.mark.parametrize("ticket", ["", ".", "e30.e30", "ä.ö", "x" * 100_000, "e30", "=.="])
def test_what_is_no_ticket_opens_nothing(ticket: str, clock: HandClock) -> None:
    assert Links(clock).redeem(ticket) == ""


def test_nobody_else_may_read_the_key(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    KeyFile.of(store).write_text("left by another run")
    KeyFile.of(store).chmod(0o644)
    KeyFile("http://127.0.0.1:1", b"k").write(store)
    assert KeyFile.of(store).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["store.db.console"]


def test_without_a_daemon_there_is_no_link(tmp_path: Path) -> None:
    with pytest.raises(StoreProblem, match="no daemon is running"):
        KeyFile.read(tmp_path / "store.db")
