"""`[[recorders]]`: the NVRs that keep the cameras' video."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from bot.config.fields import Hidden, WebUrl, none_if_empty, not_empty
from bot.config.section import Entry
from bot.domain.footage import Recorder


class RecorderEntry(Entry):
    """One of `[[recorders]]`. `url`: its web address; a login in `username` and `password` keeps it out of there.

    `times`: what the recorder means by the times that it marks as UTC; `local` is what most do.
    """

    driver: Literal["isapi"] = "isapi"
    url: Annotated[WebUrl, AfterValidator(not_empty), Field(repr=False), Hidden()]
    username: Annotated[str, Field(repr=False)] = ""
    password: Annotated[SecretStr | None, BeforeValidator(none_if_empty), Hidden()] = None
    rtsp_port: Annotated[int, Field(ge=1, le=65535)] = 554
    times: Literal["local", "utc"] = "local"

    def recorder(self, zone: ZoneInfo) -> Recorder:
        """For those who ask it."""
        return Recorder(
            id=self.id,
            url=self.url,
            zone=zone,
            rtsp_port=self.rtsp_port,
            username=self.username,
            password=self.password.get_secret_value() if self.password else "",
            is_local_time=self.times == "local",
        )
