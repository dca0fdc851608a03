"""Every mistake is told with its place, its value and what to do; nothing of a bad set is used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yzj_daemon.errors import Phrase
from yzj_daemon.rules import load, model
from yzj_daemon.rules.finding import ERRORS, WARNINGS
from yzj_daemon.rules.load import load_texts
from yzj_daemon.rules.mistakes import keys_of

RULE = '[[rules]]\nid = "a"\nforward_to = ["R:1"]\n'
ALL = "when = { everything = true }\n"
WHEN = "[rules.when]\n"

MISTAKES = [
    # the files
    ("", ("empty-file", 1, 1, ""), ""),
    ('id = "x"\n[[rules]\n', ("toml-syntax", 2, 8, "[[rules]"), "quotes"),
    ('timezone = "Asia/Shanghai"\n', ("no-rules", 1, 1, ""), "[[rules]]"),
    ("rules = []\n", ("no-rules", 1, 1, ""), "[[rules]]"),
    ("rules = 3\n", ("wrong-type", 1, 1, "3"), "[[rules]]"),
    ("[rules]\nid = 'a'\n", ("wrong-type", 1, 1, "{…}"), "[[rules]]"),
    ("[[rule]]\nid = 'a'\n", ("unknown-key", 1, 1, "rule"), "rules"),
    ("x = 99999999999999999999\n" + RULE + ALL, ("number-too-big", 1, 1, "99999999999999999999"), ""),
    (f"x = 0x{'f' * 5_000}\n" + RULE + ALL, ("number-too-big", 1, 1, ""), ""),
    ("version = true\n" + RULE + ALL, ("bad-version", 1, 1, "true"), "version = 1"),
    ("version = 1.0\n" + RULE + ALL, ("bad-version", 1, 1, "1.0"), "version = 1"),
    ("version = 2\n" + RULE + ALL, ("bad-version", 1, 1, "2"), "version = 1"),
    ('timezone = "Asia/Shanghia"\n' + RULE + ALL, ("bad-timezone", 1, 1, "Asia/Shanghia"), "Asia/Shanghai"),
    ('timezone = "localtime"\n' + RULE + ALL, ("bad-timezone", 1, 1, "localtime"), ""),
    (RULE + ALL + RULE + ALL, ("duplicate", 6, 1, "a"), "another name"),
    (f'timezone = "{"x" * 101}"\n' + RULE + ALL, ("too-long", 1, 1, "x" * 101), ""),
    ('timezone = "asia/shanghai"\n' + RULE + ALL, ("bad-timezone", 1, 1, "asia/shanghai"), "Asia/Shanghai"),
    # the tables
    ("[defaults]\nid = 'x'\n" + RULE + ALL, ("unknown-key", 2, 1, "id"), "[[rules]]"),
    ("[defaults]\nmode = 'x'\n" + RULE + ALL, ("bad-choice", 2, 1, "x"), ""),
    (RULE + 'order = "stritc"\n' + ALL, ("bad-choice", 4, 1, "stritc"), ""),
    (RULE + 'on_unknown = "resnd"\n' + ALL, ("bad-choice", 4, 1, "resnd"), "resend"),
    (RULE + "when = 'x'\n", ("wrong-type", 4, 1, "x"), ""),
    (RULE + ALL + "during = []\n", ("empty-list", 5, 1, "[]"), ""),
    ((RULE + WHEN + "sendr = ['1']\n").replace("\n", "\r\n"), ("unknown-key", 5, 1, "sendr"), "sender"),
    (RULE + 'when = { contains = ["😀"], sendr = ["1"] }', ("unknown-key", 4, 28, "sendr"), "sender"),
    (RULE + "when.contains = ['a']\nwhen.not.sendr = ['1']\n", ("unknown-key", 5, 1, "sendr"), "sender"),
    (RULE + WHEN + 'containz = ["退款"]', ("unknown-key", 5, 1, "containz"), "contains"),
    (RULE + "when = { sender = ['1'], cotnains = ['x'] }", ("unknown-key", 4, 26, "cotnains"), "contains"),
    (RULE + 'contains = ["x"]\n' + ALL, ("unknown-key", 4, 1, "contains"), "[rules.when]"),
    (RULE + WHEN + 'contains = "退款"', ("wrong-type", 5, 1, "退款"), 'contains = ["退款"]'),
    (RULE + WHEN + "contains = [12]", ("wrong-type", 5, 13, "12"), '"12"'),
    (RULE + WHEN + "contains = []", ("empty-list", 5, 1, "[]"), ""),
    (RULE + WHEN + 'contains = [""]', ("empty-keyword", 5, 13, ""), ""),
    (RULE + 'priority = "high"\n' + ALL, ("wrong-type", 4, 1, "high"), ""),
    (RULE + 'mode = "shadwo"\n' + ALL, ("bad-choice", 4, 1, "shadwo"), "shadow"),
    (RULE + "enabled = 'true'\n" + ALL, ("wrong-type", 4, 1, "true"), "enabled = true"),
    ('[[rules]]\nid = "a"\n' + ALL, ("missing-key", 1, 1, "forward_to"), "forward_to"),
    ('[[rules]]\nforward_to = ["R:1"]\n' + ALL, ("missing-key", 1, 1, "id"), "refund"),
    (RULE, ("missing-key", 1, 1, "when"), "[rules.when]"),
    ('[[rules]]\nid = "a b"\nforward_to = ["R:1"]\n' + ALL, ("bad-id", 2, 1, "a b"), ""),
    ('[[rules]]\nid = "a"\nforward_to = []\n' + ALL, ("empty-list", 3, 1, "[]"), ""),
    (RULE + "priority = 10000000\n" + ALL, ("out-of-range", 4, 1, "10000000"), ""),
    # conditions
    (RULE + "when = {}", ("empty-when", 4, 1, "{}"), "everything = true"),
    (RULE + WHEN + 'fold = ["case"]', ("empty-when", 4, 1, "{…}"), "everything"),
    (RULE + 'when = { everything = true, type = ["text"] }', ("everything-alone", 4, 1, "{…}"), ""),
    (RULE + "when = { everything = false }", ("everything-alone", 4, 1, "{…}"), ""),
    (RULE + WHEN + "regex = ['(?=x)']", ("bad-regex", 5, 10, "(?=x)"), "not ="),
    (RULE + WHEN + "regex = ['(a)\\1']", ("bad-regex", 5, 10, "(a)\\1"), ""),
    (RULE + WHEN + "regex = ['(a']", ("bad-regex", 5, 10, "(a"), ""),
    (RULE + WHEN + f"regex = ['{'a' * 1001}']", ("too-long", 5, 10, "a" * 200 + "…"), ""),
    (RULE + WHEN + 'contains = ["\\u200b"]', ("keyword-folds-away", 5, 13, "\\u200b"), ""),
    (RULE + WHEN + f'contains = ["{"x" * 201}"]', ("too-long", 5, 13, "x" * 200 + "…"), ""),
    (RULE + WHEN + 'any = [{ contains = ["x"] }, { sendr = ["1"] }]', ("unknown-key", 5, 32, "sendr"), "sender"),
    (
        RULE + WHEN + "[[rules.when.any]]\nsender = ['1']\n[[rules.when.any]]\nregex = ['[']\n",
        ("bad-regex", 8, 10, "["),
        "",
    ),
    (
        RULE + ALL + RULE.replace('"a"', '"b"') + "[rules.when]\nsender = ['1']\n[rules.when.not]\ntpye = ['x']\n",
        ("unknown-key", 11, 1, "tpye"),
        "type",
    ),
    (RULE + WHEN + "any = { sender = ['1'] }", ("wrong-type", 5, 1, "{…}"), ""),
    (RULE + WHEN + "not = [{ sender = ['1'] }]", ("wrong-type", 5, 1, "[…]"), ""),
    (RULE + WHEN + "any = []", ("empty-list", 5, 1, "[]"), ""),
    (RULE + WHEN + "not = {}", ("empty-when", 5, 1, "{}"), ""),
    (RULE + WHEN + 'chat_type = "group"', ("bad-choice", 5, 1, "group"), ""),
    (RULE + WHEN + 'field = [{ path = "a" }]', ("one-test", 5, 10, "{…}"), "equals"),
    (RULE + WHEN + 'field = [{ path = "a", equals = 1, min = 2 }]', ("one-test", 5, 10, "{…}"), "equals"),
    (RULE + WHEN + 'field = [{ path = ".", exists = true }]', ("bad-path", 5, 12, "."), "items[].text"),
    (RULE + WHEN + 'field = [{ path = "a", min = 5, max = 3 }]', ("out-of-range", 5, 10, "{…}"), ""),
    (RULE + WHEN + 'field = [{ path = "a", min = nan }]', ("wrong-type", 5, 24, "nan"), ""),
    (RULE + WHEN + 'field = [{ path = "a", max = "3" }]', ("wrong-type", 5, 24, "3"), ""),
    (RULE + WHEN + 'field = [{ path = "a", equals = nan }]', ("wrong-type", 5, 10, "{…}"), ""),
    (RULE + WHEN + 'field = [{ path = "a", in = [1, []] }]', ("wrong-type", 5, 24, "[…]"), ""),
    (RULE + WHEN + 'fold = ["widht"]\nsender = ["1"]', ("bad-choice", 5, 9, "widht"), "width"),
    # who and where
    (RULE.replace("R:1", "r:1") + ALL, ("unknown-name", 3, 15, "r:1"), "R:1"),
    (RULE.replace("R:1", " R:1") + ALL, ("unknown-name", 3, 15, " R:1"), "R:1"),
    ('[names]\nops = "r:1"\n' + RULE + ALL, ("unknown-name", 2, 1, "r:1"), "R:1"),
    ("[names]\nops = 123\n" + RULE.replace("R:1", "ops") + ALL, ("wrong-type", 2, 1, "123"), '"123"'),
    ('[lists]\nops = ["R:1", "谁"]\n' + RULE.replace("R:1", "ops") + ALL, ("unknown-name", 2, 15, "谁"), "[names]"),
    (RULE + WHEN + 'sender = ["老版"]', ("unknown-name", 5, 11, "老版"), "[names]"),
    ('[names]\n"老板" = "7881"\n' + RULE + WHEN + 'sender = ["老版"]', ("unknown-name", 7, 11, "老版"), "老板"),
    ('[names]\nops = "R:2"\n' + RULE + WHEN + 'chat = ["opps"]', ("unknown-name", 7, 9, "opps"), "ops"),
    ('[names]\n"a" = "b"\n"b" = "R:1"\n' + RULE + ALL, ("name-of-a-name", 2, 1, "b"), ""),
    ('[names]\n"R:5" = "R:6"\n' + RULE + ALL, ("name-is-an-id", 2, 1, "R:5"), ""),
    ('[names]\n"ok" = "群 一"\n' + RULE + ALL, ("unknown-name", 2, 1, "群 一"), ""),
    ('[names]\nx = "R:1"\n[lists]\nx = ["R:2"]\n' + RULE + ALL, ("duplicate", 4, 1, "x"), ""),
    ('[lists]\nx = ["y"]\ny = ["x"]\n' + RULE + ALL, ("list-cycle", 2, 1, "x"), ""),
    ("[lists]\nx = []\n" + RULE + ALL, ("empty-list", 2, 1, "[]"), ""),
    # windows and spans
    (RULE + ALL + 'during = "office"', ("unknown-window", 5, 1, "office"), ""),
    ('[windows.w]\nhours = ["09:00-09:00"]\n' + RULE + ALL, ("never-opens", 2, 10, "09:00-09:00"), "00:00-24:00"),
    ('[windows.w]\nhours = ["25:00-26:00"]\n' + RULE + ALL, ("bad-hours", 2, 10, "25:00-26:00"), "09:00"),
    ('[windows.w]\ndays = ["someday"]\n' + RULE + ALL, ("bad-days", 2, 9, "someday"), "mon-fri"),
    ('[windows.w]\ndays = ["mon"]\ndates = ["2026-10-06"]\n' + RULE + ALL, ("never-opens", 1, 1, "w"), ""),
    ('[windows.w]\ndates = ["2026-13-06"]\n' + RULE + ALL, ("bad-dates", 2, 10, "2026-13-06"), "2026"),
    ("[windows.w]\n" + RULE + ALL, ("empty-window", 1, 1, "{}"), "hours"),
    (RULE + "delay = 10\n" + ALL, ("bad-duration", 4, 1, "10"), "10s"),
    (
        '[windows.w]\ndates = ["2026-01-01"]\nexcept_dates = ["2025-01-01..2027-01-01"]\n' + RULE + ALL,
        ("never-opens", 1, 1, "w"),
        "",
    ),
    ('[windows.w]\nhours = "09:00-10:00"\n' + RULE + ALL, ("wrong-type", 2, 1, "09:00-10:00"), "["),
    ("[windows]\nw = 3\n" + RULE + 'during = "w"\n' + ALL, ("wrong-type", 2, 1, "3"), ""),
    (
        '[defaults]\nduring = ["offce"]\n[windows.office]\nhours = ["09:00-10:00"]\n' + RULE + ALL,
        ("unknown-window", 2, 11, "offce"),
        "office",
    ),
    (RULE + 'limit = "0/10m"\n' + ALL, ("bad-limit", 4, 1, "0/10m"), "30/10m"),
    (RULE + 'limit = "30/10x"\n' + ALL, ("bad-duration", 4, 1, "30/10x"), "10m"),
    (RULE + 'limit = "30"\n' + ALL, ("bad-limit", 4, 1, "30"), "30/10m"),
    (RULE + 'max_age = "0s"\n' + ALL, ("bad-duration", 4, 1, "0s"), "2h"),
    # inside a merge, and who forwards
    (RULE + WHEN + "items = {}", ("empty-when", 5, 1, "{}"), "min_count"),
    (RULE + WHEN + "items = { min_count = 0 }", ("out-of-range", 5, 11, "0"), ""),
    (RULE + WHEN + 'items = { any = { chat = ["R:1"] } }', ("not-inside", 5, 1, "{…}"), "sender"),
    (RULE + WHEN + "items = { all = { not = { self_sent = true } } }", ("not-inside", 5, 1, "{…}"), ""),
    (RULE + WHEN + 'items = { any = { sender = ["谁"] } }', ("unknown-name", 5, 29, "谁"), "[names]"),
    (RULE + WHEN + 'items = { any = { contains = ["\\u200b"] } }', ("keyword-folds-away", 5, 31, "\\u200b"), ""),
    (RULE + 'via = "1688"\n' + ALL, ("via-not-allowed", 4, 1, "1688"), "receiver"),
    (RULE + 'cooldown_by = "rule2"\n' + ALL, ("bad-choice", 4, 1, "rule2"), "rule"),
    (RULE + 'allow = ["no-exampels"]\n' + ALL, ("bad-choice", 4, 10, "no-exampels"), "no-examples"),
    # examples
    (
        RULE + ALL + '[[rules.examples]]\nmessage = { text = "x" }\nmessage_file = "y"\nexpect = "match"',
        ("one-message", 5, 1, "{…}"),
        "",
    ),
    (
        RULE + ALL + '[[rules.examples]]\nmessage = { text = "x" }\nat = 2026-03-02\nexpect = "match"',
        ("wrong-type", 7, 1, "2026-03-02"),
        "2026-03-02T10:00:00",
    ),
    (
        RULE + ALL + '[[rules.examples]]\nmessage = { text = "x" }\nat = 9999-12-31T23:59:59Z\nexpect = "match"',
        ("out-of-range", 7, 1, "9999-12-31 23:59:59+00:00"),
        "",
    ),
    (
        RULE + ALL + '[[rules.examples]]\nmessage = { tpye = "x" }\nexpect = "match"',
        ("unknown-key", 6, 13, "tpye"),
        "type",
    ),
    (
        RULE + ALL + '[[rules.examples]]\nmessage = { text = "x" }\nexpect = "no_match"',
        ("bad-choice", 7, 1, "no_match"),
        "no-match",
    ),
    (RULE + ALL + '[[rules.examples]]\nmessage = { text = "x" }', ("missing-key", 5, 1, "expect"), "no-match"),
    (
        '[lists]\nx = ["R:1"]\n' + RULE + ALL + '[[rules.examples]]\nmessage = { chat = "x" }\nexpect = "match"',
        ("list-here", 8, 13, "x"),
        "",
    ),
    (
        '[windows.w]\nhours = ["09:00-10:00"]\n'
        + RULE
        + ALL
        + 'during = "w"\noutside = "drop"\n[[rules.examples]]\nmessage = { text = "x" }\nexpect = "match"',
        ("example-needs-at", 9, 1, ""),
        "at =",
    ),
]


def findings(toml: str) -> list[tuple[str, int, int, str]]:
    return [(f.id, f.line, f.column, f.value) for f in load_texts({"rules.toml": toml}).findings]


@pytest.mark.parametrize(("toml", "finding", "hint"), MISTAKES, ids=[m[1][0] + str(n) for n, m in enumerate(MISTAKES)])
def test_a_mistake_is_told_with_its_place_and_what_to_do(toml, finding, hint):
    loaded = load_texts({"rules.toml": toml})
    assert findings(toml) == [finding]
    assert loaded.ruleset is None
    [told] = loaded.findings
    assert told.level == "error"
    assert told.id in ERRORS
    assert told.message.zh != told.message.en
    said = (
        f"{told.suggestion.en} {told.suggestion.zh}" if isinstance(told.suggestion, Phrase) else told.suggestion or ""
    )
    assert hint in said


@pytest.mark.parametrize(
    ("toml", "finding"),
    [
        (RULE + WHEN + 'type = ["txet"]', ("unknown-type", 5, 9, "txet")),
        (RULE + WHEN + 'contains = ["  "]', ("blank-keyword", 5, 13, "  ")),
        (RULE + WHEN + 'chat = ["R:1"]', ("self-target", 3, 1, "R:1")),
    ],
)
def test_a_doubt_is_a_warning_and_the_rules_are_used(toml, finding):
    loaded = load_texts({"rules.toml": toml})
    assert [told for told in findings(toml) if told[0] != "no-examples"] == [finding]
    assert {told.level for told in loaded.findings} == {"warning"}
    assert {told.id for told in loaded.findings} <= WARNINGS
    assert loaded.ruleset is not None


def test_every_mistake_of_every_file_is_told_at_once():
    one = RULE + "priority = 'x'\nwhem = {}\n" + ALL
    two = '[names]\n"x y" = ""\n[[rules]]\nid = "a"\nforward_to = ["谁"]\n' + WHEN + "regex = ['[']\ncontains = []\n"
    told = [(f.file, f.id, f.line) for f in load_texts({"one.toml": one, "two.toml": two}).findings]
    assert told == [
        ("one.toml", "wrong-type", 4),
        ("one.toml", "unknown-key", 5),
        ("two.toml", "empty-text", 2),
        ("two.toml", "duplicate", 4),
        ("two.toml", "unknown-name", 5),
        ("two.toml", "bad-regex", 7),
        ("two.toml", "empty-list", 8),
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [('timezone = "Asia/Tokyo"\n', 'timezone = "UTC"\n'), ("[defaults]\npriority = 1\n", "[defaults]\npriority = 2\n")],
)
def test_what_holds_for_all_files_can_be_said_only_one_way(first, second):
    b = RULE.replace('"a"', '"b"')
    loaded = load_texts({"a.toml": first + RULE + ALL, "b.toml": second + b + ALL})
    [told] = loaded.findings
    assert (told.id, told.file, told.line) == ("two-values", "b.toml", 1)
    assert "a.toml:1" in told.message.en


def test_a_problem_tells_all_errors_in_both_languages():
    loaded = load_texts({"rules.toml": RULE + "priority = 'x'\nmode = 'y'\n" + ALL})
    problem = load.problem(loaded)
    assert problem.exit_code == 1
    for lang in ("zh", "en"):
        assert problem.to(lang).count("rules.toml:") == 2


def test_conditions_that_nest_too_deep_are_told_and_not_walked_into():
    when = 'contains = ["x"]'
    for _ in range(40):
        when = f"not = {{ {when} }}"
    [(id_, line, _, _)] = findings(RULE + WHEN + when)
    assert (id_, line) == ("too-deep", 5)


def test_keys_that_nest_too_deep_are_told_too():
    assert [id_ for id_, *_ in findings("a." * 3_000 + "a = 1\n" + RULE + ALL)] == ["too-deep"]
    assert [id_ for id_, *_ in findings(RULE + ALL + "[" + "a." * 3_000 + "a]\n")] == ["too-deep"]


def test_no_files_are_no_rules():
    loaded = load_texts({})
    assert loaded.ruleset is None
    assert [told.id for told in loaded.findings] == ["no-rules"]


@pytest.mark.parametrize("names", ['[names]\n"群" = "R:1\n', 'names = "群"\n'])
def test_while_a_file_is_broken_names_that_may_stand_in_it_are_not_called_unknown(names):
    rules = RULE.replace("R:1", "群") + 'during = "w"\nmode = "x"\n' + ALL
    told = [(f.file, f.id) for f in load_texts({"names.toml": names, "rules.toml": rules}).findings]
    assert told[0][0] == "names.toml"
    assert told[1:] == [("rules.toml", "bad-choice")]


def test_a_clash_over_files_names_both_places():
    shared = '[names]\n"群" = "R:1"\n[windows.w]\nhours = ["09:00-10:00"]\n' + RULE + ALL
    told = load_texts({"a.toml": shared, "b.toml": "# later\n" + shared}).findings
    assert [(f.id, f.file, f.line, f.value) for f in told] == [
        ("duplicate", "b.toml", 3, "群"),
        ("duplicate", "b.toml", 4, "w"),
        ("duplicate", "b.toml", 7, "a"),
    ]
    assert [f"a.toml:{line}" in f.message.en for f, line in zip(told, (2, 3, 6), strict=True)] == [True] * 3


@given(st.text(max_size=300))
def test_no_text_at_all_raises(text):
    loaded = load_texts({"rules.toml": text})
    assert (loaded.ruleset is None) is any(f.level == "error" for f in loaded.findings)


WHOLE = (
    'version = 1\n[names]\n"甲" = "R:7"\n[lists]\nl = ["甲", "7881"]\n[windows.w]\nhours = ["22:00-06:00"]\n'
    + RULE
    + 'during = ["w"]\n[rules.when]\nany = [{ contains = ["退款"] }, { regex = ["a+"], sender = ["l"] }]\n'
    + '[[rules.examples]]\nmessage = { text = "退款" }\nat = 2026-03-02T23:00:00\nexpect = "match"\n'
)


@given(st.integers(0, len(WHOLE)), st.integers(0, 12), st.text('="[]{}\n 甲a1.', max_size=4))
def test_no_file_cut_or_scrawled_upon_raises_or_is_half_used(at, gone, instead):
    loaded = load_texts({"rules.toml": WHOLE[:at] + instead + WHOLE[at + gone :]})
    assert (loaded.ruleset is None) is any(f.level == "error" for f in loaded.findings)
    assert all(f.line >= 1 for f in loaded.findings)


TABLES = (
    model.FileTable,
    model.RuleTable,
    model.WhenTable,
    model.FieldTable,
    model.WindowTable,
    model.ExampleTable,
    model.ExampleMessage,
)
KEYS = sorted({key for table in TABLES for key in keys_of(table)})
VALUES = [
    "3",
    "-1",
    "1.5",
    "nan",
    "true",
    '""',
    '"x"',
    "[]",
    "{}",
    "[[]]",
    "2026-01-01",
    "2026-01-01T00:00:00Z",
    "9" * 20,
]
HEADERS = ["", "[rules.when]", "[rules.when.not]", "[[rules.when.any]]", "[[rules.examples]]", "[windows.w]"]
HEADERS += ["[defaults]", "[names]", "[lists]", "[[rules]]", "[rules.when.any]"]


def written(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lists = st.lists(inner, max_size=3).map(lambda values: f"[{', '.join(values)}]")
    tables = st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    return lists | tables.map(lambda table: f"{{{', '.join(f'{key} = {value}' for key, value in table.items())}}}")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(HEADERS),
            st.dictionaries(st.sampled_from(KEYS), st.recursive(st.sampled_from(VALUES), written, max_leaves=6)),
        ),
        max_size=4,
    )
)
def test_no_key_with_any_value_anywhere_raises_or_is_half_used(tables):
    toml = RULE + "".join(
        f"{header}\n" + "".join(f"{key} = {value}\n" for key, value in keys.items()) for header, keys in tables
    )
    loaded = load_texts({"rules.toml": toml})
    assert (loaded.ruleset is None) is any(f.level == "error" for f in loaded.findings)
    assert {f.id for f in loaded.findings} <= ERRORS | WARNINGS
    assert all(f.line >= 1 and f.column >= 1 for f in loaded.findings)
