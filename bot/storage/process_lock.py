"""The lock file of the one `muster run`."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.errors import StorageBusyError


class ProcessLock:
    """Held by the one `muster run` of a folder; shell commands do not take it. A context manager."""

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        self._file: int | None = None

    def acquire(self) -> None:
        """StorageBusyError when another process holds it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(file)
            raise StorageBusyError(f"already running: process {holder} holds {self._path}") from None
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        self._file = file

    def release(self) -> None:
        """Let the next one in; the file itself stays, so that nobody locks a deleted one."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
