"""`muster demo`: the sample school on loopback, with its phones in the browser."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from rich.console import Console

from bot.app import Muster
from bot.config import load
from bot.demo.machines import machines
from bot.demo.people import roster
from bot.demo.school import world, write_school
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
    async with AsyncExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muster-demo-")))
        simulator = Simulator(token=TOKEN, limits=Limits.published())
        add_to_world(simulator, world())
        await simulator.start(port)
        stack.push_async_callback(simulator.stop)
        muster = await asyncio.to_thread(_school, place, simulator.url)
        await muster.start()
        stack.push_async_callback(muster.stop)
        for label, ring in machines(muster.web_url):
            simulator.add_machine(label, ring)
        for user in {phone["user"] for phone in world()["phones"]}:
            await simulator.phone(user).start()
        out.print(f"The phones: {simulator.url}/", style="bold")
        out.print(f"Health: {muster.web_url}/readyz   Metrics: {muster.web_url}/metrics   Files: {place}")
        out.print("Press 🆘 SOS on the teacher's phone. Ctrl-C ends it.")
        await _until_told()


def _school(folder: Path, api_url: str) -> Muster:
    """The school's folder, its roster imported."""
    path = folder / "school.toml"
    if not path.exists():
        write_school(folder, api_url=api_url, token=TOKEN, web_listen="127.0.0.1:0")
    settings = load(path, {"MUSTER_TELEGRAM__API_URL": api_url})
    database = Database(settings.database.url)
    database.path.parent.mkdir(parents=True, exist_ok=True)
    database.migrate()
    database.write_now(apply_roster, roster(), by="demo", at=utc_now())
    return Muster(settings)


async def _until_told() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    await told.wait()
