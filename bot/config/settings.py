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
    BeforeValidator,
    Field,
    IPvAnyNetwork,
    PrivateAttr,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bot.config.announcements import Announcements
from bot.config.cameras import CameraEntry, CameraPolicy
from bot.config.channels import ChannelEntry, Delivery
from bot.config.fields import (
    GroupId,
    Hidden,
    OptionalName,
    ProxyUrl,
    RequiredName,
    Secret,
    WebUrl,
    flawed,
    none_if_empty,
    not_empty,
)
from bot.config.places import Location, OnScene, PointEntry, ZoneEntry, spot_of
from bot.config.problems import Flaw
from bot.config.readiness import Readiness
from bot.config.recorders import RecorderEntry
from bot.config.section import Entry, Section
from bot.config.sources import AlertSourceEntry
from bot.domain.place import AssemblyPoint, Campus, Name

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
    address: OptionalName = ""
    address_en: OptionalName = ""
    calendar: Calendar = Calendar()
    location: Location = None

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

    @property
    def file(self) -> Path | None:
        """The SQLite file; None: it is a server."""
        return Path(self.url.removeprefix(_SQLITE)) if self.url.startswith(_SQLITE) else None


class Web(Section):
    """`[web]`. Without `public_url` the pages are found where Muster listens."""

    listen: str = "127.0.0.1:8080"
    public_url: WebUrl = ""
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()

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
        return is_public_host(urlsplit(self.base_url).hostname or "")

    @property
    def is_local(self) -> bool:
        """Whether links open on this machine alone, or nowhere."""
        return is_local_host(urlsplit(self.base_url).hostname or "")


def is_local_host(host: str) -> bool:
    """Whether every machine means itself by it, or none."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_unspecified


def is_public_host(host: str) -> bool:
    """Whether the whole internet could see it."""
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".lan", ".internal", ".localhost", ".home.arpa"))


class Retention(Section):
    """`[retention]`. Cybersecurity Law art. 21(3): logs are kept for at least six months.

    `headcount_days`: who was where, by name, is destroyed this long after the all-clear (Emergency Response Law
    art. 84-85), unless somebody holds it with a reason.
    """

    audit_days: Annotated[int, Field(ge=180, le=36500)] = 180
    headcount_days: Annotated[int, Field(ge=0, le=365)] = 7


class Escalation(Section):
    """`[escalation]`, seconds: until more people are rung, until a missing commander is told (again)."""

    acknowledge_s: Annotated[int, Field(ge=1, le=3600)] = 60
    commander_s: Annotated[int, Field(ge=1, le=3600)] = 120
    nudges: Annotated[int, Field(ge=0, le=50)] = 5


class Evacuation(Section):
    """`[evacuation]`, seconds. The target is the drill guide's two minutes (教基一厅〔2014〕2号)."""

    target_s: Annotated[int, Field(ge=10, le=3600)] = 120
    chase_s: Annotated[int, Field(ge=10, le=3600)] = 120
    call_s: Annotated[int, Field(ge=10, le=3600)] = 60


class Plans(Section):
    """`[plans]`. A file in `folder` takes the place of the ready-made plan of its kind."""

    folder: str = ""
    accept_s: Annotated[int, Field(ge=10, le=3600)] = 120


class Reports(Section):
    """`[reports]`: by when the authorities hear. What is left out is the district's."""

    district: Literal["strictest", "beijing", "shanghai", "ningbo", "zhengzhou", "luoyang", "production"] = (
        "strictest"
    )
    first_minutes: Annotated[int | None, Field(ge=1, le=10_080)] = None
    follow_hours: Annotated[int | None, Field(ge=1, le=720)] = None
    final_days: Annotated[int | None, Field(ge=1, le=365)] = None


class AgencyEntry(Entry):
    """One of `[[agencies]]`; what is left out stays as the ready-made agency of this id has it."""

    name: OptionalName = ""
    name_en: OptionalName = ""
    number: OptionalName = ""
    contact: OptionalName = ""
    needs: OptionalName = ""
    needs_en: OptionalName = ""


class Heartbeat(Section):
    """`[heartbeat]`. The address often is a secret by itself."""

    url: Annotated[WebUrl, Field(repr=False), Hidden()] = ""


class AfterAction(Section):
    """`[after_action]`. `language` of what is printed; after `deputies_after_h` hours the deputies are asked as well.

    `situation_min`: so often the principal reads how a running incident stands.
    """

    language: Literal["reader", "zh_Hans", "en", "both"] = "reader"
    deputies_after_h: Annotated[int, Field(ge=1, le=720)] = 24
    situation_min: Annotated[int, Field(ge=1, le=1440)] = 30


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# A time of day, or "" for never.
_TimeOrNever = Annotated[time | None, BeforeValidator(none_if_empty)]


class Digest(Section):
    """`[digest]`: when the principal reads what, in the school's time, and who else does (`also`: staff numbers)."""

    morning: _TimeOrNever = time(7, 30)
    evening: _TimeOrNever = time(18, 0)
    weekly: _TimeOrNever = time(16, 0)
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "friday"
    also: tuple[str, ...] = ()
    drill_days: Annotated[int, Field(ge=7, le=366)] = 31


class Settings(Section):
    """All of `school.toml`."""

    school: School
    telegram: Telegram
    database: Database = Field(default_factory=Database)
    web: Web = Web()
    assembly_points: tuple[PointEntry, ...] = ()
    zones: tuple[ZoneEntry, ...] = ()
    cameras: tuple[CameraEntry, ...] = ()
    recorders: tuple[RecorderEntry, ...] = ()
    alert_sources: tuple[AlertSourceEntry, ...] = ()
    camera_policy: CameraPolicy = CameraPolicy()
    retention: Retention = Retention()
    escalation: Escalation = Escalation()
    evacuation: Evacuation = Evacuation()
    channels: tuple[ChannelEntry, ...] = ()
    delivery: Delivery = Delivery()
    announcements: Announcements = Announcements()
    plans: Plans = Plans()
    agencies: tuple[AgencyEntry, ...] = ()
    reports: Reports = Reports()
    heartbeat: Heartbeat = Heartbeat()
    after_action: AfterAction = AfterAction()
    digest: Digest = Digest()
    readiness: Readiness = Readiness()
    on_scene: OnScene = OnScene()
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

    @property
    def data_folder(self) -> Path:
        """Where pictures, keys and a SQLite database lie; with PostgreSQL, `var` beside the settings."""
        file = self.database.file
        return self.folder / "var" if file is None else file.parent

    def path_of(self, told: str) -> Path:
        """A file that the settings name; relative ones start at the folder."""
        return self.folder / told

    def campus(self) -> Campus:
        """The school's places."""
        return Campus(
            zones={zone.id: zone.zone() for zone in self.zones},
            assembly_points={
                point.id: AssemblyPoint(point.id, Name(point.name, point.name_en), point.way_url)
                for point in self.assembly_points
            },
            spot=spot_of(self.school.location),
        )
