"""ONVIF against a SOAP server of our own: clocks that differ, addresses that lead elsewhere, garbage."""

from __future__ import annotations

import base64
import hashlib
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.demo.scenes import draw
from bot.errors import CameraError, CameraRefusedError, NoPictureError
from integrations.cameras import onvif
from tests.integrations.cameras.conftest import gate, source

TT = 'xmlns:tt="http://www.onvif.org/ver10/schema"'
TRT = 'xmlns:trt="http://www.onvif.org/ver10/media/wsdl"'
USER, PASSWORD = "muster", 'p<"&äß'
HOUR = timedelta(hours=1)


class Onvif:
    """A camera whose clock is `ahead`; it names itself by an address that only it knows."""

    def __init__(self, ahead=timedelta()) -> None:
        self.ahead = ahead
        self.asked: list[str] = []
        self.change: dict[str, str] = {}
        self.picture = draw("gate", 1.0)
        self.picture_path = "/snap.jpg"

    def now(self):
        return datetime.now(UTC) + self.ahead

    async def soap(self, request):
        body = (await request.read()).decode()
        asked = re.search(r"<s:Body><(\w+)", body)[1]
        self.asked.append(asked)
        if asked != "GetSystemDateAndTime" and not self.is_let_in(body):
            return web.Response(status=401)
        content = self.change.get(asked) or getattr(self, asked)()
        text = f'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>{content}</e:Body></e:Envelope>'
        return web.Response(text=text, content_type="application/soap+xml")

    def is_let_in(self, body):
        """As a camera does: right digest, and `Created` within five seconds of its own clock."""
        found = {
            name: re.search(rf"<{name}(?: [^>]*)?>([^<]*)<", body)[1]
            for name in ("Username", "Password", "Nonce", "Created")
        }
        created = datetime.strptime(found["Created"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        digest = hashlib.sha1(
            base64.b64decode(found["Nonce"]) + found["Created"].encode() + PASSWORD.encode()
        ).digest()
        is_timely = abs((self.now() - created).total_seconds()) <= 5
        return is_timely and found["Username"] == USER and base64.b64decode(found["Password"]) == digest

    def GetSystemDateAndTime(self):  # noqa: N802 - ONVIF's own names
        now = self.now()
        return (
            f"<GetSystemDateAndTimeResponse {TT}><SystemDateAndTime><tt:UTCDateTime>"
            f"<tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute><tt:Second>{now.second}</tt:Second></tt:Time>"
            f"<tt:Date><tt:Year>{now.year}</tt:Year><tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date>"
            "</tt:UTCDateTime></SystemDateAndTime></GetSystemDateAndTimeResponse>"
        )

    def GetCapabilities(self):  # noqa: N802
        return f"<Capabilities {TT}><tt:Media><tt:XAddr>http://192.0.2.7:{self.port}/onvif/Media</tt:XAddr></tt:Media></Capabilities>"

    def GetProfiles(self):  # noqa: N802
        profiles = '<trt:Profiles token="main&amp;1"/><trt:Profiles token="sub"/>'
        return f"<trt:GetProfilesResponse {TRT}>{profiles}</trt:GetProfilesResponse>"

    def GetSnapshotUri(self):  # noqa: N802
        return f"<MediaUri {TT}><tt:Uri> http://192.0.2.7:{self.port}{self.picture_path} </tt:Uri></MediaUri>"

    async def snapshot(self, request):
        self.asked.append(request.path)
        return web.Response(body=self.picture, content_type="image/jpeg")


@asynccontextmanager
async def onvif_at(camera_side: Onvif, *, password=PASSWORD, path=""):
    site = web.Application()
    site.router.add_post("/onvif/{service}", camera_side.soap)
    site.router.add_get("/snap.jpg", camera_side.snapshot)
    async with TestServer(site, host="127.0.0.1") as server:
        camera_side.port = server.port
        url = f"http://127.0.0.1:{server.port}{path}"
        camera = gate(snapshot_url=url, driver="onvif", username=USER, password=password)
        async with source(camera) as cameras:
            yield cameras, camera


WHOLE_WAY = ["GetSystemDateAndTime", "GetCapabilities", "GetProfiles", "GetSnapshotUri", "/snap.jpg"]


@pytest.mark.parametrize("ahead", [timedelta(), HOUR, -9 * HOUR, timedelta(days=-365 * 26)])
@pytest.mark.parametrize("path", ["", "/", "/onvif/device_service"])
async def test_the_picture_is_found_whatever_the_cameras_clock_says(ahead, path):
    camera_side = Onvif(ahead)
    async with onvif_at(camera_side, path=path) as (cameras, camera):
        frame = await cameras.grab(camera, deadline_s=10)
    assert frame.data == camera_side.picture
    assert camera_side.asked == WHOLE_WAY


async def test_it_is_asked_for_once_until_it_fails():
    camera_side = Onvif()
    async with onvif_at(camera_side) as (cameras, camera):
        reach = cameras._reach
        await onvif.take(camera, reach)
        await onvif.take(camera, reach)
        assert camera_side.asked == [*WHOLE_WAY, "/snap.jpg"]
        whole, camera_side.picture = camera_side.picture, b"gone"
        with pytest.raises(NoPictureError):
            await onvif.take(camera, reach)
        camera_side.picture = whole
        await onvif.take(camera, reach)
    assert camera_side.asked[-5:] == WHOLE_WAY


async def test_a_wrong_password_is_said_to_be_one():
    async with onvif_at(Onvif(), password="guess") as (cameras, camera):
        with pytest.raises(CameraRefusedError):
            await cameras.grab(camera, deadline_s=10)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("GetSystemDateAndTime", "<broken"),
        ("GetCapabilities", "<!-- -->]]>"),
        ("GetProfiles", "<none/>"),
        ("GetSnapshotUri", "<none/>"),
        ("GetSnapshotUri", f"<a {TT}><tt:Uri>http://[oops/</tt:Uri></a>"),
        ("GetSnapshotUri", f"<a {TT}><tt:Uri>file:///etc/passwd</tt:Uri></a>"),
        ("GetProfiles", "<x>" * 100_000),
    ],
)
async def test_garbage_gives_no_picture_and_harms_nothing(asked, answer):
    camera_side = Onvif()
    camera_side.change[asked] = answer
    async with onvif_at(camera_side) as (cameras, camera):
        with pytest.raises(CameraError) as raised:
            await cameras.grab(camera, deadline_s=10)
    assert "://" not in str(raised.value)


async def test_an_entity_bomb_is_not_read():
    camera_side = Onvif()
    camera_side.change["GetProfiles"] = "&a;"
    async with onvif_at(camera_side) as (cameras, camera):
        with pytest.raises(NoPictureError):
            await cameras.grab(camera, deadline_s=10)
