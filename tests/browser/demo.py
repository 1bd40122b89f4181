"""`muster demo` as a person starts it: a process of its own, its page in a real browser."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

from bot.demo.run import TOKEN
from bot.demo.school import write_school

CHROMIUM = Path("/usr/bin/chromium")
_MUSTER = (sys.executable, "-m", "bot")
_PAGE = re.compile(r"The phones: (http://\S+)")
_START_S = 90
# Of every expectation in the browser that says no other: the machine may be busy with other tests.
expect.set_options(timeout=20_000)
_STOP_S = 10


@asynccontextmanager
async def demo(*, locale: str = "zh_Hans") -> AsyncIterator[str]:
    """The page's address while the demo runs; the school's groups speak `locale`. It must end by itself with 0."""
    with tempfile.TemporaryDirectory() as folder:
        _write_school(Path(folder), locale)
        process = await asyncio.create_subprocess_exec(
            *_MUSTER,
            *("demo", "--port", "0", "--folder", folder),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            yield await asyncio.wait_for(_address(process), _START_S)
        finally:
            if process.returncode is None:
                process.terminate()
            async with asyncio.timeout(_STOP_S):
                said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()


def _write_school(folder: Path, locale: str) -> None:
    path = write_school(folder, api_url="http://127.0.0.1:1", token=TOKEN, web_listen="127.0.0.1:0")
    settings = path.read_text("utf-8").replace('locale = "zh_Hans"', f'locale = "{locale}"')
    path.write_text(settings, "utf-8")


async def _address(process: asyncio.subprocess.Process) -> str:
    """Read what it prints until it names its page."""
    assert process.stdout is not None
    said = ""
    while line := (await process.stdout.readline()).decode():
        said += line
        if found := _PAGE.search(line):
            return found[1]
    raise AssertionError(f"the demo ended: {said}")


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Debian's chromium without a window."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield opened
        await opened.close()


@asynccontextmanager
async def phones(address: str, *, language: str, width: int, height: int) -> AsyncIterator[Page]:
    """The demo's page as somebody in Shanghai sees it; whatever the page itself complains of fails."""
    async with browser() as opened:
        page = await opened.new_page(
            locale=language, timezone_id="Asia/Shanghai", viewport={"width": width, "height": height}
        )
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: line.type == "error" and complaints.append(line.text))
        await page.goto(address)
        await expect(page.locator(".phone")).to_have_count(4)
        yield page
        assert complaints == []
