"""`[[cameras]]` and `[camera_policy]`: where pictures come from, what in them is hidden, and how long they stay."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from bot.config.fields import (
    Hidden,
    OptionalName,
    PictureUrl,
    RequiredName,
    StreamUrl,
    as_list,
    flawed,
    none_if_empty,
)
from bot.config.problems import Flaw
from bot.config.section import Entry, Section
from bot.domain.camera import Camera, Polygon
from bot.domain.place import Name
from bot.domain.roster import Role

MAX_DELETE_AFTER_S: Final = 172_800
"""Bot API, deleteMessage: a message can be deleted only for 48 hours."""
_CORNERS: Final = 3
_SHA256 = re.compile(r"[0-9a-fA-F]{64}|")

Driver = Literal["jpeg", "mjpeg", "isapi", "onvif", "rtsp", "file"]


def _masks(value: Any) -> Any:
    if not isinstance(value, list | tuple) or not all(_is_polygon(polygon) for polygon in value):
        raise flawed(Flaw.BAD_MASK)
    return value


def _is_polygon(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) >= _CORNERS and all(map(_is_corner, value))


def _is_corner(value: Any) -> bool:
    is_pair = isinstance(value, list | tuple) and len(value) == 2  # noqa: PLR2004 - x and y
    return is_pair and all(type(part) in (int, float) and 0 <= part <= 1 for part in value)


class CameraEntry(Entry):
    """One of `[[cameras]]`. A login in `username` and `password` keeps it out of the urls."""

    zone: str
    name: RequiredName
    name_en: OptionalName = ""
    driver: Driver | None = None
    snapshot_url: PictureUrl = ""
    stream_url: StreamUrl = ""
    username: Annotated[str, Field(repr=False)] = ""
    password: Annotated[SecretStr | None, BeforeValidator(none_if_empty), Hidden()] = None
    masks: Annotated[tuple[Polygon, ...], BeforeValidator(_masks)] = ()
    stale_s: Annotated[int, Field(ge=1, le=300)] = 10
    retention_days: Annotated[int, Field(ge=1, le=3650)] = 30
    filed_on: date | None = None
    in_use_since: date | None = None
    watched: bool = True
    recorder: Annotated[str | None, BeforeValidator(none_if_empty)] = None
    recorder_channel: Annotated[int, Field(ge=1, le=999)] = 1
    recorded: Literal["always", "movement"] = "always"

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        if not self.snapshot_url and not self.stream_url:
            raise flawed(Flaw.NO_PICTURE_URL)
        return self

    @property
    def chosen_driver(self) -> Driver:
        """The one that is set, else what the addresses look like."""
        if self.driver is not None:
            return self.driver
        if not self.snapshot_url:
            return "rtsp" if urlsplit(self.stream_url).scheme in {"rtsp", "rtsps"} else "mjpeg"
        if self.snapshot_url.startswith("/"):
            return "file"
        return "isapi" if "/isapi/" in self.snapshot_url.casefold() else "jpeg"

    def camera(self) -> Camera:
        """For those who fetch and mask pictures. A stream over HTTP is fetched, like a picture, by its driver."""
        is_http = urlsplit(self.stream_url).scheme in {"http", "https"}
        return Camera(
            id=self.id,
            zone=self.zone,
            name=Name(self.name, self.name_en),
            snapshot_url=self.snapshot_url or (self.stream_url if is_http else ""),
            stream_url="" if is_http else self.stream_url,
            driver=self.chosen_driver,
            username=self.username,
            password=self.password.get_secret_value() if self.password else "",
            retention_days=self.retention_days,
            stale_after_s=float(self.stale_s),
            masks=self.masks,
        )


class CameraPolicy(Section):
    """`[camera_policy]`. `page`: a one-time link; `chat`: the picture in the private chat.

    `allow_hosts` empty: the hosts of the cameras' own addresses.
    """

    deliver: Literal["page", "chat"] = "page"
    allow_hosts: Annotated[tuple[str, ...], BeforeValidator(as_list)] = ()
    delete_after_s: Annotated[int, Field(ge=60, le=MAX_DELETE_AFTER_S)] = 3600
    protect: bool = True
    watch_every_s: Annotated[int, Field(ge=2, le=60)] = 10
    watch_for_s: Annotated[int, Field(ge=10, le=600)] = 120
    faces: Literal["shown", "pixelated"] = "pixelated"
    faces_shown_to: Annotated[tuple[Role, ...], BeforeValidator(as_list)] = ()
    face_model: str = ""
    face_model_sha256: str = ""
    key_file: RequiredName = "var/picture.key"
    disk_budget_mb: Annotated[int, Field(ge=100, le=10_000_000)] = 2000
    probe_every_s: Annotated[int, Field(ge=10, le=3600)] = 60

    @field_validator("face_model_sha256")
    @classmethod
    def _is_hash(cls, value: str) -> str:
        if not _SHA256.fullmatch(value):
            raise flawed(Flaw.BAD_SHA256)
        return value.lower()

    @model_validator(mode="after")
    def _model_has_its_hash(self) -> Self:
        if bool(self.face_model) != bool(self.face_model_sha256):
            raise flawed(Flaw.MODEL_WITHOUT_HASH)
        return self
