"""The tables of a rule file, strict: what is not described here is a mistake.

Every key's description is what ``schema`` shows in an editor, so it speaks to the person who writes rules.
"""

from datetime import datetime
from math import isfinite
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    WithJsonSchema,
    model_validator,
)

from yzj_daemon.rules import spell
from yzj_daemon.rules.finding import WARNINGS
from yzj_daemon.rules.pattern import Pattern
from yzj_daemon.rules.ruleset import Limit
from yzj_daemon.rules.window import Dates, Hours

MAX_ENTRIES: Final = 10_000
MAX_ID: Final = 100

RECEIVER: Final = "receiver"
"""As ``via``: the hosted account that received the message."""

DEFAULT_TIMEZONE: Final = "Asia/Shanghai"


def _listed(value: Any) -> Any:
    """One entry may stand without its brackets where the contract speaks of one or more."""
    return value if isinstance(value, list) else [value]


def _scalars(values: list[Any]) -> list[Any]:
    if not all(isinstance(value, str | int) or (isinstance(value, float) and isfinite(value)) for value in values):
        raise spell.mistake("wrong-type", "只能是文字、数字或 true/false", "only text, numbers or true/false")
    return values


def _path(value: str) -> str:
    if not value.strip(".") or ".." in value or value.startswith((".", "[")) or value.endswith("."):
        raise spell.mistake("bad-path", "路径写法不对", "not a path", '"title", "items[].text"')
    return value


def _lint(value: str) -> str:
    if value not in WARNINGS:
        told = "没有这种警告", "no such warning"
        raise spell.mistake("bad-choice", *told, ", ".join(sorted(WARNINGS)))
    return value


def _rule_id(value: str) -> str:
    if not all(char.isalnum() or char in "-_." for char in value):
        raise spell.mistake("bad-id", "id 只能有文字、数字和 - _ .", "an id has letters, digits, - _ . only")
    return value


def _version(value: Any) -> Any:
    if type(value) is not int or value != 1:
        told = "不支持这个版本的规则语言", "a version of the rule language that is not supported"
        raise spell.mistake("bad-version", *told, "version = 1")
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise spell.mistake("wrong-type", "应该是数字,不加引号", "must be a number without quotes")
    return value


def _in_our_time(value: datetime) -> datetime:
    """Windows are computed with room before and after; the years are those of ``spell.dates``."""
    if not 2000 <= value.year <= 2199:
        raise spell.mistake("out-of-range", "年份要在 2000 到 2199 之间", "the year must be 2000 to 2199")
    return value


_SHORT_TEXT: Final = {"type": "string"}

Some = Field(min_length=1, max_length=MAX_ENTRIES)
Entry = Annotated[str, Field(min_length=1, max_length=spell.MAX_KEYWORD)]
Entries = Annotated[list[Entry], Some]
"""Names, lists or ids."""

Keywords = Annotated[list[Annotated[str, AfterValidator(spell.keyword)]], Some]
Regex = Annotated[InstanceOf[Pattern], BeforeValidator(spell.regex), WithJsonSchema(_SHORT_TEXT)]
Regexes = Annotated[list[Regex], Some]
_DURATION: Final = {"type": "string", "pattern": r"^\d+\s*[smhd]$"}
Duration = Annotated[int, BeforeValidator(spell.duration), WithJsonSchema(_DURATION)]
SomeDuration = Annotated[int, BeforeValidator(spell.some_duration), WithJsonSchema(_DURATION)]
Days = Annotated[frozenset[int], BeforeValidator(spell.days), WithJsonSchema(_SHORT_TEXT)]
HourSpan = Annotated[Hours, BeforeValidator(spell.hours), WithJsonSchema(_SHORT_TEXT)]
DateSpan = Annotated[Dates, BeforeValidator(spell.dates), WithJsonSchema(_SHORT_TEXT)]
OneOrMore = Annotated[Entries, BeforeValidator(_listed)]
_LIMIT: Final = {"type": "string", "pattern": r"^\d+/\d+\s*[smhd]$"}
RuleLimit = Annotated[InstanceOf[Limit], BeforeValidator(spell.limit), WithJsonSchema(_LIMIT)]
Number = Annotated[int | float, BeforeValidator(_number)]
Scalars = Annotated[list[Any], AfterValidator(_scalars), Some]


class Table(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class FieldTable(Table):
    path: Annotated[str, AfterValidator(_path)] = Field(
        description="content 里的位置,点表示下一层,[] 表示任意一项 / where in content: dots nest, [] is any element"
    )
    equals: Any = Field(None, description="等于这个值 / equal to this")
    in_: Scalars | None = Field(None, alias="in", description="等于其中之一 / equal to one of these")
    contains: Annotated[Keywords, BeforeValidator(_listed)] | None = Field(
        None, description="包含其中任意一个词 / contains at least one of these"
    )
    regex: Annotated[Regexes, BeforeValidator(_listed)] | None = Field(
        None, description="匹配其中任意一个正则表达式 / at least one of these is found"
    )
    exists: bool | None = Field(None, description="有没有这个位置 / whether it is there at all")
    min: Number | None = Field(None, description="不小于 / at least")
    max: Number | None = Field(None, description="不大于 / at most")

    @model_validator(mode="after")
    def _one_test(self) -> "FieldTable":
        tests = self.model_fields_set - {"path"}
        if len(tests) != 1 and tests != {"min", "max"}:
            raise spell.mistake(
                "one-test",
                "每项要有且只有一个比较方式(min 和 max 可以同时用)",
                "one test each (min and max may stand together)",
                "equals, in, contains, regex, exists, min, max",
            )
        if self.equals is not None:
            _scalars([self.equals])
        if self.min is not None and self.max is not None and self.min > self.max:
            raise spell.mistake("out-of-range", "min 大于 max,永远不成立", "min is above max: it never holds")
        return self


class WhenTable(Table):
    type: Entries | None = Field(None, description="消息类型是其中之一 / msg_type is one of these")
    account: Entries | None = Field(None, description="收到消息的托管账号 / a hosted account that received it")
    chat: Entries | None = Field(None, description="消息所在的会话 / the conversation is one of these")
    chat_type: Annotated[list[Literal["private", "room"]], Some, BeforeValidator(_listed)] | None = Field(
        None, description="private 单聊,room 群聊 / private or room"
    )
    sender: Entries | None = Field(None, description="发送人是其中之一 / sent by one of these")
    contains: Keywords | None = Field(None, description="文字里至少有其中一个词 / at least one of these in the text")
    contains_all: Keywords | None = Field(None, description="文字里要有全部这些词 / every one of these in the text")
    regex: Regexes | None = Field(
        None, description="至少匹配一个正则表达式(RE2) / at least one of these is found (RE2 syntax)"
    )
    field: Annotated[list[FieldTable], Some] | None = Field(
        None, description="检查原始内容里的字段,任意一项成立 / tests on content, at least one of them true"
    )
    items: "ItemsTable | None" = Field(
        None,
        description="合并转发里面的消息,看得见多少算多少 / the messages inside a merge, as far as they can be seen",
    )
    self_sent: bool | None = Field(
        None, description="是不是托管账号自己发的;不写就永不匹配自己发的 / sent by a hosted account; never without it"
    )
    everything: bool | None = Field(None, description="匹配所有消息,只能单独写 true / matches everything; true, alone")
    all: Annotated[list["WhenTable"], Some] | None = Field(None, description="全部成立 / every one of these holds")
    any: Annotated[list["WhenTable"], Some] | None = Field(
        None, description="至少一个成立 / at least one of these holds"
    )
    not_: "WhenTable | None" = Field(None, alias="not", description="不成立 / this does not hold")
    fold: list[Literal["width", "case", "invisible", "variants"]] | None = Field(
        None,
        description="contains 比较时忽略什么:全角半角、大小写、看不见的字符、简体繁体;[] 表示完全一致"
        " / what contains ignores: width, case, invisible characters, variants; [] compares exactly",
    )

    @model_validator(mode="after")
    def _says_something(self) -> "WhenTable":
        keys = self.model_fields_set - {"fold"}
        if not keys:
            raise spell.mistake("empty-when", "没有任何条件", "no condition at all", "when = { everything = true }")
        if "everything" in keys and (keys != {"everything"} or not self.everything):
            raise spell.mistake("everything-alone", "everything 只能单独写 true", "everything must be true, and alone")
        return self


_OF_THE_WHOLE: Final = ("account", "chat", "chat_type", "self_sent", "everything", "items")
"""Keys that a message inside a merge does not have."""


class ItemsTable(Table):
    min_count: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        None, description="里面至少有几条消息 / at least so many messages inside"
    )
    any: WhenTable | None = Field(None, description="里面至少有一条符合 / at least one of them is like this")
    all: WhenTable | None = Field(None, description="里面每一条都符合 / every one of them is like this")

    @model_validator(mode="after")
    def _says_something(self) -> "ItemsTable":
        if not self.model_fields_set:
            raise spell.mistake("empty-when", "没有任何条件", "no condition at all", "items = { min_count = 2 }")
        for inner in (self.any, self.all):
            if inner is not None and (key := _of_the_whole(inner)):
                raise spell.mistake(
                    "not-inside",
                    f"里面的消息没有 {key}",
                    f"a message inside a merge has no {key}",
                    "type, sender, contains, contains_all, regex, field",
                )
        return self


def _of_the_whole(when: WhenTable) -> str:
    """The first key in a condition that only the whole message answers."""
    named = next((key for key in _OF_THE_WHOLE if getattr(when, key) is not None), "")
    inner = [*(when.all or ()), *(when.any or ()), *([when.not_] if when.not_ else ())]
    return named or next((key for each in inner if (key := _of_the_whole(each))), "")


class WindowTable(Table):
    days: Annotated[list[Days], Some] | None = Field(
        None, description='星期,例如 "mon-fri"、"周六" / days, such as "mon-fri"'
    )
    hours: Annotated[list[HourSpan], Some] | None = Field(
        None, description='时段,例如 "09:00-18:00",可以跨过零点 / hours, half-open, may wrap past midnight'
    )
    dates: Annotated[list[DateSpan], Some] | None = Field(
        None, description='日期,例如 "2026-10-01..2026-10-07",含两端 / dates, both ends included'
    )
    except_dates: Annotated[list[DateSpan], Some] | None = Field(None, description="除去这些日期 / all but these dates")

    @model_validator(mode="after")
    def _says_something(self) -> "WindowTable":
        if not self.model_fields_set:
            raise spell.mistake(
                "empty-window", "时间窗没有任何内容", "a window that says nothing", 'hours = ["09:00-18:00"]'
            )
        return self


class OptionalKeys(Table):
    """The keys of a rule that have a default, which ``[defaults]`` may change for all rules."""

    description: str = Field("", max_length=1_000, description="说明,会显示在各处 / shown wherever the rule is")
    owner: str = Field("", max_length=MAX_ID, description="负责人 / whose rule it is")
    enabled: bool = Field(True, description="false 表示停用 / false: switched off")
    mode: Literal["live", "shadow"] = Field(
        "live", description="shadow 只记录不发送 / shadow decides and records, and sends nothing"
    )
    via: Entry = Field(
        RECEIVER, description="由哪个托管账号转发,receiver 是收到消息的那个 / the hosted account that forwards"
    )
    priority: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] = Field(
        0, description="越大越先判断、越先发送 / higher is evaluated and sent first"
    )
    stop: bool = Field(False, description="匹配后不再看后面的规则 / after a match, lower rules are not evaluated")
    during: OneOrMore | None = Field(None, description="只在这些时间窗内发送 / the windows it forwards in")
    outside: Literal["defer", "drop"] = Field(
        "defer", description="窗外:defer 等到开窗再发,drop 不发 / outside: wait until it opens, or suppress"
    )
    max_age: SomeDuration | None = Field(
        None, description='超过这个时间还没发出就作废,例如 "2h" / unsent at this age it expires'
    )
    delay: Duration = Field(0, description='收到后等多久再发,例如 "10s" / wait after receipt')
    cooldown: SomeDuration | None = Field(
        None, description='匹配后休息多久,例如 "10m" / after a match, how long the rule rests'
    )
    cooldown_by: Literal["rule", "sender", "chat"] = Field(
        "rule", description="按整条规则、发送人还是会话休息 / whether it rests for all, for that sender or that chat"
    )
    limit: RuleLimit | None = Field(
        None,
        description='超过就扣住这条规则,例如 "30/10m" / a tripwire: above it the rule is held, and told',
    )
    order: Literal["relaxed", "strict"] = Field(
        "relaxed",
        description="strict:发往同一会话的按收到的先后,前面的没发出后面就等 / strict: as received, later ones wait",
    )
    on_unknown: Literal["hold", "resend"] | None = Field(
        None, description="不知道有没有发出时:hold 等人处理,resend 重发 / when nobody can know whether it arrived"
    )
    fanout: Literal["together", "one-by-one"] = Field(
        "together", description="多个目标一次发,还是逐个发 / targets share calls, or one target a call"
    )
    expect_every: SomeDuration | None = Field(
        None, description='这么久没有匹配就提醒,例如 "1d" / tell when it has not matched for this long'
    )
    allow: list[Annotated[str, AfterValidator(_lint)]] = Field(
        [], description='不再提示的警告,例如 ["no-examples"] / warnings that are fine here'
    )


class DefaultsTable(OptionalKeys):
    pass


class ExampleMessage(Table):
    """The short form of a message. Whatever is not said is empty, and then no condition on it holds."""

    type: Entry = Field("text", description="消息类型 / msg_type")
    account: Entry | None = Field(None, description="收到消息的托管账号 / the hosted account that received it")
    chat: Entry | None = Field(None, description="会话 / the conversation")
    chat_type: Literal["private", "room"] | None = Field(
        None, description="默认看会话是否以 R: 开头 / by default, whether the chat begins with R:"
    )
    sender: Entry | None = Field(None, description="发送人 / who sent it")
    text: str | None = Field(None, description="人能读到的文字 / the words a person reads in it")
    content: dict[str, Any] | None = Field(None, description="原始内容 / content as the vendor sends it")
    self_sent: bool = Field(False, description="托管账号自己发的 / sent by a hosted account")


class ExampleTable(Table):
    name: str = Field("", max_length=spell.MAX_KEYWORD, description="例子的名字 / what the example shows")
    message: ExampleMessage | None = Field(None, description="消息的简写 / a message in short form")
    message_file: Entry | None = Field(
        None, description="平台消息的 JSON 文件 / a vendor message as received, a JSON file"
    )
    at: Annotated[InstanceOf[datetime], AfterValidator(_in_our_time)] | None = Field(
        None, description="什么时候收到,决定时间窗 / when it was received, for windows"
    )
    expect: Literal["match", "no-match"] = Field(description="应不应该匹配 / what must come of it")

    @model_validator(mode="after")
    def _one_message(self) -> "ExampleTable":
        if (self.message is None) is (self.message_file is None):
            raise spell.mistake(
                "one-message", "message 和 message_file 要写且只写一个", "exactly one of message and message_file"
            )
        return self


class RuleTable(OptionalKeys):
    id: Annotated[str, Field(min_length=1, max_length=MAX_ID), AfterValidator(_rule_id)] = Field(
        description="规则的名字,不要改:文字、数字、- _ . / stable name: letters, digits, - _ ."
    )
    when: WhenTable = Field(description="什么样的消息 / which messages")
    forward_to: Entries = Field(description="转发到哪里:名字、列表或会话 id / names, lists or chat ids")
    examples: Annotated[list[ExampleTable], Some] | None = Field(
        None, description="例子,每次加载都会检验 / examples, run at every load"
    )


class FileTable(Table):
    """A rule file. Its rules are read one by one, so that each tells all of its own mistakes."""

    version: Annotated[Literal[1], BeforeValidator(_version)] = Field(
        1, description="规则语言的版本 / version of the rule language"
    )
    timezone: str = Field(
        DEFAULT_TIMEZONE, max_length=MAX_ID, description="时区,例如 Asia/Shanghai / IANA name of the time zone"
    )
    names: dict[str, Entry] = Field({}, description="给 id 起名字 / names for ids")
    lists: dict[str, Entries] = Field({}, description="名字、id 或别的列表组成的列表 / lists of names, ids or lists")
    windows: dict[str, WindowTable] = Field({}, description="时间窗 / windows of time")
    defaults: DefaultsTable = Field(DefaultsTable(), description="所有规则的默认值 / defaults for all rules")
    rules: list[dict[str, Any]] = Field([], description="规则 / the rules")


def merged(rule: RuleTable, defaults: OptionalKeys, key: str) -> Any:
    """What the rule says, else what the defaults say, else the default of the language."""
    return getattr(defaults if key not in rule.model_fields_set and key in defaults.model_fields_set else rule, key)


def merged_all(rule: RuleTable, defaults: OptionalKeys) -> dict[str, Any]:
    """The same of every key at once."""
    said = dict(rule)
    said.update((key, getattr(defaults, key)) for key in defaults.model_fields_set - rule.model_fields_set)
    return said
