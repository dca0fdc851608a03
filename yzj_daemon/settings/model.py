"""The settings: names, meanings, limits and defaults.

Spans are in ms and sizes in bytes here, however they were written. What is only needed to serve the platform is
asked for by :meth:`Settings.for_run`, so that commands which need no vendor work without it.
"""

import json
import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypedDict, TypeVar, get_args, get_origin
from urllib.parse import urlsplit

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from yzj_daemon.clock import DAY, HOUR, MINUTE, SECOND, Millis
from yzj_daemon.errors import Lang, Phrase
from yzj_daemon.rules.dialect import Dialect
from yzj_daemon.rules.text import DEFAULT_PATHS
from yzj_daemon.secret import MASK, in_url, url_without
from yzj_daemon.settings import units
from yzj_daemon.settings.mistakes import Source, WrongSettings, missing
from yzj_daemon.settings.reach import is_loopback, is_open

T = TypeVar("T")

SHORT_SECRET: Final = 16
"""Characters below which the secret of the callback's path can be guessed."""

SHORT_PASSWORD: Final = 10
"""The same for a password, whose guesses are slowed down."""

_HASH: Final = re.compile(r"\$argon2(id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{22,}")


class Expected(msgspec.Struct, frozen=True):
    """What a person may write here, and how a value is written for them; metadata of a field."""

    phrase: Phrase
    write: Callable[[Any], str] | None = None


def _no_bool(value: T) -> T:
    """Python takes true for 1."""
    if isinstance(value, bool):
        raise ValueError("a truth value")  # noqa: TRY004 - what pydantic takes for a wrong value
    return value


def _id(value: object) -> object:
    """An id written as a number in TOML is still text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise ValueError("not a base URL")
    if parts.query or parts.fragment or re.search(r"\s", value):
        raise ValueError("more than a base URL")
    _ = parts.port  # raises where it is no number
    return value.rstrip("/")


def _network(value: str) -> str:
    ip_network(value, strict=False)
    return value


def _source_network(value: str) -> str:
    return value if value == "vendor" else _network(value)


def _not_empty(value: SecretStr | None) -> SecretStr | None:
    if value is not None and not value.get_secret_value():
        raise ValueError("empty")
    return value


def _password(value: SecretStr | None) -> SecretStr | None:
    """What begins like a hash must be one: compared as plain text, it would be a password that everybody may read."""
    value = _not_empty(value)
    if (
        value is not None
        and value.get_secret_value().startswith("$argon2")
        and not _HASH.fullmatch(value.get_secret_value())
    ):
        raise ValueError("not a hash")
    return value


def _host(value: str) -> str:
    """A name as a browser's Host header has it, without a port."""
    if not re.fullmatch(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", value):
        raise ValueError("not a host name")
    return value.lower()


def _path_word(value: SecretStr | None) -> SecretStr | None:
    """The callback's path is compared as it was sent, so it holds nothing that a client would escape."""
    if value is not None and not re.fullmatch(r"[A-Za-z0-9._~-]+", value.get_secret_value()):
        raise ValueError("characters that a path escapes")
    return value


def _with_scheme(value: SecretStr) -> SecretStr:
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://\S", value.get_secret_value()):
        raise ValueError("not a URL")
    return value


def _listed(value: object) -> object:
    """A list as one text, as it stands in a variable or in a file of its own: JSON, or with blanks between."""
    if not isinstance(value, str):
        return value
    return json.loads(value) if value.lstrip().startswith("[") else value.split()


def _http_url(value: SecretStr | None) -> SecretStr | None:
    if value is not None and not re.match(r"https?://[^/\s]\S*$", value.get_secret_value()):
        raise ValueError("not an HTTP URL")
    return value


_SPAN = Phrase("时长,如 90s、10m、2h、1d,或秒数", "a duration such as 90s, 10m, 2h, 1d, or a number of seconds")
_LONGER = Phrase(_SPAN.zh + ",大于 0", _SPAN.en + ", more than 0")

Duration = Annotated[Millis, BeforeValidator(units.duration), Expected(_SPAN, units.span)]
LongerThanNothing = Annotated[Millis, BeforeValidator(units.duration), Field(gt=0), Expected(_LONGER, units.span)]
Size = Annotated[
    int,
    BeforeValidator(units.size),
    Field(ge=1, le=1 << 30),
    Expected(Phrase("大小,如 10MiB 或字节数,不超过 1GiB", "a size such as 10MiB, or bytes, up to 1GiB"), units.bytes_),
]
Whole = Annotated[int, BeforeValidator(_no_bool)]
Cap = Annotated[
    Whole, Field(ge=0, le=1_000_000_000), Expected(Phrase("整数,0 表示不限", "a whole number; 0 is no limit"))
]
Port = Annotated[
    Whole, Field(ge=0, le=65_535), Expected(Phrase("端口号 0-65535,0 为任选", "a port, 0-65535; 0 takes any"))
]
Flag = Annotated[bool, Expected(Phrase(" true 或 false", "true or false"))]
Text = Annotated[str, Field(min_length=1), Expected(Phrase("非空文本", "text that is not empty"))]
Id = Annotated[str, BeforeValidator(_id), Field(min_length=1), Expected(Phrase("非空的 id", "an id, not empty"))]
Ids = Annotated[tuple[Id, ...], Expected(Phrase(' id 的列表,如 ["a", "b"]', 'a list of ids such as ["a", "b"]'))]
Texts = Annotated[tuple[Text, ...], Expected(Phrase('文本的列表,如 ["a", "b"]', 'a list of texts such as ["a", "b"]'))]
Patterns = Annotated[
    tuple[Text, ...] | None, Expected(Phrase('文本的列表,如 ["a", "b"]', 'a list of texts such as ["a", "b"]'))
]
Secret = Annotated[
    SecretStr | None,
    AfterValidator(_not_empty),
    Expected(Phrase("加引号的非空文本", "text in quotes that is not empty")),
]
Password = Annotated[
    SecretStr | None,
    AfterValidator(_password),
    Expected(
        Phrase(
            "加引号的非空文本,或 argon2 哈希($argon2id$…)",
            "text in quotes that is not empty, or an argon2 hash ($argon2id$…)",
        )
    ),
]


Bytes = Annotated[
    int,
    BeforeValidator(units.size),
    Field(ge=0, le=1 << 50),
    Expected(Phrase("大小,如 1GiB 或字节数", "a size such as 1GiB, or bytes"), units.bytes_),
]
SecretUrls = Annotated[
    tuple[Annotated[SecretStr, AfterValidator(_with_scheme)], ...],
    BeforeValidator(_listed),
    Expected(
        Phrase(
            ' URL 的列表,如 ["wecombot://KEY"],或用空白隔开的 URL',
            'a list of URLs such as ["wecombot://KEY"], or URLs with blanks between them',
        )
    ),
]


def between(least: int, most: int) -> Expected:
    return Expected(Phrase(f" {least} 到 {most} 的整数", f"a whole number from {least} to {most}"))


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Api(Section):
    """The platform: where it is, and who we are (vendor page 11490695550514533)."""

    base_url: Annotated[
        str, AfterValidator(_url), Expected(Phrase(" http(s)://主机[/前缀]", "http(s)://host[/prefix]"))
    ] = ""
    app_id: Id = ""
    app_secret: Secret = None
    access_token: Secret = None
    timeout: LongerThanNothing = 15 * SECOND
    grant_field: Text = "grand_type"


class Callback(Section):
    """The public door."""

    enabled: Flag = True
    host: Text = "0.0.0.0"  # noqa: S104 - the platform calls from outside # nosec B104
    port: Port = 8080
    secret: Annotated[
        Secret,
        AfterValidator(_path_word),
        Expected(Phrase("由字母、数字和 . _ ~ - 组成的文本", "letters, digits and . _ ~ - only")),
    ] = None
    aes_key: Secret = None
    key_format: Literal["auto", "raw", "base64"] = "auto"
    body_format: Annotated[
        str,
        Field(pattern=r"^(auto|base64|raw|plain|json:.+)$"),
        Expected(Phrase(" auto、base64、json:<字段>、raw 或 plain", "auto, base64, json:<field>, raw or plain")),
    ] = "auto"
    allow_plaintext: Flag = False
    allow_from: Annotated[
        tuple[Annotated[str, AfterValidator(_source_network)], ...],
        Expected(Phrase('列表,元素为 CIDR 或 "vendor"', 'a list of CIDRs and/or "vendor"')),
    ] = ()
    trusted_proxies: Annotated[
        tuple[Annotated[str, AfterValidator(_network)], ...],
        Expected(Phrase('CIDR 的列表,如 ["10.0.0.0/8"]', 'a list of CIDRs such as ["10.0.0.0/8"]')),
    ] = ()
    ack_within: LongerThanNothing = SECOND // 2
    max_body: Size = 10 << 20
    message_types: Texts = ("chatMsg",)


class ParamNames(Section):
    """What the platform calls the query fields; its page ends before paging (vendor page 11490706027814705)."""

    account: Text = "wxid"
    chat: Text = "chat_wxid"
    cursor: Text = "svrid"
    direction: Text = "direction"
    page: Text = "page"
    page_size: Text = "page_size"


class Pull(Section):
    """Catch-up through chatLogs (vendor page 11490706027814705)."""

    mode: Annotated[
        Literal["account", "chat", "off"],
        Expected(Phrase(' "account"、"chat" 或 "off"', '"account", "chat" or "off"')),
    ] = "account"
    interval: LongerThanNothing = 20 * SECOND
    page_size: Annotated[Whole, Field(ge=1, le=100), between(1, 100)] = 50
    budget_per_minute: Annotated[Whole, Field(ge=1, le=500), between(1, 500)] = 300
    direction_newer: Annotated[Whole, Field(ge=1, le=2), between(1, 2)] = 2
    max_messages: Annotated[Whole, Field(ge=1, le=1_000_000), between(1, 1_000_000)] = 2000
    max_age: LongerThanNothing = 2 * HOUR
    overlap: Duration = 30 * SECOND
    rows_path: Text = "auto"
    extra_params: Annotated[
        dict[str, Id],
        Expected(Phrase('文本的表,如 {"sort": "desc"}', 'a table of texts such as {"sort": "desc"}')),
    ] = Field(default_factory=dict)
    param_names: ParamNames = ParamNames()


class DirectorySettings(Section):
    """Names for ids: how often the platform's lists of rooms and contacts are read; 0 never."""

    every: Annotated[
        Millis,
        BeforeValidator(units.duration),
        Expected(Phrase(_SPAN.zh + ",0 为关闭", _SPAN.en + "; 0 is off"), units.span),
    ] = HOUR


class Dedupe(Section):
    """By which ids one room message is known again in the copies of several hosted accounts; [] by none."""

    event_keys: Annotated[
        tuple[Literal["svrid", "wx_svrid", "wx_msgid"], ...],
        Expected(Phrase("由 svrid、wx_svrid、wx_msgid 组成的列表", "a list of svrid, wx_svrid, wx_msgid")),
    ] = ("wx_svrid", "wx_msgid")


class ErrorPatterns(Section):
    """Parts of the text of error 1001 and what they mean; None leaves the built-in ones."""

    offline: Patterns = None
    transient: Patterns = None
    permanent: Patterns = None


class Forward(Section):
    """Sending. Caps count deliveries of one account over rolling windows. ``dry_run``: decide and record only."""

    dry_run: Flag = False
    pace: Duration = SECOND
    jitter: Duration = 0
    per_minute: Cap = 0
    per_hour: Cap = 0
    per_day: Cap = 0
    chat_gap: Duration = 0
    max_targets: Annotated[Whole, Field(ge=1, le=1000), between(1, 1000)] = 20
    media_delay: Duration = 3 * SECOND
    max_age: LongerThanNothing = 12 * HOUR
    on_unknown: Literal["hold", "resend"] = "hold"
    echo_window: LongerThanNothing = 60 * SECOND
    same_account_only: Flag = True
    cancel_on_revoke: Flag = True
    revoke_paths: Texts = ()
    repeats_per_hour: Cap = 60
    deny_types: Texts = ("system", "revoke", "redpacket")
    retries: Annotated[Whole, Field(ge=1, le=1000), between(1, 1000)] = 8
    error_patterns: ErrorPatterns = ErrorPatterns()


class Rules(Section):
    path: Annotated[Path, Expected(Phrase("文件或目录的路径", "the path of a file or directory"))] = Path("rules.toml")
    poll: LongerThanNothing = 2 * SECOND
    text_paths: Annotated[
        dict[str, Texts],
        Expected(Phrase('表,如 {"card": ["nickname"]}', 'a table such as {"card": ["nickname", "remark"]}')),
    ] = Field(default_factory=dict)


class StoreSettings(Section):
    """``content = "none"``: ids, fingerprints and decisions are kept, no text longer than a delivery needs it."""

    url: Text = "sqlite:///yzj-daemon.db"
    retention: LongerThanNothing = 30 * DAY
    content: Literal["full", "none"] = "full"


class Ops(Section):
    """The private bind: console, JSON API, health and metrics.

    ``password`` makes an operator, ``viewer_password`` one who only looks; either in plain text or as an argon2
    hash. ``token``: the bearer token of the JSON API. ``allowed_hosts``: names besides those of loopback under which
    browsers may ask for the console. ``edit_rules``: operators may write rule files from there.
    """

    host: Text = "127.0.0.1"
    port: Port = 8081
    password: Password = None
    viewer_password: Password = None
    token: Secret = None
    allowed_hosts: Annotated[
        tuple[Annotated[str, AfterValidator(_host)], ...],
        Expected(Phrase('主机名的列表,如 ["yzj.example.com"]', 'a list of host names such as ["yzj.example.com"]')),
    ] = ()
    edit_rules: Flag = True


class AlertSettings(Section):
    """Who is told of trouble, and how often (docs/alerts.md). URLs hold keys, so they are secrets."""

    urls: SecretUrls = ()
    patience: Duration = MINUTE
    window: Duration = 30 * MINUTE
    repeat: Annotated[
        Millis,
        BeforeValidator(units.duration),
        Expected(Phrase(_SPAN.zh + ",0 为不重复", _SPAN.en + "; 0 is never"), units.span),
    ] = 12 * HOUR
    lane_stuck: LongerThanNothing = 15 * MINUTE
    disk_free: Bytes = 1 << 30
    heartbeat_url: Annotated[
        Secret,
        AfterValidator(_http_url),
        Expected(Phrase(" http(s)://主机/路径", "http(s)://host/path")),
    ] = None
    heartbeat_every: LongerThanNothing = MINUTE


class TraceSettings(Section):
    """OpenTelemetry traces (extra ``otel``, docs/traces.md): where to, and of how many of the messages."""

    endpoint: Annotated[
        str,
        Field(pattern=r"^(https?://[^/\s@]\S*)?$"),
        Expected(Phrase(" http(s)://主机:4318/v1/traces", "http(s)://host:4318/v1/traces")),
    ] = ""
    sample: Annotated[
        float,
        BeforeValidator(_no_bool),
        Field(ge=0, le=1),
        Expected(Phrase(" 0 到 1 的数", "a number from 0 to 1")),
    ] = 1.0


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "console", "json"] = "auto"


class Row(TypedDict):
    """One line of ``yzj-daemon settings``, as a person may see it: secrets are masked."""

    name: str
    value: str
    source: str
    default: str


class Settings(BaseSettings):
    """All settings, checked one by one; :meth:`for_run` checks that they are enough to serve the platform."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="YZJ_", env_nested_delimiter="__", hide_input_in_errors=True
    )

    api: Api = Api()
    callback: Callback = Callback()
    pull: Pull = Pull()
    accounts: Ids = ()
    directory: DirectorySettings = DirectorySettings()
    forward: Forward = Forward()
    dedupe: Dedupe = Dedupe()
    rules: Rules = Rules()
    store: StoreSettings = StoreSettings()
    ops: Ops = Ops()
    alerts: AlertSettings = AlertSettings()
    traces: TraceSettings = TraceSettings()
    log: Log = Log()
    lang: Literal["auto", "zh", "en"] = "auto"

    _sources: dict[str, Source] = PrivateAttr(default_factory=dict)
    _defaults: dict[str, object] = PrivateAttr(default_factory=dict)
    _environment_lang: Lang = PrivateAttr(default="en")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings passes all five
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what :func:`load` hands over: values from elsewhere would have no known source."""
        return (init_settings,)

    @property
    def language(self) -> Lang:
        """``lang``, or what the environment speaks."""
        return self._environment_lang if self.lang == "auto" else self.lang

    def source(self, name: str) -> Source:
        """Where the value of a setting (dotted name) came from."""
        return self._sources.get(name, Source("default"))

    def remember(self, sources: Mapping[str, Source], defaults: Mapping[str, object], environment_lang: Lang) -> None:
        """Where the values came from; ``defaults`` are those that depend on the environment."""
        self._sources = dict(sources)
        self._defaults = dict(defaults)
        self._environment_lang = environment_lang

    def secrets(self) -> set[str]:
        """Every secret in plain text, for those who must recognize one to hide it."""
        values = (value for _, found in flat(self) for value in (found if isinstance(found, tuple) else (found,)))
        return {value.get_secret_value() for value in values if isinstance(value, SecretStr)} | in_url(self.store.url)

    def rows(self) -> list[Row]:
        """Every setting with its value, its source and its default."""
        defaults = {**dict(flat(Settings())), **self._defaults}
        return [
            Row(
                name=name,
                value=written(name, value),
                source=str(self.source(name)),
                default=written(name, defaults[name]),
            )
            for name, value in flat(self)
        ]

    def dialect(self) -> Dialect:
        """How rules and messages are read."""
        paths = {**DEFAULT_PATHS, **self.rules.text_paths}
        return Dialect(paths, any_via=not self.forward.same_account_only, served=frozenset(self.accounts))

    def for_run(self) -> "Settings":
        """These settings, which are enough to serve the platform.

        Raises:
            WrongSettings: something that ``run`` needs is missing or contradicts; all of it at once.
        """
        mistakes = [*_unmet_api(self.api), *_unmet_door(self.callback, self.pull)]
        if mistakes:
            raise WrongSettings(mistakes)
        return self

    def for_vendor(self) -> "Settings":
        """These settings, which are enough to ask the platform something.

        Raises:
            WrongSettings: what is missing of ``api``, all of it at once.
        """
        if mistakes := _unmet_api(self.api):
            raise WrongSettings(mistakes)
        return self

    def findings(self) -> list[Phrase]:
        """What is allowed and unwise."""
        return [*(phrase for unwise, phrase in _unwise(self) if unwise), *self._open_files()]

    def _open_files(self) -> list[Phrase]:
        """Files that hold secrets and that everybody may read.

        Not so secret files: Kubernetes mounts them like that, for the container alone.
        """
        secret = SECRETS | {"store.url"} if in_url(self.store.url) else SECRETS
        sources = {self.source(name) for name in secret}
        paths = sorted({source.where for source in sources if source.kind in {"file", ".env"}})
        return [_open(path) for path in paths if is_open(Path(path))]


def flat(section: BaseModel, prefix: str = "") -> list[tuple[str, object]]:
    """Every value in it under its setting's dotted name."""
    found: list[tuple[str, object]] = []
    for name in type(section).model_fields:
        value = getattr(section, name)
        found += flat(value, f"{prefix}{name}.") if isinstance(value, BaseModel) else [(prefix + name, value)]
    return found


def _fields(section: type[BaseModel], prefix: str = "") -> dict[str, FieldInfo]:
    found: dict[str, FieldInfo] = {}
    for name, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            found |= _fields(field.annotation, f"{prefix}{name}.")
        else:
            found[prefix + name] = field
    return found


FIELDS: Final = _fields(Settings)
"""Every setting by its dotted name."""

SECTIONS: Final = frozenset(name[:at] for name in FIELDS for at, letter in enumerate(name) if letter == ".")

SECRETS: Final = frozenset(name for name, field in FIELDS.items() if "SecretStr" in str(field.annotation))

COLLECTIONS: Final = frozenset(
    name
    for name, field in FIELDS.items()
    if {tuple, dict} & {get_origin(a) for a in (field.annotation, *get_args(field.annotation))} and name not in SECRETS
)
"""Settings that are a list or a table. One of secrets reads what a variable holds by itself: it is never quoted."""


def expected(name: str) -> Phrase:
    """What may be written as the value of this setting."""
    told = [part for part in FIELDS[name].metadata if isinstance(part, Expected)]
    if told:
        return told[-1].phrase
    words = " | ".join(map(str, get_args(FIELDS[name].annotation)))
    return Phrase(f" {words}", words)


def written(name: str, value: object) -> str:
    """A setting's value as a person may see it."""
    for part in FIELDS[name].metadata:
        if isinstance(part, Expected) and part.write is not None:
            return part.write(value)
    match value:
        case SecretStr() | (SecretStr(), *_):
            return MASK
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case tuple() | dict():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return url_without(str(value))


def _unmet_api(api: Api) -> list[Phrase]:
    needed = Phrase("调用平台接口要用", "calls to the platform need it")
    given = (("api.base_url", api.base_url), ("api.app_id", api.app_id))
    mistakes = [missing(name, needed) for name, value in given if not value]
    if api.app_secret is None and api.access_token is None:
        mistakes.append(missing("api.app_secret", Phrase("或改用 api.access_token", "or api.access_token instead")))
    if api.app_secret is not None and api.access_token is not None:
        mistakes.append(
            Phrase(
                "api.app_secret 和 api.access_token 只能设置一个,请去掉其中一个",
                "api.app_secret and api.access_token exclude each other; remove one of them",
            )
        )
    return mistakes


def _unmet_door(callback: Callback, pull: Pull) -> list[Phrase]:
    if not callback.enabled:
        return [_NO_SOURCE] if pull.mode == "off" else []
    mistakes = []
    if callback.secret is None:
        mistakes.append(missing("callback.secret", Phrase("回调地址的最后一段", "the last part of the callback's URL")))
    if callback.aes_key is None and not callback.allow_plaintext:
        mistakes.append(
            missing(
                "callback.aes_key", Phrase("没有它,加密的回调都读不了", "without it no encrypted callback can be read")
            )
        )
    return mistakes


def _open(path: str) -> Phrase:
    return Phrase(
        f"{path} 里有密钥,而本机所有人都能读:请运行 chmod o-rwx {path}",
        f"{path} holds secrets and everybody on this machine may read it: run chmod o-rwx {path}",
    )


_NO_SOURCE = Phrase(
    'callback.enabled = false 且 pull.mode = "off":收不到任何消息,请打开其中一个',
    'callback.enabled = false with pull.mode = "off": no message can ever arrive; turn one of them on',
)


def _unwise(settings: Settings) -> list[tuple[bool, Phrase]]:
    secret, token = settings.callback.secret, settings.ops.token
    return [
        (
            settings.forward.dry_run,
            Phrase(
                "forward.dry_run 打开着:只判断和记录,什么都不转发",
                "forward.dry_run is on: messages are decided and recorded, and nothing is forwarded",
            ),
        ),
        (
            settings.forward.pace < SECOND,
            Phrase(
                f"forward.pace = {units.span(settings.forward.pace)},低于 1s:账号有被限制的风险",
                f"forward.pace = {units.span(settings.forward.pace)} is below 1s: accounts may be restricted",
            ),
        ),
        (
            settings.callback.ack_within >= SECOND,
            Phrase(
                "callback.ack_within 不小于 1s:平台只等 1 秒,一天超时 1000 次就会关闭回调",
                "callback.ack_within is 1s or more: the platform waits 1 s, and shuts callbacks off after 1000 late "
                "answers a day",
            ),
        ),
        (
            secret is not None and len(secret.get_secret_value()) < SHORT_SECRET,
            Phrase(
                f"callback.secret 少于 {SHORT_SECRET} 个字符,容易被猜中",
                f"callback.secret has fewer than {SHORT_SECRET} characters and may be guessed",
            ),
        ),
        *(
            (
                value is not None and len(value.get_secret_value()) < SHORT_PASSWORD,
                Phrase(
                    f"{name} 少于 {SHORT_PASSWORD} 个字符,容易被猜中",
                    f"{name} has fewer than {SHORT_PASSWORD} characters and may be guessed",
                ),
            )
            for name, value in (
                ("ops.password", settings.ops.password),
                ("ops.viewer_password", settings.ops.viewer_password),
            )
        ),
        (
            token is not None and len(token.get_secret_value()) < SHORT_SECRET,
            Phrase(
                f"ops.token 少于 {SHORT_SECRET} 个字符,容易被猜中",
                f"ops.token has fewer than {SHORT_SECRET} characters and may be guessed",
            ),
        ),
        (
            token is None and not is_loopback(settings.ops.host),
            Phrase(
                f"ops.host = {settings.ops.host} 而没有 ops.token:其他机器只能从 /healthz 和 /readyz 得到是或否,"
                "读不到指标;需要的话请设置 ops.token",
                f"ops.host = {settings.ops.host} without ops.token: other machines hear yes or no from /healthz and "
                "/readyz and nothing else, no metrics either; set ops.token if they should",
            ),
        ),
        (
            settings.callback.allow_plaintext,
            Phrase(
                "callback.allow_plaintext = true:知道回调地址的人可以伪造消息",
                "callback.allow_plaintext = true: whoever knows the callback's URL can forge messages",
            ),
        ),
    ]
