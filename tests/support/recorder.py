"""A recorder like Hikvision's: searched by ISAPI behind a digest login, its own local time marked as UTC."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.footage import Span

USER, PASSWORD, REALM = "admin", "s3cret", "DS-7616N"
ZONE = ZoneInfo("Asia/Shanghai")
MATCH = (
    "<searchMatchItem><sourceID>{{0}}</sourceID><trackID>{track}</trackID><timeSpan>"
    "<startTime>{begin}</startTime><endTime>{end}</endTime></timeSpan><mediaSegmentDescriptor>"
    "<contentType>video</contentType><playbackURI>rtsp://192.168.254.1/Streaming/tracks/{track}/?starttime={begin}"
    "&amp;name=00000000001000000&amp;size=1048576</playbackURI></mediaSegmentDescriptor></searchMatchItem>"
)
RESULT = (
    '<?xml version="1.0" encoding="UTF-8"?><CMSearchResult version="2.0" '
    'xmlns="http://www.hikvision.com/ver20/XMLSchema"><responseStatus>true</responseStatus>'
    "<responseStatusStrg>{status}</responseStatusStrg><numOfMatches>{number}</numOfMatches>"
    "<matchList>{matches}</matchList></CMSearchResult>"
)


def hours(begin: datetime, end: datetime) -> list[Span]:
    """Files of an hour, a second apart."""
    found = []
    while begin < end:
        until = min(begin + timedelta(hours=1), end)
        found.append(Span(begin, until - timedelta(seconds=1)))
        begin = until
    return found


@dataclass
class FakeRecorder:
    """`files` by track (`101` is channel 1). `broken`: what it answers instead."""

    files: dict[str, list[Span]]
    asked: list[str] = field(default_factory=list)
    broken: web.Response | None = None
    is_local_time: bool = True
    clock_ahead: timedelta = timedelta()
    url: str = ""

    async def search(self, request: web.Request) -> web.Response:
        if self._is_stranger(request):
            asked = f'Digest qop="auth", realm="{REALM}", nonce="4e4449", algorithm=MD5'
            return web.Response(status=401, headers={"WWW-Authenticate": asked})
        body = await request.text()
        self.asked.append(body)
        if self.broken is not None:
            return self.broken
        return web.Response(text=self._answer(body), content_type="application/xml")

    async def time(self, request: web.Request) -> web.Response:
        if self._is_stranger(request):
            asked = f'Digest qop="auth", realm="{REALM}", nonce="4e4449", algorithm=MD5'
            return web.Response(status=401, headers={"WWW-Authenticate": asked})
        now = (datetime.now(ZONE) + self.clock_ahead).isoformat(timespec="seconds")
        told = f"<Time version='2.0' xmlns='http://www.hikvision.com/ver20/XMLSchema'><localTime>{now}</localTime></Time>"
        return web.Response(text=told, content_type="application/xml")

    def _answer(self, body: str) -> str:
        said = dict(re.findall(r"<(trackID|startTime|endTime|maxResults|searchResultPostion)>([^<]*)<", body))
        wanted = Span(self._read(said["startTime"]), self._read(said["endTime"]))
        found = [
            one
            for one in self.files.get(said["trackID"], [])
            if one.end > wanted.begin and one.begin < wanted.end
        ]
        position, most = int(said["searchResultPostion"]), int(said["maxResults"])
        page, left = found[position : position + most], found[position + most :]
        status = "MORE" if left else "OK" if found else "NO MATCHES"
        matches = "".join(
            MATCH.format(track=said["trackID"], begin=self._told(one.begin), end=self._told(one.end))
            for one in page
        )
        return RESULT.format(status=status, number=len(page), matches=matches)

    def _read(self, text: str) -> datetime:
        zone = ZONE if self.is_local_time else ZoneInfo("UTC")
        return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=zone)

    def _told(self, moment: datetime) -> str:
        zone = ZONE if self.is_local_time else ZoneInfo("UTC")
        return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _is_stranger(self, request: web.Request) -> bool:
        told = dict(re.findall(r'(\w+)="?([^",]+)"?', request.headers.get("Authorization", "")))
        if not told:
            return True

        def md5(text: str) -> str:
            return hashlib.md5(text.encode()).hexdigest()

        secret = md5(f"{USER}:{REALM}:{PASSWORD}")
        what = md5(f"{request.method}:{request.path_qs}")
        return told["response"] != md5(
            f"{secret}:{told['nonce']}:{told['nc']}:{told['cnonce']}:{told['qop']}:{what}"
        )


@asynccontextmanager
async def fake_recorder(files: dict[str, list[Span]], **given: object) -> AsyncIterator[FakeRecorder]:
    """It runs; `url` is where."""
    recorder = FakeRecorder(files, **given)
    app = web.Application()
    app.router.add_post("/ISAPI/ContentMgmt/search", recorder.search)
    app.router.add_get("/ISAPI/System/time", recorder.time)
    async with TestServer(app, host="127.0.0.1") as server:
        recorder.url = str(server.make_url("")).rstrip("/")
        yield recorder
