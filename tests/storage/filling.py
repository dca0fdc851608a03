"""A store in which every table has rows, of all that its columns may hold; its books balance."""

from random import Random
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, LargeBinary, Table, insert

from yzj_daemon.delivery import State
from yzj_daemon.storage import moving
from yzj_daemon.storage import tables as t

WORDS = (
    "退款",
    "it's",
    '"quoted"',
    "tab\tnew\nline\r",
    "\\N",
    "\\.",
    "\\u0000",
    "a\0b",
    "👨‍👩‍👧",
    "",
    "ﬀ",
    "{}",
    "%s",
    "é",
)


def fill(connection: Connection, rows: int, seed: int = 0) -> None:
    random = Random(seed)
    ids: dict[str, list[int]] = {}
    for table in moving.carried():
        made = [_row(table, n, ids, random) for n in range(rows)]
        connection.execute(insert(table), made)
        ids[table.name] = [row["id"] for row in made if isinstance(row.get("id"), int)]


def _row(table: Table, n: int, ids: dict[str, list[int]], random: Random) -> dict[str, Any]:
    row = {column.name: _value(column, n, ids, random) for column in table.columns}
    if table is t.decisions:
        row |= {"nonce": 0, "reason": "too_old"}  # one for each message
    elif table is t.deliveries:
        row |= {"state": [*State][n % len(State)]}
    elif table is t.lanes:
        row |= {"owner": 7}
    return row


def _value(column: Column[Any], n: int, ids: dict[str, list[int]], random: Random) -> Any:
    for key in column.foreign_keys:
        return ids[key.column.table.name][n]
    if column.nullable and not column.primary_key and random.random() < 0.3:
        return None
    unique = column.primary_key or column.name in ("key", "event", "hash")
    match column.type:
        case Boolean():
            return random.random() < 0.5
        case LargeBinary():
            return random.randbytes(20)
        case BigInteger() | Integer():
            return 3 * n + 5 if unique else random.randrange(2**31)
        case _ if unique:
            return f"{random.choice(WORDS)}{n}"
        case _:
            return " ".join(random.choices(WORDS, k=3))
