"""Replayed, stale, altered, from elsewhere: what a stolen or a guessed request is worth."""

from __future__ import annotations

import asyncio
import json
import time
from ipaddress import ip_network

import aiohttp
import pytest

from handlers.web.attempts import FAILURES_A_MINUTE
from handlers.web.doors import ClosedError, Door
from tests.handlers.web.machines import (
    CAMERA,
    FIRE_PANEL,
    JSON,
    NEXT_SECRET,
    SECRET,
    bearer,
    machines_at,
    signed,
    smoke,
    staged_with,
)

ROTATING = f"""
[[alert_sources]]
id = "rotating"
format = "generic"
secret = ["{SECRET}", "{NEXT_SECRET}"]
opens = "inform"
"""
ELSEWHERE = """
[[alert_sources]]
id = "elsewhere"
format = "generic"
token = "elsewhere-token"
allow = ["10.1.0.0/16"]
opens = "inform"

[[alert_sources]]
id = "here"
format = "generic"
token = "here-token"
allow = ["10.1.0.0/16", "127.0.0.0/8"]
opens = "inform"
"""


@pytest.fixture
async def stage(tmp_path):
    async with staged_with(tmp_path, FIRE_PANEL, CAMERA, ROTATING, ELSEWHERE) as stage:
        yield stage


@pytest.fixture
async def machines(stage):
    async with machines_at(stage) as machines:
        yield machines


async def test_a_replayed_request_is_answered_as_before_and_does_nothing(stage, machines):
    body = json.dumps(smoke()).encode()
    headers = signed(body, webhook_id="msg_once")
    first = await machines.post("fire-panel", body, headers)
    again = [await machines.post("fire-panel", body, headers) for _ in range(3)]
    assert first.status == 202
    assert [(one.status, one.json) for one in again] == [(200, first.json)] * 3
    await stage.quiet()
    (kept,) = [await stage.read(lambda tx: tx.alerts.get(1))]
    assert kept.alarms == 1
    assert await stage.read(lambda tx: tx.alerts.get(2)) is None


async def test_the_same_request_twice_at_once_is_one(stage, machines):
    body = json.dumps(smoke()).encode()
    headers = signed(body, webhook_id="msg_race")
    answers = await asyncio.gather(*(machines.post("fire-panel", body, headers) for _ in range(8)))
    assert sorted(one.status for one in answers) == [200] * 7 + [202]
    assert len({tuple(one.json["alerts"]) for one in answers}) == 1


async def test_ids_that_only_begin_alike_are_not_the_same(machines):
    long = "x" * 200
    first = await machines.sign("fire-panel", smoke(), webhook_id=long + "1")
    other = await machines.sign("fire-panel", smoke(alert_uid="loop-18"), webhook_id=long + "2")
    assert (first.status, other.status) == (202, 202)
    assert first.json != other.json


@pytest.mark.parametrize(
    ("off_s", "status"), [(-290, 202), (290, 202), (-310, 401), (310, 401), (-86_400, 401), (10**9, 401)]
)
async def test_a_signature_holds_five_minutes_either_way(machines, off_s, status):
    answer = await machines.sign("fire-panel", smoke(), at=time.time() + off_s)
    assert answer.status == status


@pytest.mark.parametrize("moment", ["nan", "inf", "-1", "1e400", "tomorrow", "", "9" * 40])
async def test_a_timestamp_that_is_none_is_refused(machines, moment):
    body = json.dumps(smoke()).encode()
    headers = {**signed(body), "webhook-timestamp": moment}
    assert (await machines.post("fire-panel", body, headers)).status == 401


async def test_both_secrets_open_during_rotation_and_no_third(machines):
    stolen = "whsec_c29tZWJvZHkgZWxzZSdzIGtleQ=="
    statuses = [
        (await machines.sign("rotating", smoke(alert_uid=secret), secret=secret)).status
        for secret in (SECRET, NEXT_SECRET, stolen)
    ]
    assert statuses == [202, 202, 401]


async def test_a_sender_that_rotates_may_send_both_signatures(machines):
    body = json.dumps(smoke()).encode()
    headers = signed(body, webhook_id="msg_both")
    other = signed(body, webhook_id="msg_both", secret=NEXT_SECRET)
    headers["webhook-signature"] = f"{other['webhook-signature']} {headers['webhook-signature']}"
    assert (await machines.post("fire-panel", body, headers)).status == 202


@pytest.mark.parametrize("name", ["body", "webhook-id", "webhook-timestamp", "webhook-signature"])
async def test_what_was_altered_after_signing_is_refused(stage, machines, name):
    body = json.dumps(smoke()).encode()
    headers = signed(body)
    if name == "body":
        body = body.replace(b"loop-17", b"loop-71")
    elif name == "webhook-timestamp":
        headers[name] = str(int(headers[name]) + 1)
    else:
        headers[name] = headers[name].swapcase()
    assert (await machines.post("fire-panel", body, headers)).status == 401
    assert await stage.read(lambda tx: tx.inbox.id_of("alert:fire-panel", "f")) is None
    assert (await stage.read(lambda tx: tx.sources.get("fire-panel"))).last_seen_at is None


async def test_a_signature_opens_only_its_own_source(machines):
    assert (await machines.sign("camera", smoke())).status == 401


async def test_only_listed_addresses_come_in_even_with_the_secret(machines):
    assert (await machines.post("elsewhere", smoke(), bearer("elsewhere-token"))).status == 401
    assert (await machines.post("elsewhere/elsewhere-token", smoke())).status == 401
    assert (await machines.post("here", smoke(), bearer("here-token"))).status == 202


def test_a_listed_address_is_known_in_its_ipv6_form():
    door = Door("here", token="t", allow=(ip_network("10.1.0.0/16"),))
    assert door.enter({}, peer="::ffff:10.1.2.3", path_token="t")
    for peer in ("::ffff:10.2.0.1", "2001:db8::1", "", "unix:/socket"):
        with pytest.raises(ClosedError):
            door.enter({}, peer=peer, path_token="t")


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer "},
        {"Authorization": "camera-token"},
        {"Authorization": "Basic camera-token"},
        {"Authorization": "Bearer camera-token x"},
        {"Authorization": "Bearer café"},
        {"webhook-id": "é"},
    ],
)
async def test_a_crooked_header_is_refused(machines, headers):
    answer = await machines.post("camera", smoke(), headers)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_bytes_that_are_no_text_are_refused_and_no_error(stage):
    host = stage.muster.web_url.removeprefix("http://")
    reader, writer = await asyncio.open_connection(*host.split(":"))
    head = f"POST /alerts/camera HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n"
    writer.write(head.encode() + b"Authorization: Bearer \xff\xfe\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 401")
    writer.close()
    await writer.wait_closed()


async def test_an_unknown_source_is_said_to_be_unknown(machines):
    answer = await machines.post("nobody", smoke(), bearer("camera-token"))
    assert (answer.status, answer.json) == (404, {"error": "unknown source"})


async def test_failures_from_one_address_end_in_waiting_and_touch_nobody_else(stage, machines):
    for _ in range(FAILURES_A_MINUTE):
        assert (await machines.post("camera", smoke(), bearer("guess"))).status == 401
    refused = await machines.post("camera", smoke(), bearer("guess"))
    assert refused.status == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert (await machines.post("camera/guess", smoke())).status == 429
    assert (await machines.post("camera/camera-token", smoke())).status in {200, 202}

    # another address, and from this one another source
    from_there = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
    async with aiohttp.ClientSession(connector=from_there) as session:
        url = f"{stage.muster.web_url}/alerts/camera"
        headers = {"Content-Type": JSON, **bearer("camera-token")}
        async with session.post(url, data=json.dumps(smoke()), headers=headers) as answer:
            assert answer.status in {200, 202}
    for _ in range(FAILURES_A_MINUTE + 5):
        await machines.post("fire-panel", smoke(), bearer("guess"))
    assert (await machines.post("fire-panel", smoke(), bearer("guess"))).status == 429
    assert (await machines.sign("fire-panel", smoke())).status == 202
    assert (await machines.sign("fire-panel", smoke(), secret=NEXT_SECRET)).status == 429


async def test_asking_for_an_alert_is_counted_too(machines):
    known = (await machines.post("camera", smoke(), bearer("camera-token"))).json["alerts"][0]
    statuses = [
        (await machines.get(f"/alerts/{known}", bearer("x"))).status for _ in range(FAILURES_A_MINUTE)
    ]
    assert statuses == [401] * FAILURES_A_MINUTE
    assert (await machines.get(f"/alerts/{known}", bearer("x"))).status == 429
