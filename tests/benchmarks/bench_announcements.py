"""One announcement to 3,000 private chats, 40 groups and 6 other channels at once, and an SOS midway.

The real process, the simulator with its strict limits in another one, the channels' receivers in this one.
"""

from __future__ import annotations

import asyncio
import csv
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
from aiohttp import web

from tests.benchmarks.bench_outbox import HOLD, LIMIT_A_SECOND, SOS_AT, SOS_HOLD_MS, sos_midway, until_sent
from tests.benchmarks.stand import COMMANDER, Stand, group, stand, teacher
from tests.benchmarks.table import Row, at_most
from tests.support.process import command

PEOPLE, GROUPS = 3000, 40
QUICK = 120
OK = 200
WORDS = "There is no school tomorrow"
# What each kind's server says when it has taken a message.
ANSWERS = {
    "webhook": {},
    "wecom": {"errcode": 0},
    "dingtalk": {"errcode": 0},
    "feishu": {"code": 0},
}
CHANNELS = ("webhook", "webhook", "webhook", "wecom", "dingtalk", "feishu")
SECRET = "whsec_bXVzdGVyLWJlbmNobWFyay1vbmx5LXNlY3JldA=="
APPROVER = 0


async def run(*, quick: bool = False) -> list[Row]:
    people = QUICK if quick else PEOPLE
    posts = people + GROUPS + 1
    async with (
        _receivers() as (url, taken),
        stand(people - 1, telegram=["--strict"], groups=GROUPS) as school,
    ):
        await _prepare(school, url)
        telegram = school.telegram
        process = await school.start()
        await school.open_led_incident()
        before = await telegram.ask("stats")
        cpu = psutil.Process(process.pid).cpu_times()
        published_at = await _publish(school)
        waits = [
            await sos_midway(telegram, number + 1, after=before["sent"] + int(share * posts), messages=posts)
            for number, share in enumerate(SOS_AT)
        ]
        times, alarms = await _all_posts(school, posts, after=before["sent"])
        used = psutil.Process(process.pid).cpu_times()
        stats = await telegram.ask("stats")
    cpu_ms = (used.user + used.system - cpu.user - cpu.system) * 1000
    spent = times[-1] - times[0]
    floor = (posts + alarms) / LIMIT_A_SECOND
    return [
        at_most(
            f"{people} private chats, {GROUPS} groups, the channel ÷ the limit itself",
            spent / floor,
            HOLD,
            "×",
            beside=f"{spent:.1f} s, limit {floor:.1f} s",
            digits=3,
        ),
        at_most("refusals (429) in that time", stats["refused_429"] - before["refused_429"], 0, "", digits=0),
        at_most(
            f"SOS midway: handed out → first sendMessage, worst of {len(waits)}",
            max(waits) * 1000,
            SOS_HOLD_MS,
            "ms",
            digits=0,
        ),
        Row(
            f"approved → all {len(CHANNELS)} other channels have it",
            f"{(max(taken.values()) - published_at) * 1000:.0f} ms",
            f"{len(taken)} of {len(CHANNELS)}",
        ),
        Row("CPU of the whole program a message", f"{cpu_ms / posts:.2f} ms"),
    ]


@asynccontextmanager
async def _receivers() -> AsyncIterator[tuple[str, dict[str, float]]]:
    """A server for all of them, on loopback; when each took the announcement."""
    taken: dict[str, float] = {}

    async def take(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if WORDS in json.dumps(await request.json(), ensure_ascii=False):
            taken.setdefault(name, time.monotonic())
        return web.json_response(ANSWERS[name.rstrip("0123456789")])

    site = web.Application()
    site.router.add_post("/{name}", take)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}", taken
    finally:
        await runner.cleanup()


async def _prepare(school: Stand, url: str) -> None:
    """Channels in the settings, and a principal, as nobody approves what they wrote themselves."""
    path = school.folder / "school.toml"
    path.write_text(path.read_text("utf-8") + "\n".join(_channels(url)), "utf-8")
    await asyncio.to_thread(_promote, school.folder / "staff.csv")
    done = await command(
        school.folder, "roster", "import", "--yes", "staff.csv", "-c", "school.toml", within_s=120
    )
    if done.code:
        raise AssertionError(done.err)


def _channels(url: str) -> list[str]:
    lines = []
    for number in range(GROUPS):
        lines += ["", "[[channels]]", f'id = "g{number}"', 'kind = "telegram"', f"chat = {group(number)}"]
    for number, kind in enumerate(CHANNELS):
        lines += [
            "",
            "[[channels]]",
            f'id = "c{number}"',
            f'kind = "{kind}"',
            f'url = "{url}/{kind}{number}"',
        ]
        lines += [f'secret = "{SECRET}"'] if kind == "webhook" else []
    return lines


def _promote(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        headings, *rows = list(csv.reader(file))
    role = headings.index("roles")
    rows[APPROVER][role] = "PRINCIPAL"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headings, *rows])


async def _publish(school: Stand) -> float:
    """The commander writes, the principal approves; the moment of the approval."""
    telegram = school.telegram
    await telegram.send(COMMANDER, f"/announce {WORDS}.")
    draft = await telegram.wait_for(COMMANDER, "Submit")
    await telegram.tell("press", user=COMMANDER, message_id=draft["message_id"], data="Submit")
    asked = await telegram.wait_for(teacher(APPROVER), "Approve")
    now = time.monotonic()
    await telegram.tell("press", user=teacher(APPROVER), message_id=asked["message_id"], data="Approve")
    return now


async def _all_posts(school: Stand, posts: int, *, after: int) -> tuple[list[float], int]:
    """When each arrived, the channel's and groups' too, and how many messages the SOS made meanwhile.

    The cards that show the announcement's own figures are among neither.
    """
    telegram = school.telegram
    await until_sent(telegram, after + posts, posts)
    await asyncio.sleep(4)
    calls = await telegram.calls("sendMessage")
    found = {
        call["chat_id"]: call["at"] for call in calls if call["status"] == OK and _is_post(call["params"])
    }
    if len(found) != posts:
        raise AssertionError(f"{len(found)} of {posts} arrived")
    times = sorted(found.values())
    others = [call for call in calls if call["status"] == OK and not _is_about_post(call["params"])]
    return times, sum(1 for call in others if times[0] <= call["at"] <= times[-1])


def _is_about_post(params: dict[str, str]) -> bool:
    return WORDS in params["text"] or "2026-A001" in params["text"]


def _is_post(params: dict[str, str]) -> bool:
    """The announcement itself, and not the card of its author."""
    return (
        params["text"].startswith("📢") and WORDS in params["text"] and "<b>2026-A001" not in params["text"]
    )
