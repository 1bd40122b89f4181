"""Group robots against servers that check what they get."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import urllib.parse

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.errors import (
    BrokenOffError,
    RejectedError,
    RetryAfterError,
    ServerFaultError,
    UncertainError,
    UnreachableError,
)
from integrations.channels import CHANNELS, ChannelSettings, http
from tests.integrations.channels.bulletins import EN, NOW, ZH, bulletin
from tests.support.receivers import robot

SECRET = "SEC0f1e2d3c4b5a"
ROBOTS = ["wecom", "dingtalk", "feishu"]


def channel(kind: str, url: str, *secrets: str):
    return CHANNELS[kind](ChannelSettings("group", url=url, secrets=secrets), lambda: NOW)


async def send(kind: str, url: str, *secrets: str, what=None) -> None:
    one = channel(kind, url, *secrets)
    try:
        for n, payload in enumerate(one.payloads(what or bulletin())):
            await one.post(payload, key=f"d-17-{n}")
    finally:
        await one.close()


async def test_wecom_gets_plain_text_in_both_languages():
    async with robot() as server:
        await send("wecom", server.url)
    [request] = server.requests
    assert request.query["key"] == "the-robots-own-key"
    assert request.json == {
        "msgtype": "text",
        "text": {"content": f"{ZH.title}\n{ZH.text}\n\n{EN.title}\n{EN.text}"},
    }


async def test_dingtalk_s_signature_is_the_documented_one():
    async with robot() as server:
        await send("dingtalk", server.url, SECRET)
    [request] = server.requests
    # written anew from DingTalk's page: key = secret, message = "{ms}\n{secret}", base64
    timestamp = request.query["timestamp"]
    mac = hmac.new(SECRET.encode("utf-8"), digestmod=hashlib.sha256)
    mac.update(timestamp.encode("utf-8"))
    mac.update(b"\n")
    mac.update(SECRET.encode("utf-8"))
    assert request.query["sign"] == base64.standard_b64encode(mac.digest()).decode("ascii")
    assert int(timestamp) == NOW.timestamp() * 1000
    assert request.json["at"] == {"isAtAll": False}


async def test_dingtalk_s_signature_survives_the_address():
    """A + or / in it must come out again as it went in."""
    signs = set()
    for n in range(40):
        async with robot() as server:
            await send("dingtalk", server.url, f"{SECRET}{n}")
        signs.add(server.requests[0].query["sign"])
    joined = "".join(signs)
    assert "+" in joined
    assert "/" in joined
    assert all(len(base64.b64decode(sign, validate=True)) == 32 for sign in signs)
    assert urllib.parse.quote(joined) != joined


async def test_feishu_s_signature_is_the_documented_one():
    async with robot() as server:
        await send("feishu", server.url, SECRET)
    [request] = server.requests
    # written anew from Feishu's page: key = "{s}\n{secret}", message empty, base64
    key = (request.json["timestamp"] + "\n" + SECRET).encode("utf-8")
    inner = hashlib.sha256(bytes(x ^ 0x36 for x in key.ljust(64, b"\0"))).digest()
    outer = hashlib.sha256(bytes(x ^ 0x5C for x in key.ljust(64, b"\0")) + inner).digest()
    assert request.json["sign"] == base64.b64encode(outer).decode()
    assert request.json["timestamp"] == str(int(NOW.timestamp()))


async def test_feishu_shows_everybody_their_own_language():
    async with robot() as server:
        await send("feishu", server.url)
    post = server.requests[0].json["content"]["post"]
    assert post["zh_cn"]["title"] == ZH.title
    assert post["en_us"]["content"] == [[{"tag": "text", "text": EN.text, "un_escape": False}]]
    assert "sign" not in server.requests[0].json


@pytest.mark.parametrize("kind", ROBOTS)
async def test_a_robot_s_no_is_an_error_however_friendly_the_status(kind):
    async with robot(says={"errcode": 310000, "code": 19021, "errmsg": f"sign not match {SECRET}"}) as server:
        with pytest.raises(RejectedError) as told:
            await send(kind, server.url, SECRET)
    assert SECRET not in str(told.value)


@pytest.mark.parametrize(
    ("kind", "code", "seconds"),
    [("wecom", 45009, 60), ("dingtalk", 130101, 600), ("feishu", 11232, 30), ("feishu", 9499, 30)],
)
async def test_a_robot_that_is_asked_too_often_says_so_in_its_code(kind, code, seconds):
    async with robot(says={"errcode": code, "code": code}) as server:
        with pytest.raises(RetryAfterError) as told:
            await send(kind, server.url)
    assert told.value.seconds == seconds


@pytest.mark.parametrize("kind", ROBOTS)
async def test_an_answer_that_is_no_robot_s_is_a_passing_fault(kind):
    for body in (b"<html>login</html>", b"[]", b"[" * 60_000):
        async with robot(answers=[web.Response(body=body)]) as server:
            with pytest.raises(ServerFaultError):
                await send(kind, server.url)


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (500, {}, ServerFaultError),
        (502, {}, ServerFaultError),
        (503, {}, ServerFaultError),
        (408, {}, ServerFaultError),
        (503, {"Retry-After": "7"}, RetryAfterError),
        (429, {}, RetryAfterError),
        (429, {"Retry-After": "nonsense"}, RetryAfterError),
        (301, {"Location": "http://127.0.0.1:9/"}, RejectedError),
        (401, {}, RejectedError),
        (404, {}, RejectedError),
        (410, {}, RejectedError),
    ],
)
async def test_every_status_says_whether_trying_again_helps(status, headers, expected):
    async with robot(answers=[web.Response(status=status, headers=headers)]) as server:
        with pytest.raises(expected) as told:
            await send("webhook", server.url)
    assert len(server.requests) == 1
    assert type(told.value) is expected


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("99999999", http.LONGEST_RETRY_AFTER_S),
        ("Sun, 29 Nov 2026 02:42:30 GMT", 30),
        ("Sun, 29 Nov 2020 02:42:30 GMT", 0),
        ("-3", None),
        ("", None),
        ("٣", None),
    ],
)
def test_when_to_come_back_is_read_and_capped(said, seconds):
    assert http.retry_after(said, NOW) == seconds


async def test_a_closed_door_is_unreachable_and_no_error_or_log_repeats_the_address():
    async with robot() as server:
        url = server.url
    with capture_logs() as logs, pytest.raises(UnreachableError) as told:
        await send("wecom", url)
    assert "key" not in str(told.value)
    assert "key" not in str(logs)
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__


async def test_a_server_that_says_nothing_leaves_it_open_whether_it_came(monkeypatch):
    monkeypatch.setattr(http, "ANSWER_S", 0.2)
    async with robot(hangs=True) as server:
        with pytest.raises(UncertainError):
            await send("wecom", server.url)


async def test_a_connection_that_breaks_before_an_answer_is_told_apart():
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        with pytest.raises(BrokenOffError):
            await send("wecom", f"http://127.0.0.1:{port}/")
    finally:
        server.close()
        await server.wait_closed()


async def test_an_endless_answer_is_not_read_to_its_end():
    class Endless(web.StreamResponse):
        sent = 0

        async def write_eof(self, data: bytes = b"") -> None:
            try:
                while self.sent < 200 * 1024 * 1024:
                    await self.write(b"x" * 65536)
                    self.sent += 65536
            except ConnectionError:
                return

    answer = Endless()
    async with robot(answers=[answer]) as server:
        await send("webhook", server.url)
    assert answer.sent < 50 * 1024 * 1024


async def test_a_drill_s_mark_opens_every_part():
    drill = [type(one)(one.locale, one.title, one.text * 80, "【演练】") for one in (ZH, EN)]
    for kind in ("wecom", "dingtalk"):
        payloads = channel(kind, "http://127.0.0.1:9/").payloads(bulletin(*drill, mode="DRILL"))
        texts = [json.loads(payload)["text"]["content"] for payload in payloads]
        assert len(texts) > 1
        assert all("【演练】" in text[:24] for text in texts)
