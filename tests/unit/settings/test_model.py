"""What run needs, and what is allowed and unwise."""

from pathlib import Path

import pytest

from yzj_daemon.settings import Settings, WrongSettings, load

ENOUGH = {
    "api.base_url": "http://127.0.0.1:9000/oapi/",
    "api.app_id": "1",
    "api.app_secret": "s",
    "callback.secret": "a-long-random-word",
    "callback.aes_key": "k" * 32,
}


def given(**changes: object) -> Settings:
    overrides = {**ENOUGH, **{name.replace("__", "."): value for name, value in changes.items()}}
    wanted = {name: value for name, value in overrides.items() if value is not None}
    return load(None, wanted, {}, env_file=Path("/nonexistent"))


def missing(settings: Settings) -> list[str]:
    with pytest.raises(WrongSettings) as caught:
        settings.for_run()
    return [mistake.en for mistake in caught.value.mistakes]


def test_enough_for_run_is_taken_as_it_is() -> None:
    settings = given()
    assert settings.for_run() is settings
    assert settings.api.base_url == "http://127.0.0.1:9000/oapi"


def test_a_fixed_token_stands_for_the_secret() -> None:
    assert given(api__app_secret=None, api__access_token="t").for_run()


def test_run_names_all_that_is_missing_at_once() -> None:
    nothing = load(None, {}, {}, env_file=Path("/nonexistent"))
    names = [mistake.partition(":")[0] for mistake in missing(nothing)]
    assert names == ["api.base_url", "api.app_id", "api.app_secret", "callback.secret", "callback.aes_key"]


def test_commands_that_ask_the_platform_need_no_door() -> None:
    settings = given(callback__secret=None, callback__aes_key=None)
    assert settings.for_vendor() is settings
    nothing = load(None, {}, {}, env_file=Path("/nonexistent"))
    with pytest.raises(WrongSettings) as caught:
        nothing.for_vendor()
    assert [m.en.partition(":")[0] for m in caught.value.mistakes] == ["api.base_url", "api.app_id", "api.app_secret"]


@pytest.mark.parametrize(("written", "ms"), [("2h", 7_200_000), (0, 0), ("0", 0)])
def test_the_directory_is_read_every_so_often_or_never(written: object, ms: int) -> None:
    assert given().directory.every == 3_600_000
    assert given(directory__every=written).directory.every == ms


def test_secret_and_token_exclude_each_other() -> None:
    (mistake,) = missing(given(api__access_token="t"))
    assert "exclude" in mistake


def test_without_callback_its_secrets_are_not_needed() -> None:
    assert given(callback__enabled=False, callback__secret=None, callback__aes_key=None).for_run()


def test_plaintext_needs_no_key() -> None:
    assert given(callback__aes_key=None, callback__allow_plaintext=True).for_run()


def test_neither_callback_nor_pull_is_a_mistake() -> None:
    (mistake,) = missing(given(callback__enabled=False, pull__mode="off"))
    assert "no message can ever arrive" in mistake


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("forward__pace", "0.9s", "below 1s"),
        ("callback__ack_within", 1, "callback.ack_within"),
        ("callback__secret", "short", "guessed"),
        ("callback__allow_plaintext", True, "forge"),
        ("ops__token", "short", "ops.token has fewer"),
        ("ops__host", "0.0.0.0", "without ops.token"),
        ("ops__host", "::", "without ops.token"),
    ],
)
def test_what_is_unwise_is_found(name: str, value: object, words: str) -> None:
    (finding,) = given(**{name: value}).findings()
    assert words in finding.en
    assert given().findings() == []


def test_settings_cannot_be_changed() -> None:
    settings = given()
    with pytest.raises(ValueError, match="frozen"):
        settings.forward.pace = 1
