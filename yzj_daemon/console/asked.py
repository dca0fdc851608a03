"""One request of a browser, and all that answers it: who asks, in which language, with what to look it up."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request

from yzj_daemon.clock import Millis
from yzj_daemon.console import language
from yzj_daemon.console.access.visitor import Visitor
from yzj_daemon.console.desk import Desk
from yzj_daemon.console.look import templates
from yzj_daemon.console.words import WORDS
from yzj_daemon.errors import Lang
from yzj_daemon.storage import directory
from yzj_daemon.storage.reader import Connection
from yzj_daemon.wording import when
from yzj_daemon.wording.names import Names

Theme = Literal["auto", "light", "dark"]

THEME_COOKIE: Final = "yzj_theme"
SESSION_COOKIE: Final = "yzj_session"


@dataclass(frozen=True)
class Asked:
    """``visitor`` is None at the door alone. ``connection`` is there where a page is shown, on one snapshot."""

    desk: Desk
    request: Request
    visitor: Visitor | None
    now: Millis
    connection: Connection | None = None
    form: FormData = field(default_factory=FormData)

    def on(self, connection: Connection) -> "Asked":
        return replace(self, connection=connection)

    @property
    def store(self) -> Connection:
        """What is read from."""
        assert self.connection is not None, "only where a page is shown"
        return self.connection

    @property
    def who(self) -> str:
        """As the audit trail names who asked."""
        assert self.visitor is not None, "nobody acts before the door"
        return self.visitor.who

    @property
    def may_act(self) -> bool:
        """Whether what changes something is offered."""
        return self.visitor is not None and self.visitor.may("operator")

    @property
    def query(self) -> QueryParams:
        return self.request.query_params

    @property
    def by_htmx(self) -> bool:
        """A part of a page is wanted, not a whole one."""
        return "hx-request" in self.request.headers

    @property
    def here(self) -> str:
        """The address as it was asked for."""
        url = self.request.url
        return f"{url.path}?{url.query}" if url.query else url.path

    @cached_property
    def lang(self) -> Lang:
        settings, request = self.desk.settings, self.request
        cookie, accepted = request.cookies.get(language.COOKIE, ""), request.headers.get("accept-language", "")
        return language.choose(cookie, settings.lang, accepted, settings.language)

    @property
    def theme(self) -> Theme:
        match self.request.cookies.get(THEME_COOKIE):
            case "light":
                return "light"
            case "dark":
                return "dark"
            case _:
                return "auto"

    # Words ----------------------------------------------------------------------------------------------------------

    def t(self, name: str, **told: object) -> str:
        """A text of the catalogue. Raises KeyError: it does not have it."""
        return WORDS[name].to(self.lang).format(**told)

    def type_of(self, type_: str) -> str:
        """A message's type in words; one that nobody has words for by its own name."""
        return self.t(f"type.{type_}") if f"type.{type_}" in WORDS else type_

    def key_of(self, key: str) -> str:
        """What a condition's key asks for, in words; "" where it says so itself."""
        return self.t(f"rules.key.{key}") if f"rules.key.{key}" in WORDS else ""

    @cached_property
    def zone(self) -> ZoneInfo:
        return self.desk.zone

    def at(self, instant: Millis | None) -> str:
        """An instant as a person reads it: only the time where it is of today."""
        if instant is None:
            return self.t("no_time")
        told = when.clock(instant, self.zone)
        return told[11:] if told[:10] == when.clock(self.now, self.zone)[:10] else told

    def iso(self, instant: Millis) -> str | None:
        return when.iso(instant, self.zone)

    def span(self, seconds: float) -> str:
        """A length of time in its two largest units."""
        whole = int(seconds)
        for name, unit, part in (("day", 86_400, 3_600), ("hour", 3_600, 60), ("minute", 60, 1)):
            if whole >= unit:
                return self.t(name, n=whole // unit, m=whole % unit // part)
        return self.t("second", n=whole)

    @cached_property
    def names(self) -> Names:
        """Names for ids: those of the rules in force win, then those of the directory."""
        return Names(self.desk.ruleset.names, partial(directory.name, self.store))

    def name_of(self, id_: str) -> str:
        """What an id is called; "" when nobody knows."""
        return self.names.of(id_)

    # Pages ----------------------------------------------------------------------------------------------------------

    def render(self, template: str, **context: Any) -> str:
        """A template with what every page needs, and this."""
        return (
            templates()
            .get_template(template)
            .render(
                ask=self,
                t=self.t,
                at=self.at,
                iso=self.iso,
                span=self.span,
                name_of=self.name_of,
                visitor=self.visitor,
                zone_name=self._zone_name(),
                **context,
            )
        )

    def _zone_name(self) -> str:
        offset = datetime.fromtimestamp(self.now / 1000, self.zone).strftime("%z")
        return f"{self.zone.key} (UTC{offset[:3]}:{offset[3:]})"
