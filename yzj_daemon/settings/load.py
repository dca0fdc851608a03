"""From the layers to the settings, with every mistake at once."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from yzj_daemon.errors import Lang, Phrase
from yzj_daemon.secret import in_url, url_without
from yzj_daemon.settings.layers import (
    BESIDE,
    CONFIG,
    CREDENTIALS_DIR,
    SECRETS_DIR,
    Entry,
    Layer,
    command_line,
    dotenv,
    secret_files,
    toml_file,
    variables,
)
from yzj_daemon.settings.mistakes import Source, WrongSettings, on_the_line, shown, wrong
from yzj_daemon.settings.model import FIELDS, SECRETS, Settings, expected

DOTENV: Final = Path(".env")

_NO_SETTINGS: Final = frozenset({CONFIG, SECRETS_DIR})


def load(
    config: Path | None,
    overrides: Mapping[str, object],
    environ: Mapping[str, str],
    *,
    env_file: Path = DOTENV,
) -> Settings:
    """Read all sources: command line, environment, ``.env``, secret files, TOML file, defaults; the first one wins.

    ``config`` is the TOML file of the command line, else ``YZJ_CONFIG`` names one. ``overrides`` are dotted names.

    Raises:
        WrongSettings: a name is unknown or a value is wrong. It names all of them, each with its source.
    """
    layers = _layers(config, overrides, environ, env_file)
    mistakes = [mistake for layer in layers for mistake in layer.mistakes]
    entries = {name: entry for layer in reversed(layers) for name, entry in layer.entries.items()}
    settings = _validated(entries, mistakes)
    if settings is None or mistakes:
        raise WrongSettings(mistakes)
    settings.remember(
        sources={name: entry.source for name, entry in entries.items()},
        defaults={name: entry.value for name, entry in layers[-1].entries.items()},
        environment_lang=language_of(environ),
    )
    return settings


def without_secrets(overrides: Mapping[str, object]) -> Mapping[str, object]:
    """What the command line may set: everybody on the machine can read it.

    Raises:
        WrongSettings: a secret stands there.
    """
    told = [on_the_line(name) for name, value in overrides.items() if name in SECRETS or in_url(str(value))]
    if told:
        raise WrongSettings(told)
    return overrides


def secrets_beside(config: Path | None, given: Mapping[str, str]) -> Path | None:
    """Where the service's secrets lie, for who may read them and where no variable names another place.

    So a command that root gives beside the running service knows the same secrets.
    """
    if config is None or given.get(CREDENTIALS_DIR) or given.get(SECRETS_DIR):
        return None
    beside = config.parent / BESIDE
    return beside if beside.is_dir() and os.access(beside, os.R_OK | os.X_OK) else None


def language_of(environ: Mapping[str, str]) -> Lang:
    """What the environment speaks: the first locale variable that says anything, as POSIX orders them."""
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def _layers(
    config: Path | None, overrides: Mapping[str, object], environ: Mapping[str, str], env_file: Path
) -> Sequence[Layer]:
    """Highest first."""
    beside, broken = dotenv(env_file)
    both = {**beside, **environ}
    path = config or (Path(both[CONFIG]) if both.get(CONFIG) else None)
    return [
        command_line(overrides),
        variables(environ.items(), "environment", _NO_SETTINGS),
        variables(beside.items(), ".env", _NO_SETTINGS),
        Layer(mistakes=broken),
        *_secrets(both, path),
        *([toml_file(path)] if path is not None else []),
        _service_defaults(environ),
    ]


def _secrets(given: Mapping[str, str], config: Path | None) -> Iterator[Layer]:
    yield from (secret_files(Path(given[name])) for name in (CREDENTIALS_DIR, SECRETS_DIR) if given.get(name))
    if (beside := secrets_beside(config, given)) is not None:
        yield secret_files(beside, all_ours=True)


def _service_defaults(environ: Mapping[str, str]) -> Layer:
    """Under systemd the store belongs into the service's own directory (the first, where there are several)."""
    layer = Layer()
    if state := environ.get("STATE_DIRECTORY", "").split(":")[0]:
        layer.put("store.url", f"sqlite:///{state}/yzj-daemon.db", Source("default"))
    return layer


def _validated(entries: Mapping[str, Entry], mistakes: list[Phrase]) -> Settings | None:
    try:
        return Settings(**_tree(entries))
    except ValidationError as error:
        mistakes += _mistakes(error, entries)
        return None


def _tree(entries: Mapping[str, Entry]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, entry in entries.items():
        *sections, last = name.split(".")
        branch = tree
        for section in sections:
            branch = branch.setdefault(section, {})
        branch[last] = entry.value
    return tree


def _mistakes(error: ValidationError, entries: Mapping[str, Entry]) -> list[Phrase]:
    """One sentence for each setting, however many of its parts are wrong."""
    names = dict.fromkeys(_setting(details["loc"]) for details in error.errors())
    return [_mistake(name, entries[name]) for name in names]


def _setting(place: tuple[int | str, ...]) -> str:
    """The setting a place belongs to: entries of lists and tables lie below it."""
    path = [str(step) for step in place]
    return next(name for end in range(len(path), 0, -1) if (name := ".".join(path[:end])) in FIELDS)


def _mistake(name: str, entry: Entry) -> Phrase:
    value = url_without(shown(entry.value, secret=name in SECRETS))
    return wrong(name, value, entry.source, expected(name))
