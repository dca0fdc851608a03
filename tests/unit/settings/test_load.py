"""Reading settings: precedence, sources, and every mistake at once."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from yzj_daemon.errors import Lang, Phrase
from yzj_daemon.settings import Settings, WrongSettings, load
from yzj_daemon.settings.load import language_of
from yzj_daemon.settings.model import COLLECTIONS, FIELDS, SECRETS, expected

Read = Callable[..., Settings]

SECRET = "do-not-show-me-0123456789"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Load with files of a temporary directory; nothing of this machine's."""

    def reading(
        toml: str | None = None, *, environ: Mapping[str, str] = {}, dotenv: str = "", **overrides: Any
    ) -> Settings:
        config = None
        if toml is not None:
            config = tmp_path / "settings.toml"
            config.write_text(toml, encoding="utf-8")
        (tmp_path / "env").write_text(dotenv, encoding="utf-8")
        dotted = {name.replace("__", "."): value for name, value in overrides.items()}
        return load(config, dotted, environ, env_file=tmp_path / "env")

    return reading


def mistakes(read: Callable[[], object]) -> tuple[Phrase, ...]:
    with pytest.raises(WrongSettings) as caught:
        read()
    assert caught.value.exit_code == 3
    return caught.value.mistakes


def only_mistake(read: Callable[[], object]) -> Phrase:
    (mistake,) = mistakes(read)
    return mistake


# Precedence and sources -------------------------------------------------------------------------------------------


def test_nothing_given_gives_the_defaults(read: Read) -> None:
    settings = read()
    assert settings.forward.pace == 1_000
    assert settings.callback.max_body == 10 << 20
    assert settings.store.retention == 30 * 86_400_000
    assert settings.dedupe.event_keys == ("wx_svrid", "wx_msgid")
    assert settings.forward.error_patterns.offline is None
    assert {row["source"] for row in settings.rows()} == {"default"}


def test_each_source_wins_over_the_ones_below(read: Read, tmp_path: Path) -> None:
    (tmp_path / "YZJ_LOG__LEVEL").write_text("error")
    toml = '[log]\nlevel = "debug"\n'
    secret = {"YZJ_SECRETS_DIR": str(tmp_path)}
    environment = secret | {"YZJ_LOG__LEVEL": "info"}
    line = "YZJ_LOG__LEVEL=warning\n"
    levels = [
        read(toml),
        read(toml, environ=secret),
        read(toml, environ=secret, dotenv=line),
        read(toml, environ=environment, dotenv=line),
        read(toml, environ=environment, dotenv=line, log__level="error"),
    ]
    assert [(s.log.level, s.source("log.level").kind) for s in levels] == [
        ("debug", "file"),
        ("error", "secret file"),
        ("warning", ".env"),
        ("info", "environment"),
        ("error", "command line"),
    ]


def test_sources_of_one_section_mix(read: Read) -> None:
    settings = read('[api]\napp_id = "a"\ntimeout = "20s"', environ={"YZJ_API__TIMEOUT": "5"})
    assert (settings.api.app_id, settings.api.timeout) == ("a", 5_000)
    sources = {row["name"]: row["source"] for row in settings.rows()}
    assert sources["api.timeout"] == "environment YZJ_API__TIMEOUT"
    assert sources["api.app_id"].startswith("file ")
    assert sources["api.grant_field"] == "default"


def test_the_environment_may_name_the_file(read: Read, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('lang = "zh"')
    assert read(environ={"YZJ_CONFIG": str(other)}).lang == "zh"
    assert read(dotenv=f"YZJ_CONFIG={other}").lang == "zh"
    assert read('lang = "en"', environ={"YZJ_CONFIG": str(other)}).lang == "en"


def test_variables_hold_lists_tables_and_sections_as_json(read: Read) -> None:
    settings = read(
        environ={
            "YZJ_ACCOUNTS": '["a", 7881300000000001]',
            "YZJ_PULL__EXTRA_PARAMS": '{"sort": "desc", "n": 3}',
            "YZJ_FORWARD": '{"pace": "2s", "error_patterns": {"offline": ["掉线"]}}',
        }
    )
    assert settings.accounts == ("a", "7881300000000001")
    assert settings.pull.extra_params == {"sort": "desc", "n": "3"}
    assert settings.forward.pace == 2_000
    assert settings.forward.error_patterns.offline == ("掉线",)


def test_secret_files_are_named_like_variables_in_any_case(read: Read, tmp_path: Path) -> None:
    (tmp_path / "yzj_api__app_secret").write_text(f"{SECRET}\n")
    (tmp_path / "somebody-elses").write_text("x")
    for variable in ("YZJ_SECRETS_DIR", "CREDENTIALS_DIRECTORY"):
        settings = read(environ={variable: str(tmp_path)})
        assert settings.api.app_secret is not None
        assert settings.api.app_secret.get_secret_value() == SECRET
        assert settings.source("api.app_secret").where == str(tmp_path / "yzj_api__app_secret")


def test_secrets_beside_the_settings_file_are_known_to_the_commands_too(read: Read, tmp_path: Path) -> None:
    """Where the unit takes its credentials from, named without ``YZJ_`` as it wants them."""
    beside = tmp_path / "credentials"
    beside.mkdir()
    (beside / "API__APP_SECRET").write_text(f"{SECRET}\n")
    (beside / ".API__APP_SECRET.swp").write_text("an editor's")
    settings = read("[api]\n")
    assert settings.api.app_secret is not None
    assert settings.api.app_secret.get_secret_value() == SECRET
    assert settings.source("api.app_secret").where == str(beside / "API__APP_SECRET")
    (beside / "API__APP_SECERT").write_text("x")
    assert f"secret file {beside / 'API__APP_SECERT'}" in only_mistake(lambda: read("[api]\n")).en


def test_secrets_beside_the_settings_file_are_left_alone_where_others_are_named(read: Read, tmp_path: Path) -> None:
    for directory in ("credentials", "named"):
        (tmp_path / directory).mkdir()
    (tmp_path / "credentials" / "API__APP_SECRET").write_text(SECRET)
    for variable in ("YZJ_SECRETS_DIR", "CREDENTIALS_DIRECTORY"):
        assert read("[api]\n", environ={variable: str(tmp_path / "named")}).api.app_secret is None


def test_other_programs_variables_are_not_ours(read: Read) -> None:
    assert read(environ={"PATH": "/bin", "XYZJ_LANG": "zh"}, dotenv="DATABASE=1\n").lang == "auto"


def test_under_systemd_the_store_lies_in_the_state_directory(read: Read) -> None:
    settings = read(environ={"STATE_DIRECTORY": "/var/lib/yzj-daemon:/var/lib/other"})
    assert settings.store.url == "sqlite:////var/lib/yzj-daemon/yzj-daemon.db"
    row = next(row for row in settings.rows() if row["name"] == "store.url")
    assert (row["source"], row["default"]) == ("default", row["value"])
    mine = read('[store]\nurl = "sqlite:///mine.db"', environ={"STATE_DIRECTORY": "/var/lib/x"})
    assert mine.store.url == "sqlite:///mine.db"


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US"}, "zh"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "en_US"}, "zh"),
        ({"LC_ALL": "", "LANG": "zh_CN"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_the_environments(environ: dict[str, str], lang: Lang, read: Read) -> None:
    assert language_of(environ) == lang
    assert read(environ=environ).language == lang
    assert read(environ=environ, lang="zh").language == "zh"


def test_this_process_own_environment_is_not_read(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YZJ_LANG", "zh")
    monkeypatch.setenv("YZJ_NONSENSE", "1")
    assert read().lang == "auto"


# Mistakes ---------------------------------------------------------------------------------------------------------


def test_all_mistakes_of_all_sources_are_told_at_once(read: Read, tmp_path: Path) -> None:
    (tmp_path / "YZJ_CALLBACK__SECRET").write_text("a/b")
    told = mistakes(
        lambda: read(
            '[forward]\npase = 1\nretries = 0\n[pull]\nmode = "room"',
            environ={"YZJ_API__TIMEOUT": "0", "YZJ_SECRETS_DIR": str(tmp_path)},
            dotenv="YZJ_LOG__FORMAT=xml\n",
            ops__port=70_000,
        )
    )
    names = {mistake.en.partition(":")[0] for mistake in told}
    assert names == {
        "forward.pase",
        "forward.retries",
        "pull.mode",
        "api.timeout",
        "callback.secret",
        "log.format",
        "ops.port",
    }


def test_one_line_a_mistake_in_both_languages(read: Read) -> None:
    with pytest.raises(WrongSettings) as caught:
        read(environ={"YZJ_FORWARD__PACE": "1x", "YZJ_OPS__PORT": "x"})
    count, pace, port, todo = caught.value.to("en").splitlines()
    assert count == "2 mistakes in the settings:"
    assert pace == (
        "  forward.pace: cannot use '1x' (from environment YZJ_FORWARD__PACE); "
        "expected a duration such as 90s, 10m, 2h, 1d, or a number of seconds"
    )
    assert port.startswith("  ops.port: cannot use 'x' (from environment YZJ_OPS__PORT)")
    assert todo.startswith("what to do: ")
    assert caught.value.to("zh").splitlines()[1] == (
        "  forward.pace: 不能用 '1x'(来自环境变量 YZJ_FORWARD__PACE),应为时长,如 90s、10m、2h、1d,或秒数"
    )


@pytest.mark.parametrize(
    ("variable", "hint"),
    [("YZJ_FORWARD__PASE", "YZJ_FORWARD__PACE"), ("YZJ_API_APP_ID", "YZJ_API__APP_ID"), ("yzj_lagn", "YZJ_LANG")],
)
def test_an_unknown_variable_is_named_with_the_nearest_known(variable: str, hint: str, read: Read) -> None:
    mistake = only_mistake(lambda: read(environ={variable: SECRET}))
    assert variable in mistake.en
    assert hint in mistake.en
    assert hint in mistake.zh
    assert SECRET not in mistake.en


def test_an_unknown_key_of_the_file_is_named_with_the_file_and_the_nearest_known(read: Read, tmp_path: Path) -> None:
    mistake = only_mistake(lambda: read('[callback]\naes_keys = "x"'))
    assert "callback.aes_keys" in mistake.en
    assert str(tmp_path / "settings.toml") in mistake.en
    assert "callback.aes_key?" in mistake.en


def test_unknown_settings_are_found_in_env_files_and_secret_files_too(read: Read, tmp_path: Path) -> None:
    (tmp_path / "YZJ_API__APP_SECRT").write_text(SECRET)
    told = mistakes(lambda: read(environ={"YZJ_SECRETS_DIR": str(tmp_path)}, dotenv="YZJ_LOGG=1\n"))
    assert len(told) == 2
    assert all("no such setting" in mistake.en and SECRET not in mistake.en for mistake in told)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api.base_url", "oapi-yzj.miaokol.com"),
        ("api.base_url", "ftp://host"),
        ("api.base_url", "http://user:pw@host"),
        ("api.base_url", "http://host:port"),
        ("api.base_url", "http://host/?a=1"),
        ("api.app_id", True),
        ("api.timeout", 0),
        ("api.timeout", True),
        ("callback.enabled", "maybe"),
        ("callback.port", True),
        ("callback.port", 65_536),
        ("callback.secret", "with space"),
        ("callback.secret", ""),
        ("callback.body_format", "json:"),
        ("callback.allow_from", ["vendors"]),
        ("callback.allow_from", "10.0.0.0/8"),
        ("callback.trusted_proxies", ["vendor"]),
        ("callback.max_body", "0"),
        ("callback.max_body", "2GiB"),
        ("pull.page_size", 101),
        ("pull.budget_per_minute", 501),
        ("pull.direction_newer", 3),
        ("pull.mode", "room"),
        ("pull.extra_params", ["a"]),
        ("accounts", [""]),
        ("accounts", "a"),
        ("forward.pace", -1),
        ("forward.max_targets", 0),
        ("forward.per_day", -1),
        ("forward.on_unknown", "retry"),
        ("dedupe.event_keys", ["msgid"]),
        ("forward.error_patterns", "offline"),
        ("forward.error_patterns.offline", "掉线"),
        ("alerts.urls", 7),
        ("alerts.window", -1),
        ("alerts.disk_free", "some"),
        ("log.level", "trace"),
        ("lang", "fr"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_expected(name: str, value: object) -> None:
    mistake = only_mistake(lambda: load(None, {name: value}, {}, env_file=Path("/nonexistent")))
    assert mistake.en.startswith(f"{name}: cannot use ")
    assert "(from command line); expected " in mistake.en
    assert "应为" in mistake.zh


def test_a_wrong_secret_is_not_shown() -> None:
    for name in sorted(SECRETS):
        mistake = only_mistake(lambda name=name: load(None, {name: [SECRET]}, {}, env_file=Path("/nonexistent")))
        assert SECRET not in str(mistake)
        assert "**********" in mistake.en


def test_a_section_that_is_not_one_is_told_without_its_value(read: Read) -> None:
    assert SECRET not in str(only_mistake(lambda: read(f'api = "{SECRET}"')))
    assert SECRET not in str(only_mistake(lambda: read(environ={"YZJ_API": f'{{"app_secret": "{SECRET}"'})))


def test_a_broken_file_is_told_with_its_place(read: Read, tmp_path: Path) -> None:
    mistake = only_mistake(lambda: read("[api\n"))
    assert str(tmp_path / "settings.toml") in mistake.en
    assert "line 1" in mistake.en


def test_files_that_are_not_there_are_mistakes(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    environ = {"YZJ_SECRETS_DIR": str(gone / "secrets"), "YZJ_CONFIG": str(gone / "settings.toml")}
    told = mistakes(lambda: load(None, {}, environ, env_file=gone))
    assert [str(gone / "settings.toml") in m.en or str(gone / "secrets") in m.en for m in told] == [True, True]


def test_files_that_are_not_utf_8_are_mistakes(tmp_path: Path) -> None:
    for name in ("settings.toml", "env", "YZJ_API__APP_ID"):
        (tmp_path / name).write_bytes(b"YZJ_LANG='\xff'")
    told = mistakes(
        lambda: load(tmp_path / "settings.toml", {}, {"YZJ_SECRETS_DIR": str(tmp_path)}, env_file=tmp_path / "env")
    )
    assert len(told) == 3


def test_a_broken_line_of_the_env_file_is_told_with_its_number(read: Read) -> None:
    mistake = only_mistake(lambda: read(dotenv="YZJ_LANG=zh\n'what is this\n"))
    assert "line 2" in mistake.en


def test_the_same_setting_twice_in_one_environment_is_a_mistake(read: Read) -> None:
    mistake = only_mistake(lambda: read(environ={"YZJ_LANG": "zh", "yzj_lang": "en"}))
    assert "given twice" in mistake.en


# What is printed --------------------------------------------------------------------------------------------------


def test_secrets_are_masked_wherever_settings_are_printed(read: Read) -> None:
    shapes = {"alerts.urls": [f"wecombot://{SECRET}"], "alerts.heartbeat_url": f"https://ping/{SECRET}"}
    settings = read(**{name.replace(".", "__"): shapes.get(name, SECRET) for name in SECRETS})
    assert settings.secrets() == {SECRET, f"wecombot://{SECRET}", f"https://ping/{SECRET}"}
    printed = [repr(settings), str(settings), repr(settings.rows()), settings.model_dump_json()]
    assert not any(SECRET in text for text in printed)
    assert {row["value"] for row in settings.rows() if row["name"] in SECRETS} == {"**********"}


@pytest.mark.parametrize("written", ['["json://a/k", "ntfy://b"]', "json://a/k ntfy://b", "json://a/k\nntfy://b\n"])
def test_secret_urls_stand_in_a_variable_or_a_file_as_json_or_with_blanks_between(written: str, read: Read) -> None:
    settings = read(environ={"YZJ_ALERTS__URLS": written})
    assert [url.get_secret_value() for url in settings.alerts.urls] == ["json://a/k", "ntfy://b"]


def test_secret_urls_that_are_none_are_told_without_their_text(read: Read) -> None:
    for written in (SECRET, f'["{SECRET}', f'["json://x", "{SECRET}"]'):
        mistake = only_mistake(lambda written=written: read(environ={"YZJ_ALERTS__URLS": written}))
        assert mistake.en.startswith("alerts.urls: cannot use **********")
        assert SECRET not in str(mistake)


def test_a_password_in_a_url_is_masked(read: Read) -> None:
    settings = read(store__url="postgresql://yzj:hunter2@db/yzj")
    assert "hunter2" not in repr(settings.rows())


def test_rows_are_written_as_they_may_be_given(read: Read) -> None:
    """What the listing shows can be put into variables and reads back the same."""
    settings = read('[forward]\npace = 1.25\n[callback]\nmax_body = "3MiB"\nallow_from = ["vendor"]')
    shown = {row["name"]: row["value"] for row in settings.rows() if row["value"]}
    again = read(environ={"YZJ_" + name.upper().replace(".", "__"): value for name, value in shown.items()})
    assert again.model_dump() == settings.model_dump()


def test_every_setting_tells_what_is_expected_in_both_languages() -> None:
    for name in FIELDS:
        phrase = expected(name)
        assert phrase.zh.strip()
        assert phrase.en.strip()


def test_lists_and_tables_are_known_as_such() -> None:
    given = {name for name in FIELDS if name.endswith(("_from", "_proxies", "_types", "_keys", "_params", "accounts"))}
    assert given < COLLECTIONS
    assert not COLLECTIONS & SECRETS


def test_a_secret_that_cannot_be_read_is_a_mistake(read: Read, tmp_path: Path) -> None:
    (tmp_path / "YZJ_LANG").mkdir()
    assert "cannot be read" in only_mistake(lambda: read(environ={"YZJ_SECRETS_DIR": str(tmp_path)})).en
