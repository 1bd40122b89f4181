"""Cameras that speak HTTP, well and badly."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from bot.domain.place import Name, Zone
from bot.errors import (
    CameraBusyError,
    CameraForbiddenError,
    CameraRefusedError,
    CameraUnreachableError,
    NoPictureError,
    StalePictureError,
)
from bot.ports import utc_now
from tests.integrations.cameras.conftest import camera_at, gate, silent_server, source
from tests.support.footage import jpeg, size

PICTURE = jpeg()
REALM = "IP Camera(C1234)"


def answering(body: bytes = PICTURE, *, kind: str = "image/jpeg", status: int = 200, **headers):
    async def handler(request):
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=body, content_type=kind, status=status, headers=told)

    return handler


def digest_camera(served: dict[str, bytes], *, password: str = "s3cret"):
    """What a Hikvision asks for: RFC 7616 with MD5, and qop."""

    async def handler(request):
        told = dict(re.findall(r'(\w+)="?([^",]+)"?', request.headers.get("Authorization", "")))
        if told.get("response") != _response(told, request, password):
            asked = f'Digest qop="auth", realm="{REALM}", nonce="4e4449", algorithm=MD5'
            return web.Response(status=401, headers={"WWW-Authenticate": asked})
        if request.path not in served:
            return web.Response(status=400, text="<statusString>badXmlContent</statusString>")
        return web.Response(body=served[request.path], content_type="image/jpeg")

    return handler


def _response(told, request, password) -> str:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    if not told:
        return "none"
    secret, what = md5(f"admin:{REALM}:{password}"), md5(f"GET:{request.path_qs}")
    return md5(f"{secret}:{told['nonce']}:{told['nc']}:{told['cnonce']}:{told['qop']}:{what}")


async def test_a_picture_arrives_byte_for_byte_with_its_time_and_hash():
    async with camera_at(answering()) as (cameras, camera):
        before = utc_now()
        frame = await cameras.grab(camera, deadline_s=3)
        assert frame.data == PICTURE
        assert frame.is_original
        assert frame.sha256 == hashlib.sha256(PICTURE).hexdigest()
        assert before - timedelta(seconds=1) <= frame.captured_at <= utc_now()


async def test_a_hikvision_asks_for_digest_and_gets_it():
    served = {"/ISAPI/Streaming/channels/201/picture": PICTURE}
    login = {"username": "admin", "password": "s3cret"}
    async with camera_at(digest_camera(served), driver="isapi", **login) as (cameras, camera):
        url = camera.snapshot_url.replace("/picture", "/ISAPI/Streaming/channels/201/picture")
        second = gate(snapshot_url=url, driver="isapi", **login)
        assert (await cameras.grab(second, deadline_s=3)).data == PICTURE


async def test_a_recorder_that_answers_400_is_asked_by_its_own_path():
    served = {"/ISAPI/ContentMgmt/StreamingProxy/channels/101/picture": PICTURE}
    login = {"username": "admin", "password": "s3cret"}
    async with camera_at(digest_camera(served), driver="isapi", **login) as (cameras, camera):
        assert (await cameras.grab(camera, deadline_s=3)).data == PICTURE


async def test_a_wrong_password_is_tried_three_times_and_then_left_alone_for_minutes():
    seen = []
    asked = digest_camera({}, password="another")

    async def handler(request):
        seen.append(request.path)
        return await asked(request)

    async with camera_at(handler, username="admin", password="s3cret") as (cameras, camera):
        for _ in range(6):
            with pytest.raises(CameraRefusedError) as refused:
                await cameras.grab(camera, deadline_s=3)
        assert "s3cret" not in str(refused.value)
        assert "left alone" in str(refused.value)
    assert len(seen) <= 3 * 3


async def test_basic_login_is_given_only_to_who_asks_for_it():
    seen = []

    async def handler(request):
        seen.append(request.headers.get("Authorization"))
        if seen[-1] is None:
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="camera"'})
        return web.Response(body=PICTURE, content_type="image/jpeg")

    async with camera_at(handler, username="admin", password="pass") as (cameras, camera):
        await cameras.grab(camera, deadline_s=3)
    assert seen == [None, "Basic YWRtaW46cGFzcw=="]


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (answering(b"<html>no</html>", kind="text/html"), NoPictureError),
        (answering(PICTURE, kind="text/plain"), NoPictureError),
        (answering(b"\x00garbage" * 999), NoPictureError),
        (answering(PICTURE[: len(PICTURE) // 2]), NoPictureError),
        (answering(b""), NoPictureError),
        (answering(b"\xff\xd8\xff\xda\x00\x02\xff\xd9"), NoPictureError),
        (answering(status=404), NoPictureError),
        (answering(status=500), NoPictureError),
        (answering(status=403), CameraRefusedError),
        (answering(status=503), CameraBusyError),
        (answering(status=302, Location="http://127.0.0.1:1/"), CameraForbiddenError),
        (answering(Last_Modified="Mon, 23 Nov 2020 10:00:00 GMT"), StalePictureError),
        (answering(Age="3600"), StalePictureError),
    ],
    ids=[
        "html",
        "type",
        "garbage",
        "cut",
        "empty",
        "sizeless",
        "404",
        "500",
        "403",
        "503",
        "302",
        "old",
        "age",
    ],
)
async def test_what_is_no_picture_of_now_is_refused_by_its_own_name(handler, error):
    async with camera_at(handler) as (cameras, camera):
        with pytest.raises(error):
            await cameras.grab(camera, deadline_s=3)


async def test_a_tiny_file_that_claims_four_thousand_million_pixels_is_refused():
    head = PICTURE.index(b"\xff\xc0")
    bomb = PICTURE[: head + 5] + b"\xff\xff\xff\xff" + PICTURE[head + 9 :]
    async with camera_at(answering(bomb)) as (cameras, camera):
        with pytest.raises(NoPictureError, match="65535"):
            await cameras.grab(camera, deadline_s=3)


@pytest.mark.parametrize("is_announced", [True, False])
async def test_a_jpeg_of_50_mb_is_given_up_at_the_cap(is_announced):
    sent = []

    async def handler(request):
        answer = web.StreamResponse(headers={"Content-Type": "image/jpeg"})
        if is_announced:
            answer.content_length = 50_000_000
        await answer.prepare(request)
        try:
            await answer.write(b"\xff\xd8\xff")
            for _ in range(500):
                await answer.write(b"x" * 100_000)
                sent.append(1)
        except ConnectionError:
            pass
        return answer

    async with camera_at(handler) as (cameras, camera):
        with pytest.raises(NoPictureError, match="8388608"):
            await cameras.grab(camera, deadline_s=5)
    assert len(sent) < 150


async def test_a_camera_that_accepts_and_never_answers_costs_its_deadline_and_no_more():
    async with silent_server() as port:
        camera = gate(snapshot_url=f"http://127.0.0.1:{port}/")
        async with source(camera) as cameras, asyncio.timeout(10):
            with pytest.raises(CameraUnreachableError):
                await cameras.grab(camera, deadline_s=0.5)


@pytest.mark.parametrize("driver", ["jpeg", "mjpeg"])
async def test_a_camera_that_stalls_in_the_middle_costs_its_deadline(driver):
    kind = {"jpeg": "image/jpeg", "mjpeg": "multipart/x-mixed-replace; boundary=b"}[driver]

    async def handler(request):
        answer = web.StreamResponse(headers={"Content-Type": kind})
        await answer.prepare(request)
        await answer.write(b"--b\r\n\r\n" + PICTURE[:500])
        await asyncio.sleep(2)
        return answer

    async with camera_at(handler, driver=driver) as (cameras, camera):
        with pytest.raises(CameraUnreachableError):
            await cameras.grab(camera, deadline_s=0.4)


@pytest.mark.parametrize("has_length", [True, False])
@pytest.mark.parametrize("written", ["frame", "--frame"])
async def test_the_first_whole_picture_of_a_motion_jpeg_is_taken(has_length, written):
    async def handler(request):
        kind = f"multipart/x-mixed-replace; boundary={written}"
        answer = web.StreamResponse(headers={"Content-Type": kind})
        await answer.prepare(request)
        length = f"Content-Length: {len(PICTURE)}\r\n" if has_length else ""
        for _ in range(3):
            part = f"--frame\r\nContent-Type: image/jpeg\r\n{length}\r\n".encode() + PICTURE + b"\r\n"
            for at in range(0, len(part), 999):
                await answer.write(part[at : at + 999])
        return answer

    async with camera_at(handler, driver="mjpeg") as (cameras, camera):
        frame = await cameras.grab(camera, deadline_s=3)
        assert frame.data == PICTURE
        assert size(frame.data) == (640, 360)


async def test_a_motion_jpeg_that_ends_early_brings_nothing():
    handler = answering(b"--b\r\n\r\n" + PICTURE[:99], kind="multipart/x-mixed-replace")
    async with camera_at(handler, driver="mjpeg") as (cameras, camera):
        with pytest.raises(CameraUnreachableError):
            await cameras.grab(camera, deadline_s=3)


async def test_a_lagging_date_makes_a_picture_older_and_a_hurrying_one_never_younger():
    for shift, is_stale in ((-3600, True), (3600, False)):
        told = format_datetime(utc_now() + timedelta(seconds=shift), usegmt=True)
        async with camera_at(answering(Date=told)) as (cameras, camera):
            if is_stale:
                with pytest.raises(StalePictureError):
                    await cameras.grab(camera, deadline_s=3)
            else:
                assert (await cameras.grab(camera, deadline_s=3)).captured_at <= utc_now()


async def test_ten_who_ask_at_once_get_one_picture_from_one_request():
    seen = []

    async def handler(request):
        seen.append(request)
        await asyncio.sleep(0.1)
        return web.Response(body=PICTURE, content_type="image/jpeg")

    async with camera_at(handler) as (cameras, camera):
        frames = await asyncio.gather(*(cameras.grab(camera, deadline_s=3) for _ in range(10)))
        assert len({id(frame) for frame in frames}) == 1
    assert len(seen) == 1


async def test_who_stops_waiting_takes_nothing_from_those_who_still_wait():
    async def handler(request):
        await asyncio.sleep(0.2)
        return web.Response(body=PICTURE, content_type="image/jpeg")

    async with camera_at(handler) as (cameras, camera):
        first = asyncio.create_task(cameras.grab(camera, deadline_s=3))
        second = asyncio.create_task(cameras.grab(camera, deadline_s=3))
        await asyncio.sleep(0.05)
        first.cancel()
        assert (await second).data == PICTURE


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.2/picture",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://127.0.0.1@127.0.0.2/",
        "http://127.0.0.1\\@127.0.0.2/",
        "http://[::1",
        "http:///picture",
    ],
)
async def test_a_url_outside_the_list_is_never_opened_and_not_repeated(url):
    known, camera = gate(snapshot_url="http://127.0.0.1/"), gate(snapshot_url=url)
    async with source(known) as cameras:
        with pytest.raises(CameraForbiddenError) as forbidden:
            await cameras.grab(camera, deadline_s=1)
    assert url not in str(forbidden.value)


def test_a_camera_shows_neither_login_nor_url_when_it_is_printed():
    camera = gate(snapshot_url="http://admin:s3cret@10.0.0.5/", username="root", password="hunter2")
    assert not any(word in repr(camera) for word in ("s3cret", "hunter2", "10.0.0.5"))


@pytest.mark.parametrize("zone", [Zone("gate", Name("浴室"), "bathroom", None), None])
async def test_no_frame_is_opened_in_a_private_or_unknown_place(zone):
    asked = []

    async def handler(request):
        asked.append(request.path)
        return web.Response(body=PICTURE, content_type="image/jpeg")

    async with camera_at(handler) as (_, known):
        camera = replace(known, stream_url=known.snapshot_url.replace("http", "rtsp"))
        zones = {zone.id: zone} if zone else {}
        async with source(camera, zones=zones) as cameras:
            with pytest.raises(CameraForbiddenError):
                await cameras.grab(camera, deadline_s=3)
            with pytest.raises(CameraForbiddenError):
                await cameras.warm.keep_only([camera])
            assert cameras.warm.find(camera) is None
    assert asked == []


async def test_named_hosts_are_the_only_ones():
    async def handler(request):
        return web.Response(body=PICTURE, content_type="image/jpeg")

    async with camera_at(handler) as (_, camera):
        async with source(camera, hosts=("10.0.0.5",)) as cameras:
            with pytest.raises(CameraForbiddenError):
                await cameras.grab(camera, deadline_s=3)
        async with source(camera, hosts=("127.0.0.1",)) as cameras:
            assert (await cameras.grab(camera, deadline_s=3)).data == PICTURE
