"""Examples made from stored messages: masked, proven, and put into the rule's file with all else as it was."""

import re
import stat
import tomllib

import pytest

from tests.flow.conftest import original
from yzj_daemon.rules.load import load_checked
from yzj_daemon.yzj import payloads

RULES = """# 我们的规则
timezone = "Asia/Shanghai"   # 时区
[names]
"客户群" = "R:customers"

# ── 退款 ──
[[rules]]
id         = "退款"          # 不要改
forward_to = [
    "R:ops",   # 运营
]
[rules.when]
contains = ["退款"]

# ── 其它 ──
[[rules]]
id = "合并"
forward_to = ["R:merge"]
when = { type = ["merge"] }
"""

PRIVATE = "你好,我是王小二,要退款,电话13812345678,邮箱 wang@example.org,订单 202603021234567 https://a.cn/b?id=77&k=v"


@pytest.fixture
def made(shell):
    """Rules and messages; ``made(…)`` answers the one new example of the file."""

    def make(*args, rules=RULES, rule="退款", **given):
        (shell.directory / "rules.toml").write_bytes(rules.encode())
        shell.receive(original(given.pop("words", PRIVATE), id="m1", **given))
        code, out, err = shell("example", "m1", "--rule", rule, *args)
        assert code == 0, err
        assert "added to" in out
        now = (shell.directory / "rules.toml").read_text("utf-8-sig")
        loaded = load_checked(shell.directory / "rules.toml", payloads.split)
        assert loaded.ruleset is not None, loaded.findings
        [found] = [r for r in tomllib.loads(now)["rules"] if r["id"] == rule]
        return found["examples"][-1]

    return make


def text_of(shell):
    return (shell.directory / "rules.toml").read_bytes().decode()


def test_it_stands_in_the_rule_and_all_else_stays_as_it_was(shell, made):
    example = made()
    assert (example["expect"], example["message"]["chat"]) == ("match", "客户群")
    above, below = RULES.split("\n\n# ── 其它 ──")
    now = text_of(shell)
    assert now.startswith(above + "\n\n[[rules.examples]]\n")
    assert now.endswith("\n\n# ── 其它 ──" + below)


def test_what_is_private_is_masked_and_what_matched_stays(made):
    message = made()["message"]
    for secret in ("王小二", "12345678", "wang", "202603021234567", "77", "k=v"):
        assert secret not in message["text"]
    assert "退款" in message["text"]
    assert "https://a.cn/b?" in message["text"]
    assert (message["sender"], message["account"]) == ("7000000000000003", "7000000000000001")


def test_a_second_one_follows_the_first(shell, made):
    made()
    code, _, err = shell("example", "m1", "--rule", "退款", "--name", "又一个")
    assert code == 0, err
    rules = tomllib.loads(text_of(shell))["rules"]
    assert [example["name"] for example in rules[0]["examples"]] == ["from message 1", "又一个"]
    assert "examples" not in rules[1]


def test_a_message_that_does_not_match_makes_an_example_of_that(made):
    assert made(words="谢谢")["expect"] == "no-match"


@pytest.mark.parametrize(("words", "expect"), [("谢谢", "match"), ("退款", "no-match")])
def test_a_contradiction_is_refused_and_nothing_is_written(shell, words, expect):
    shell.rules(RULES)
    shell.receive(original(words, id="m1"))
    for lang, told in (("zh", "没有写入"), ("en", "nothing was written")):
        code, _, err = shell("--lang", lang, "example", "m1", "--rule", "退款", "--expect", expect)
        assert (code, told in err) == (1, True)
    assert text_of(shell) == RULES


def test_a_dry_run_shows_it_and_writes_nothing(shell):
    shell.rules(RULES)
    shell.receive(original(id="m1"))
    code, out, _ = shell("example", "m1", "--rule", "退款", "--dry-run")
    assert (code, text_of(shell)) == (0, RULES)
    assert out.startswith("[[rules.examples]]\nname    = ")
    told = shell.one("example", "m1", "--rule", "退款", "--dry-run")
    assert (told["written"], told["expect"], told["added"] in out) == (False, "match", True)


WINDOW = '[windows.day]\nhours = ["09:00-18:00"]\n[[rules]]\nid = "退款"\nforward_to = ["R:1"]\nduring = "day"\n'


@pytest.mark.parametrize(
    ("hours", "outside", "expect"),
    [
        ("09:00-18:00", "drop", "match"),
        ("17:00-18:00", "drop", "no-match"),
        ("17:00-18:00", "defer", "match"),
    ],
)
def test_where_a_window_decides_the_time_is_written(made, hours, outside, expect):
    rules = WINDOW.replace("09:00-18:00", hours) + f'outside = "{outside}"\n[rules.when]\ncontains = ["退款"]\n'
    example = made(rules=rules)
    assert (example["expect"], example["at"].isoformat()) == (expect, "2027-01-15T16:00:00")


def test_without_a_window_no_time_is_written(made):
    assert "at" not in made()


def test_fields_that_a_rule_looks_at_are_kept_and_no_others(made):
    rules = (
        '[[rules]]\nid = "贵"\nforward_to = ["R:1"]\n[rules.when]\nfield = [{ path = "goods[].price", min = 100 }]\n'
    )
    content = '{"title":"付款","goods":[{"price":5},{"price":"128.5","id":123456789012}],"url":"https://a.cn/?t=1"}'
    message = made(rules=rules, rule="贵", type="link", content=content)["message"]
    assert message["content"] == {"goods": [{"price": 5}, {"price": "128.5"}]}


def test_a_message_nobody_can_look_into_stays_one(made):
    rules = RULES.replace('contains = ["退款"]', 'not = { contains = ["退款"] }')
    example = made(rules=rules, type="merge", content='{"title":"李雷的聊天记录","file_id":"1"}')
    assert (example["expect"], example["message"]["content"]) == ("no-match", {"title": "某某的聊天记录"})


def test_people_that_the_content_names_are_masked_in_the_text_too(made):
    content = '{"msgs":[{"sender_name":"Peter Pan","content":"我要退款"},{"content":"Peter Pan 说好"}]}'
    text = made(rule="退款", type="merge", content=content)["message"]["text"]
    assert "Peter" not in text
    assert "我要退款" in text


def test_of_a_long_text_the_matched_words_are_kept(made):
    text = made(words="啊" * 3000 + "退款" + "哦" * 3000)["message"]["text"]
    assert len(text) < 200
    assert "…" in text
    assert "退款" in text


@pytest.mark.parametrize(
    ("regex", "found"),
    [
        (r"订单 \d{15}", "订单 000000000000000"),  # a mask that matches is preferred
        (r"订单 20\d+", "订单 202603021234567"),
        (r"wang@\w+", "wang@example"),
    ],
)
def test_what_a_regex_found_stays_only_where_its_mask_would_not_be_found(made, regex, found):
    text = made(rules=RULES.replace('contains = ["退款"]', f"regex = ['{regex}']"))["message"]["text"]
    assert found in text
    assert "13800000000" in text


@pytest.mark.parametrize(
    "rules",
    [
        RULES.replace("\n", "\r\n"),
        "\ufeff" + RULES,
        RULES.split("# ── 其它", maxsplit=1)[0].rstrip(),
        RULES.split("# ── 其它", maxsplit=1)[0].rstrip() + "  # 到此为止",
        RULES.replace(
            'id         = "退款"', 'examples = [{ message = { text = "退款" }, expect = "match" }] # 例\nid = "退款"'
        ),
        RULES.replace(
            'id         = "退款"',
            'examples = [\n  { message = { text = "退款" }, expect = "match" }, # 一\n  # 完\n]\nid = "退款"',
        ),
        RULES.replace("[[rules]]", "  [[rules]]").replace("[rules.when]", "  [rules.when]"),
        'rules = [{ id = "退款", forward_to = ["R:1"], when = { contains = ["退款"] } }]\n',
        'rules = [{id="退款",forward_to=["R:1"],when={contains=["退款"]},examples=[{message={},expect="no-match"}]}]',
        RULES.replace(
            "# ── 其它", '[lists]\n"l" = ["R:1"]\n[[rules.examples]]\nmessage = {}\nexpect = "no-match"\n# ──'
        ),
    ],
    ids=["crlf", "bom", "no end", "comment", "list", "long list", "indented", "inline", "all inline", "apart"],
)
def test_however_the_file_is_laid_out_nothing_else_changes(shell, made, rules):
    before = tomllib.loads(rules.removeprefix("\ufeff"))["rules"]
    made(rules=rules)
    now = text_of(shell)
    after = tomllib.loads(now.removeprefix("\ufeff"))["rules"]
    assert len(after[0].pop("examples")) == len(before[0].pop("examples", ())) + 1
    assert after == before
    assert not set(re.findall("#.*", rules)) - set(re.findall("#.*", now)), "every comment is still there"
    assert now.count("\r\n") == (now.count("\n") if "\r\n" in rules else 0)
    assert now.startswith("\ufeff") is rules.startswith("\ufeff")


def test_a_link_is_followed_and_permissions_stay(shell, made):
    real = shell.directory / "real.toml"
    link = shell.directory / "rules.toml"
    link.rename(real)
    link.symlink_to(real)
    real.chmod(0o640)
    made()
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert "rules.examples" in real.read_text("utf-8")
    assert not [left for left in shell.directory.iterdir() if left.name.startswith(".")]


def test_of_a_directory_the_rules_own_file_is_written(shell):
    shell.receive(original(id="m1"))
    directory = shell.directory / "d"
    directory.mkdir()
    (directory / "a.toml").write_text('[names]\n"客户群" = "R:customers"\n', encoding="utf-8")
    (directory / "b.toml").write_text(RULES.replace('"客户群" = "R:customers"', ""), encoding="utf-8")
    code, _, err = shell("example", "m1", "--rule", "退款", environ={"YZJ_RULES__PATH": str(directory)})
    assert code == 0, err
    assert "客户群" in (directory / "b.toml").read_text("utf-8").split("rules.examples")[1]


def test_a_file_that_may_not_be_written_is_told(shell):
    shell.rules(RULES)
    shell.receive(original(id="m1"))
    (shell.directory / "rules.toml").chmod(0o444)
    for lang, told in (("zh", "无法写入"), ("en", "cannot write")):
        code, _, err = shell("--lang", lang, "example", "m1", "--rule", "退款")
        assert (code, told in err, "--dry-run" in err) == (1, True, True)
    assert text_of(shell) == RULES


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (["m1", "--rule", "退钱"], 2, "退款"),
        (["99", "--rule", "退款"], 2, "99"),
        (["m1", "--rule", "退款", "--expect", "maybe"], 2, "maybe"),
        (["m1"], 2, "--rule"),
    ],
)
def test_what_is_not_there_is_told(shell, args, code, told):
    shell.rules(RULES)
    shell.receive(original(id="m1"))
    answered, _, err = shell("example", *args)
    assert (answered, told in err) == (code, True)


def test_a_rule_that_is_switched_off_says_so(shell):
    shell.rules(RULES.replace("forward_to = [\n", "enabled = false\nforward_to = [\n"))
    shell.receive(original(id="m1"))
    for lang, told in (("zh", "停用"), ("en", "switched off")):
        code, _, err = shell("--lang", lang, "example", "m1", "--rule", "退款")
        assert (code, told in err) == (1, True)


@pytest.mark.parametrize(
    ("below", "follows"),
    [
        ('# 以后再加: "换货"\n# 和 "投诉"\n\n# ── 其它 ──', True),
        ('# 以后再加: "换货"', True),
        ("\n# ── 其它 ──", False),
        ("# ── 其它 ──", False),
    ],
)
def test_comments_stay_with_what_they_speak_of(shell, made, below, follows):
    head = RULES.split("\n# ── 其它", maxsplit=1)[0]
    rest = RULES.split("# ── 其它 ──", maxsplit=1)[1] if "其它" in below else ""
    made(rules=head + below + rest)
    now = text_of(shell)
    assert (now.index("# 以后" if follows else "# ── 其它") < now.index("[[rules.examples]]")) is follows


def test_rules_whose_own_examples_fail_take_no_more(shell):
    shell.receive(original(id="m1"))
    broken = RULES + '[[rules.examples]]\nmessage = { text = "x" }\nexpect = "match"\n'
    shell.rules(broken)
    code, _, err = shell("example", "m1", "--rule", "退款")
    assert (code, "rules fail" in err, text_of(shell) == broken) == (1, True, True)


@pytest.mark.parametrize(
    ("test", "content", "said"),
    [
        ("exists = true", '{"a":null}', {}),
        ("equals = '123456789012345678901'", '{"a":123456789012345678901}', "123456789012345678901"),
        ("exists = true", '{"a":"\\ud83d"}', "?"),
    ],
)
def test_what_toml_has_no_word_for_is_said_another_way(made, test, content, said):
    rules = RULES.replace('contains = ["退款"]', f'field = [{{ path = "a", {test} }}]')
    assert made(rules=rules, type="link", content=content)["message"]["content"] == {"a": said}


def test_what_no_short_form_can_say_is_refused(shell):
    words = "长" * 9_000  # the regex needs all of it, and nobody would read that
    shell.rules(RULES.replace('contains = ["退款"]', "regex = ['^长+$']"))
    shell.receive(original(words, id="m1"))
    before = text_of(shell)
    for lang, told in (("zh", "没有一种简短写法"), ("en", "no short form")):
        code, _, err = shell("--lang", lang, "example", "m1", "--rule", "退款")
        assert (code, told in err, "message_file" in err) == (1, True, True)
    assert text_of(shell) == before
