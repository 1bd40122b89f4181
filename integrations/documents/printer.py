"""Prints papers in a process of their own, one at a time: off the event loop, and its memory goes when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bot.errors import DocumentError

PRINT_LIMIT_S: Final = 40
"""Five thousand lines take less than two seconds; a message may take 60 s in all."""
PDF: Final = b"%PDF-"
PNG: Final = b"\x89PNG"
_ROOT: Final = Path(__file__).resolve().parents[2]
# Nothing else of the environment: Muster's own may hold a token.
_ENVIRONMENT: Final = ("PATH", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "TMPDIR")


class Printer:
    """Implements `bot.ports.Printer`."""

    def __init__(self, *, limit_s: int = PRINT_LIMIT_S) -> None:
        self._limit_s = limit_s
        self._turn = asyncio.Lock()

    async def print(self, parts: Sequence[dict[str, Any]]) -> bytes:
        """One PDF of these parts. DocumentError: the process died, took too long, or gave no PDF."""
        return await self._press("pdf", PDF, parts)

    async def picture(self, part: dict[str, Any]) -> bytes:
        """The part's figures as one PNG. DocumentError as above."""
        return await self._press("png", PNG, [part])

    async def _press(self, form: str, opening: bytes, parts: Sequence[dict[str, Any]]) -> bytes:
        said = await asyncio.to_thread(lambda: json.dumps(list(parts), ensure_ascii=False).encode())
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        environment["PYTHONPATH"] = str(_ROOT)
        async with self._turn:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "integrations.documents.press",
                str(self._limit_s),
                form,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env=environment,
                start_new_session=True,
            )
            try:
                async with asyncio.timeout(self._limit_s):
                    made, _ = await process.communicate(said)
            except TimeoutError:
                raise DocumentError(f"not printed within {self._limit_s} s") from None
            finally:
                await _end(process)
        if process.returncode != 0 or not made.startswith(opening):
            raise DocumentError(f"the printer ended with {process.returncode}")
        return made


async def _end(process: Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
