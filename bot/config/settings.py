"""The sections of `school.toml`, typed and frozen."""

from __future__ import annotations

import re
from datetime import date, time
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bot.config.fields import (
    GroupId,
    Hidden,
    HttpUrl,
    OptionalName,
    PlaceId,
    ProxyUrl,
    RequiredName,
    Secret,
    StreamUrl,
    WebUrl,
    flawed,
    none_if_empty,
    not_empty,
    zone_kind,
)
from bot.config.problems import Flaw
from bot.config.section import Entry, Section
from bot.config.sources import AlertSourceEntry
from bot.domain.place import AssemblyPoint, Campus, Name, Zone

# Bot API, setWebhook: secret_token.
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
_LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):(\d{1,5})")
_MAX_PORT = 65535


class Term(Section):
    """A school term, both days included."""

    name: OptionalName = ""
    starts_on: date = Field(alias="from")
    ends_on: date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise flawed(Flaw.ENDS_BEFORE_START)
        return self


class Lesson(Section):
    """A lesson's place in the day."""

    name: OptionalName = ""
    starts_at: time = Field(alias="from")
    ends_at: time = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise flawed(Flaw.ENDS_BEFORE_START)
        return self


class Calendar(Section):
    """When school is on."""

    terms: tuple[Term, ...] = ()
    lessons: tuple[Lesson, ...] = ()


class School(Section):
    """`[school]`."""

    name: RequiredName
    name_en: OptionalName = ""
    timezone: str = "Asia/Shanghai"
    locale: Literal["zh_Hans", "en"] = "zh_Hans"
    alarm_phone: OptionalName = ""
    calendar: Calendar = Calendar()

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, LookupError):
            raise flawed(Flaw.BAD_TIMEZONE) from None
        return value

    @property
    def zone_info(self) -> ZoneInfo:
        """The school's time zone."""
        return ZoneInfo(self.timezone)


class Telegram(Section):
    """`[telegram]`. `webhook_secret` None: poll."""

    token: Secret
    api_url: WebUrl = "https://api.telegram.org"
    command_centre: GroupId
    channel: Annotated[GroupId | None, BeforeValidator(none_if_empty)] = None
    proxy: ProxyUrl = ""
    webhook_secret: Annotated[SecretStr | None, BeforeValidator(none_if_empty), Hidden()] = None

    @field_validator("token")
    @classmethod
    def _is_token(cls, value: SecretStr) -> SecretStr:
        if not _TOKEN.fullmatch(value.get_secret_value()):
            raise flawed(Flaw.BAD_TOKEN)
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _is_header(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _WEBHOOK_SECRET.fullmatch(value.get_secret_value()):
            raise flawed(Flaw.BAD_WEBHOOK_SECRET)
        return value

    @field_validator("api_url")
    @classmethod
    def _is_given(cls, value: str) -> str:
        return not_empty(value)


_SQLITE = "sqlite:///"
_POSTGRES = re.compile(r"postgres(ql)?(\+psycopg)?://(?=.)")


class Database(Section):
    """`[database]`. A relative SQLite path starts at the folder of `school.toml` and is absolute here.

    Always of the form that SQLAlchemy takes: `sqlite:////…` or `postgresql+psycopg://…`.
    """

    url: Annotated[str, Field(repr=False), Hidden()] = "sqlite:///var/muster.db"

    @field_validator("url")
    @classmethod
    def _resolved(cls, value: str, info: ValidationInfo) -> str:
        value = value.strip()
        if _POSTGRES.match(value):
            return _POSTGRES.sub("postgresql+psycopg://", value, count=1)
        if not value.startswith("sqlite:"):
            raise flawed(Flaw.BAD_DATABASE)
        file = value.removeprefix(_SQLITE)
        if file in {"", value} or ":memory:" in file or file.startswith("?"):
            raise flawed(Flaw.NO_DATABASE_FILE)
        path: Path = (info.context or {}).get("path", Path("school.toml"))
        return f"{_SQLITE}{(path.absolute().parent / file)}"


class Web(Section):
    """`[web]`. Without `public_url` the pages are found where Muster listens."""

    listen: str = "127.0.0.1:8080"
    public_url: WebUrl = ""

    @field_validator("listen")
    @classmethod
    def _is_address(cls, value: str) -> str:
        match = _LISTEN.fullmatch(value.strip())
        if match is None or int(match[2]) > _MAX_PORT:
            raise flawed(Flaw.BAD_LISTEN)
        return value.strip()

    @property
    def host(self) -> str:
        """The address to bind, without brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to bind; 0 lets the system choose."""
        return int(self.listen.rpartition(":")[2])

    @property
    def base_url(self) -> str:
        """What links start with, no slash at the end."""
        return self.public_url or f"http://{self.listen}"

    @property
    def is_public(self) -> bool:
        """Whether links lead to a host that the whole internet can see."""
        return _is_public(urlsplit(self.base_url).hostname or "")


def _is_public(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".lan", ".internal", ".localhost", ".home.arpa"))


class PointEntry(Entry):
    """One of `[[assembly_points]]`."""

    id: PlaceId
    name: RequiredName
    name_en: OptionalName = ""


class ZoneEntry(Entry):
    """One of `[[zones]]`."""

    id: PlaceId
    name: RequiredName
    name_en: OptionalName = ""
    kind: Annotated[RequiredName, AfterValidator(zone_kind)]
    assembly_point: Annotated[str | None, BeforeValidator(none_if_empty)] = None


class CameraEntry(Entry):
    """One of `[[cameras]]`."""

    zone: str
    name: RequiredName
    name_en: OptionalName = ""
    snapshot_url: Annotated[HttpUrl, AfterValidator(not_empty)]
    stream_url: StreamUrl = ""
    retention_days: Annotated[int, Field(ge=1, le=3650)] = 30


class CameraPolicy(Section):
    """`[camera_policy]`. `page`: a one-time link; `chat`: the picture in the private chat."""

    deliver: Literal["page", "chat"] = "page"


class Retention(Section):
    """`[retention]`. Cybersecurity Law art. 21(3): logs are kept for at least six months."""

    audit_days: Annotated[int, Field(ge=180, le=36500)] = 180


class Escalation(Section):
    """`[escalation]`, seconds: until more people are rung, until a missing commander is told (again)."""

    acknowledge_s: Annotated[int, Field(ge=1, le=3600)] = 60
    commander_s: Annotated[int, Field(ge=1, le=3600)] = 120
    nudges: Annotated[int, Field(ge=0, le=50)] = 5


class Settings(Section):
    """All of `school.toml`."""

    school: School
    telegram: Telegram
    database: Database = Field(default_factory=Database)
    web: Web = Web()
    assembly_points: tuple[PointEntry, ...] = ()
    zones: tuple[ZoneEntry, ...] = ()
    cameras: tuple[CameraEntry, ...] = ()
    alert_sources: tuple[AlertSourceEntry, ...] = ()
    camera_policy: CameraPolicy = CameraPolicy()
    retention: Retention = Retention()
    escalation: Escalation = Escalation()
    _path: Path = PrivateAttr(default=Path("school.toml"))

    def model_post_init(self, context: Any, /) -> None:
        """Remember the file that the reader names."""
        if context:
            self._path = context["path"]

    @property
    def path(self) -> Path:
        """The file that this was read from, absolute."""
        return self._path

    @property
    def folder(self) -> Path:
        """Where relative paths start."""
        return self._path.parent

    def campus(self) -> Campus:
        """The school's places."""
        return Campus(
            zones={
                zone.id: Zone(zone.id, Name(zone.name, zone.name_en), zone.kind, zone.assembly_point)
                for zone in self.zones
            },
            assembly_points={
                point.id: AssemblyPoint(point.id, Name(point.name, point.name_en))
                for point in self.assembly_points
            },
        )
