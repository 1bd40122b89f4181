"""An announcement on its way out by every kind of channel at once, and back through each one's own reader."""

from __future__ import annotations

import asyncio
import base64
from contextlib import asynccontextmanager

import aiohttp
import pytest

from tests.integrations.channels.bulletins import HOSTILE
from tests.support.announcing import publish
from tests.support.cast import CHANNEL, CHEN
from tests.support.receivers import relay, robot
from tests.support.stage import Stage

SECRET = "whsec_" + base64.b64encode(b"a screen's own signing key").decode()
PARENTS = -1001000000077
PUBLIC = "https://muster.school.example"


def channels(**at):
    robots = "".join(
        f"""
[[channels]]
id = "{kind}"
kind = "{kind}"
url = "{at[kind].url}"
secret = "{SECRET if kind == "webhook" else "SEC123"}"
audiences = ["public", "staff"]
"""
        for kind in ("webhook", "dingtalk", "feishu")
    )
    return f"""{robots}
[[channels]]
id = "wecom"
kind = "wecom"
url = "{at["wecom"].url}"

[[channels]]
id = "mail"
kind = "mail"
host = "127.0.0.1"
port = {at["mail"].port}
tls = "none"
sender = "command@school.example"
to = ["parents@lists.school.example"]

[[channels]]
id = "parents"
kind = "telegram"
chat = {PARENTS}
"""


@asynccontextmanager
async def school(folder):
    """The stage with one channel of each kind; `stage.far` has what stands at their far ends."""
    async with (
        robot() as webhook,
        robot() as dingtalk,
        robot() as feishu,
        robot() as wecom,
        relay() as mail,
    ):
        far = {"webhook": webhook, "dingtalk": dingtalk, "feishu": feishu, "wecom": wecom, "mail": mail}
        stage = await Stage.set(folder)
        path = folder / "school.toml"
        settings = path.read_text("utf-8").replace("[web]", f'[web]\npublic_url = "{PUBLIC}"')
        path.write_text(settings + channels(**far), "utf-8")
        stage.simulator.add_group(PARENTS, "家长群", members=[CHEN.telegram_id])
        stage.far = far
        try:
            await stage.start()
            yield stage
        finally:
            await stage.stop()
            await stage.simulator.stop()


async def until(condition, timeout: float = 10) -> None:
    async with asyncio.timeout(timeout):
        while not condition():
            await asyncio.sleep(0.02)


def arrived(stage, name: str) -> list[str]:
    """What people see at that channel's end."""
    requests = getattr(stage.far[name], "requests", [])
    if name in {"wecom", "dingtalk"}:
        return [one.json["text"]["content"] for one in requests]
    if name == "feishu":
        posts = [one.json["content"]["post"] for one in requests]
        return [f"{one['title']}\n{one['content'][0][0]['text']}" for post in posts for one in post.values()]
    if name == "webhook":
        return [
            f"{one.json['data']['title']}\n{next(iter(one.json['data']['text'].values()))}"
            for one in requests
        ]
    return [
        next(message.iter_parts()).get_content().replace("\r\n", "\n")
        for _, message in stage.far["mail"].mails
    ]


async def everywhere(stage) -> None:
    await until(lambda: all(arrived(stage, name) for name in stage.far))


async def test_it_reaches_every_kind_of_channel_with_its_number_and_address(tmp_path):
    async with school(tmp_path) as stage:
        await publish(stage, "/announce 明日停课\n因暴雨，明日停课一天。")
        await everywhere(stage)
        for name in stage.far:
            [said] = arrived(stage, name)
            assert "明日停课" in said
            assert "因暴雨，明日停课一天。" in said
            if name != "webhook":
                assert "2026-A001" in said
                assert f"{PUBLIC}/announcements/2026-A001" in said
        await stage.says(CHEN, "因暴雨，明日停课一天。", chat=PARENTS)
        await stage.says(CHEN, "因暴雨，明日停课一天。", chat=CHANNEL)
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{stage.muster.web_url}/announcements/2026-A001") as answer,
        ):
            assert "因暴雨，明日停课一天。" in await answer.text()


async def test_one_channel_that_is_away_holds_no_other_and_readyz_names_it(tmp_path):
    async with school(tmp_path) as stage:
        stage.far["wecom"].hangs = True
        feishu = stage.far["feishu"]
        feishu.says = {"code": 11232}
        await publish(stage, "/announce 明日停课")
        await until(lambda: all(arrived(stage, name) for name in ("webhook", "dingtalk", "mail")))
        await until(lambda: feishu.requests)
        await stage.says(CHEN, "明日停课", chat=PARENTS)
        couriers = stage.muster._channels._couriers._couriers
        [courier] = [one for one in couriers if one.id == "feishu"]
        await until(lambda: courier.health().down_s is not None)
        courier._verdicts.down_since -= 60
        health = await stage.muster.health()
        [warning] = [one for one in health.warnings if "feishu" in one]
        assert "RetryAfterError" in warning
        assert health.reasons == ()
        assert "SEC123" not in str(health)
        assert "robots-own-key" not in str(health)


@pytest.mark.parametrize("name", [one for one in HOSTILE if one not in ("long", "headers")])
async def test_hostile_words_arrive_as_words_everywhere(tmp_path, name):
    async with school(tmp_path) as stage:
        await publish(stage, f"/announce 标题\n{HOSTILE[name]}")
        await everywhere(stage)
        for channel in stage.far:
            assert any(HOSTILE[name] in said for said in arrived(stage, channel)), channel
        await stage.says(CHEN, HOSTILE[name], chat=PARENTS)
