"""The signed webhook, checked by the standard's own library."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
import time_machine
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from integrations.channels import CHANNELS, ChannelSettings
from tests.integrations.channels.bulletins import NOW, ZH, bulletin
from tests.support.receivers import robot

OLD, NEW = (
    "whsec_" + base64.b64encode(key).decode() for key in (b"the loudspeaker's old key", b"and its new one")
)


def lowered(request):
    return {name.lower(): value for name, value in request.headers.items()}


async def post(url, *secrets, key="d-17-0", what=None):
    one = CHANNELS["webhook"](ChannelSettings("pa", url=url, secrets=secrets), lambda: NOW)
    [payload] = one.payloads(what or bulletin(facts={"action": "EVACUATE"}))
    await one.post(payload, key=key)
    await one.close()


async def test_the_receiver_can_verify_it_with_the_old_key_and_the_new():
    async with robot() as server:
        await post(server.url, OLD, NEW)
    [request] = server.requests
    with time_machine.travel(NOW, tick=False):
        for secret in (OLD, NEW):
            Webhook(secret).verify(request.body, lowered(request))
        with pytest.raises(WebhookVerificationError):
            Webhook(OLD).verify(request.body.replace(b"EVACUATE", b"ALLCLEAR"), lowered(request))
    with time_machine.travel(NOW + timedelta(minutes=6)), pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(request.body, lowered(request))


async def test_it_says_for_machines_what_it_says_in_words():
    async with robot() as server:
        await post(
            server.url, OLD, what=bulletin(ZH, facts={"action": "EVACUATE", "zones": ["A3"]}, mode="DRILL")
        )
    body = json.loads(server.requests[0].body)
    assert body["type"] == "announcement.alert"
    assert body["timestamp"] == NOW.isoformat()
    assert body["data"]["action"] == "EVACUATE"
    assert body["data"]["mode"] == "DRILL"
    assert body["data"]["text"] == {"zh_Hans": ZH.text}


async def test_a_repeat_has_the_same_id_so_that_a_machine_says_it_once():
    async with robot() as server:
        await post(server.url, OLD)
        await post(server.url, OLD)
    ids = {lowered(request)["webhook-id"] for request in server.requests}
    assert ids == {"d-17-0"}
