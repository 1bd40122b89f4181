"""Every way to a picture, by the word that `driver` of a camera may be in school.toml."""

from __future__ import annotations

from integrations.cameras import file, isapi, jpeg, mjpeg, onvif, rtsp
from integrations.cameras.driver import Driver

DRIVERS: dict[str, Driver] = {
    "jpeg": jpeg.take,
    "mjpeg": mjpeg.take,
    "isapi": isapi.take,
    "onvif": onvif.take,
    "rtsp": rtsp.take,
    "file": file.take,
}
