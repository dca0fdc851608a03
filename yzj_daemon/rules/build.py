"""Tables into rules and windows, once nothing is wrong with them."""

from collections.abc import Mapping
from typing import get_args
from zoneinfo import ZoneInfo

from yzj_daemon.rules.condition import (
    NONE,
    All,
    AnyOf,
    Attribute,
    Condition,
    Everything,
    Fields,
    FieldTest,
    Items,
    Not,
    OneOf,
    Patterns,
    SelfSent,
    Words,
    table,
)
from yzj_daemon.rules.fold import DEFAULT_FOLD, Fold, fold
from yzj_daemon.rules.model import (
    RECEIVER,
    DefaultsTable,
    FieldTable,
    ItemsTable,
    RuleTable,
    WhenTable,
    WindowTable,
    merged_all,
)
from yzj_daemon.rules.names import Names
from yzj_daemon.rules.ruleset import Place, Rule
from yzj_daemon.rules.window import Window

_ATTRIBUTES: tuple[Attribute, ...] = get_args(Attribute)


def window(name: str, said: WindowTable, zone: ZoneInfo) -> Window:
    return Window(
        name=name,
        zone=zone,
        days=None if said.days is None else frozenset().union(*said.days),
        hours=tuple(said.hours or ()),
        dates=tuple(said.dates or ()),
        except_dates=tuple(said.except_dates or ()),
    )


def rule(said: RuleTable, defaults: DefaultsTable, names: Names, windows: Mapping[str, Window], place: Place) -> Rule:
    """The rule with its names resolved and the defaults applied."""
    options = merged_all(said, defaults)
    return Rule(
        id=said.id,
        when=condition(said.when, names),
        targets=names.share(names.resolve(said.forward_to)),
        priority=options["priority"],
        stop=options["stop"],
        mode=options["mode"],
        delay=options["delay"],
        max_age=options["max_age"],
        fanout=options["fanout"],
        order=options["order"],
        on_unknown=options["on_unknown"],
        during=tuple(windows[name] for name in dict.fromkeys(options["during"] or ())),
        outside=options["outside"],
        limit=options["limit"],
        via=_account(options["via"], names),
        cooldown=options["cooldown"],
        cooldown_by=options["cooldown_by"],
        expect_every=options["expect_every"],
        allow=names.share(frozenset(options["allow"])) if options["allow"] else NONE,
        description=options["description"],
        owner=options["owner"],
        place=place,
    )


def _account(via: str, names: Names) -> str:
    return "" if via == RECEIVER else names.resolve([via])[0]


def condition(when: WhenTable, names: Names, how: Fold = DEFAULT_FOLD) -> All:
    """``how``: the enclosing table's fold, for one that says nothing of it."""
    if when.fold is not None:
        how = frozenset(when.fold)
    parts: list[Condition] = [*_attributes(when, names)]
    if when.self_sent is not None:
        parts.append(SelfSent(when.self_sent))
    if when.everything:
        parts.append(Everything())
    if when.contains is not None:
        parts.append(Words.of("contains", tuple(when.contains), how))
    if when.contains_all is not None:
        parts.append(Words.of("contains_all", tuple(when.contains_all), how))
    if when.regex is not None:
        parts.append(Patterns(tuple(when.regex)))
    if when.field is not None:
        parts.append(Fields(tuple(_test(test, how) for test in when.field)))
    if when.items is not None:
        parts.append(_items(when.items, names, how))
    parts += [condition(inner, names, how) for inner in when.all or ()]
    if when.any is not None:
        parts.append(AnyOf(tuple(condition(inner, names, how) for inner in when.any)))
    if when.not_ is not None:
        parts.append(Not(condition(when.not_, names, how)))
    return table(tuple(parts))


def _items(said: ItemsTable, names: Names, how: Fold) -> Items:
    some, each = (None if inner is None else condition(inner, names, how) for inner in (said.any, said.all))
    return Items(said.min_count or 0, some, each)


def _attributes(when: WhenTable, names: Names) -> list[OneOf]:
    said = {key: getattr(when, key) for key in _ATTRIBUTES}
    return [
        OneOf(key, names.share(frozenset(values if key in {"type", "chat_type"} else names.resolve(values))))
        for key, values in said.items()
        if values is not None
    ]


def _test(said: FieldTable, how: Fold) -> FieldTest:
    return FieldTest(
        path=said.path,
        equals=(said.equals,) if said.equals is not None else tuple(said.in_ or ()),
        words=tuple(fold(word, how) for word in said.contains or ()),
        fold=how,
        patterns=tuple(said.regex or ()),
        exists=said.exists,
        least=said.min,
        most=said.max,
    )
