"""Hikvision ISAPI: a camera's own path first, then the path by which a recorder (NVR) hands on its channels.

Recorders answer 400 badXmlContent to the first (pyHik #119, hikvision_next #176, #183), and 503 while busy.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from bot.domain.camera import Camera, Frame
from bot.errors import NoPictureError
from integrations.cameras.driver import Reach
from integrations.cameras.jpeg import take_from

CAMERA_PATH: Final = "/ISAPI/Streaming/channels/{channel}/picture"
RECORDER_PATH: Final = "/ISAPI/ContentMgmt/StreamingProxy/channels/{channel}/picture"
FIRST_CHANNEL: Final = "101"
"""Channel 1, main stream."""

_CHANNEL = re.compile(r"/channels/(\d{1,6})/picture$", re.ASCII)


async def take(camera: Camera, reach: Reach) -> Frame:
    """`snapshot_url` is the full path or only the host: then its first channel is meant."""
    try:
        return await take_from(camera, _url(camera.snapshot_url, CAMERA_PATH), reach)
    except NoPictureError:
        return await take_from(camera, _url(camera.snapshot_url, RECORDER_PATH), reach)


def _url(url: str, path: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url  # the guard says what is wrong with it
    found = _CHANNEL.search(parts.path)
    return parts._replace(path=path.format(channel=found[1] if found else FIRST_CHANNEL)).geturl()
