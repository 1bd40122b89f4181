"""`muster demo`: the sample school on loopback, with its phones in the browser."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from rich.console import Console

from bot.app import Muster
from bot.config import Settings, load
from bot.demo.cameras import DemoCameras
from bot.demo.machines import machines
from bot.demo.people import roster
from bot.demo.readied import keep_up
from bot.demo.receiver import district, loudspeakers
from bot.demo.school import DISTRICT, PA, world, write_school
from bot.log import configure_logging
from bot.ports import utc_now
from bot.services.importing import apply_roster
from bot.storage.database import Database
from integrations.telegram.simulator import Limits, Simulator
from integrations.telegram.simulator.world_file import add_to_world

TOKEN: Final = "1000001:DEMODEMODEMODEMODEMODEMODEMODEMODEMO"
out = Console(highlight=False, soft_wrap=True)


async def run_demo(port: int, folder: Path | None) -> None:
    """Everything on this machine until Ctrl-C. Without `folder` nothing is kept."""
    configure_logging(level="WARNING")
    # What an administrator should know of this computer's SQLite is nothing to somebody who tries Muster.
    logging.getLogger("bot.storage.sqlite").setLevel(logging.ERROR)
    async with AsyncExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muster-demo-")))
        simulator = Simulator(token=TOKEN, limits=Limits.published())
        add_to_world(simulator, world())
        await simulator.start(port)
        stack.push_async_callback(simulator.stop)
        cameras = DemoCameras()
        await cameras.start()
        stack.push_async_callback(cameras.stop)
        receivers = {PA: loudspeakers(), DISTRICT: district()}
        for receiver in receivers.values():
            await receiver.start()
            stack.push_async_callback(receiver.stop)
        urls = {channel: receiver.url for channel, receiver in receivers.items()}
        muster = await asyncio.to_thread(_school, place, simulator.url, cameras, urls)
        await muster.start()
        stack.push_async_callback(muster.stop)
        for label, ring in machines(muster.web_url):
            simulator.add_machine(label, ring)
        simulator.add_machine("📢 广播说了什么 Loudspeakers", receivers[PA].heard)
        simulator.add_machine("🏛 区平台收到什么 District platform", receivers[DISTRICT].heard)
        for user in {phone["user"] for phone in world()["phones"]}:
            await simulator.phone(user).start()
        out.print(f"The phones: {simulator.url}/", style="bold")
        out.print(f"What parents see: {muster.web_url}/announcements")
        out.print(f"Health: {muster.web_url}/readyz   Metrics: {muster.web_url}/metrics   Files: {place}")
        out.print("Press 🆘 SOS on the teacher's phone. Ctrl-C ends it.")
        await _until_told()


def _school(folder: Path, api_url: str, cameras: DemoCameras, urls: Mapping[str, str]) -> Muster:
    """The school's folder, its roster imported."""
    path = folder / "school.toml"
    if not path.exists():
        write_school(folder, api_url=api_url, token=TOKEN, web_listen="127.0.0.1:0")
    settings = load(
        path,
        {"MUSTER_TELEGRAM__API_URL": api_url, "MUSTER_WEB__LISTEN": f"127.0.0.1:{_free_port()}"},
    )
    database = Database(settings.database.url)
    database.folder.mkdir(parents=True, exist_ok=True)
    database.migrate()
    now = utc_now()
    database.write_now(apply_roster, roster(), by="demo", at=now)
    database.write_now(keep_up, now.astimezone(settings.school.zone_info))
    return Muster(_with_receivers(cameras.shown_in(settings), urls), framed_by=(api_url,))


def _with_receivers(settings: Settings, urls: Mapping[str, str]) -> Settings:
    """The school, whose loudspeakers and platform are found elsewhere each time."""
    channels = (one.model_copy(update={"url": urls.get(one.id, one.url)}) for one in settings.channels)
    return settings.model_copy(update={"channels": tuple(channels)})


def _free_port() -> int:
    """The pages' links must name the port before Muster listens on it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _until_told() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    await told.wait()
