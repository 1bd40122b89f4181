"""`make image-check`: the Dockerfile's lines on a bare Debian with its own Python 3.11, without a container engine.

Needs root and Debian's package `debootstrap`. Every COPY, RUN, USER, WORKDIR and ENV is done in a fresh root folder;
then Muster runs in it as the Dockerfile's account beside the simulated Telegram, and its HEALTHCHECK is asked.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from string import Template

ROOT = Path(__file__).parents[2]
SUITE = "bookworm"
# What python:3.11-slim has beyond a bare Debian.
BASE = "python3,python3-venv,ca-certificates"
PASSED_ON = ("http_proxy", "https_proxy", "no_proxy", "PIP_")
# Of this machine, which may sit behind a proxy that has its own.
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
HEALTHY_WITHIN_S = 60
SIMULATOR = "from integrations.telegram.simulator.__main__ import main; main()"


def mirror() -> str:
    """Where this machine has its Debian packages from."""
    sources = [*Path("/etc/apt").glob("sources.list*"), *Path("/etc/apt/sources.list.d").glob("*")]
    for path in sources:
        found = re.search(r"https?://\S+/debian/?(?=\s)", path.read_text()) if path.is_file() else None
        if found:
            return found[0].rstrip("/")
    raise SystemExit("no Debian mirror in /etc/apt")


def instructions() -> list[tuple[str, str]]:
    """(word, the rest) of each line of the Dockerfile."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = (line.strip() for line in text.splitlines())
    return [tuple(line.split(None, 1)) for line in lines if line and not line.startswith("#")]


class Image:
    """A root folder in which the Dockerfile's lines are done one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.where = "/"
        self.user = "root"
        passed_on = {key: value for key, value in os.environ.items() if key.startswith(PASSED_ON)}
        self.env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **passed_on}
        self.health: list[str] = []
        self.entry: list[str] = []

    def bootstrap(self) -> None:
        self._host("debootstrap", "--variant=minbase", f"--include={BASE}", SUITE, self.folder, mirror())
        for name in ("etc/resolv.conf", "etc/hosts", "etc/pip.conf", CERTIFICATES):
            if Path("/", name).is_file():
                shutil.copy(Path("/", name), self.folder / name)
        self.env["PIP_CERT"] = f"/{CERTIFICATES}"

    def do(self, word: str, rest: str) -> None:
        getattr(self, f"_{word.lower()}", lambda _: None)(rest)

    def words(self, command: list[str] | str) -> list[str]:
        """The command as it is run inside."""
        inner = command if isinstance(command, str) else shlex.join(command)
        line = f"cd {self.where} && {inner}"
        return ["chroot", f"--userspec={self.user}", str(self.folder), "/bin/sh", "-c", line]

    def run(self, command: list[str] | str) -> None:
        done = subprocess.run(self.words(command), env=self.env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"failed: {command}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def begin(self, command: list[str] | str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *self.words(command)],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _run(self, rest: str) -> None:
        begun = time.monotonic()
        self.run(rest)
        print(f"ok {time.monotonic() - begun:5.1f} s  RUN {rest}", flush=True)

    def _copy(self, rest: str) -> None:
        *sources, target = rest.split()
        where = self.folder / self.where.lstrip("/") / target
        for source in sources:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, where, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, where)

    def _workdir(self, rest: str) -> None:
        self.where = rest
        (self.folder / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def _user(self, rest: str) -> None:
        self.user = rest

    def _env(self, rest: str) -> None:
        self.env |= dict(pair.split("=", 1) for pair in shlex.split(Template(rest).substitute(self.env)))

    def _healthcheck(self, rest: str) -> None:
        self.health = json.loads(rest[rest.index("[") :])

    def _entrypoint(self, rest: str) -> None:
        self.entry = json.loads(rest)

    @staticmethod
    def _host(*words: object) -> None:
        subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL)


def live(image: Image) -> None:
    """Muster runs in it, as its account, beside the simulated Telegram, until its health is good."""
    muster = shlex.join(image.entry)
    image.run(f"{muster} init /school/new && mv /school/new/* /school")
    settings = image.folder / "school" / "school.toml"
    text = settings.read_text("utf-8").replace("PUT-THE-TOKEN-FROM-BOTFATHER-HERE", "AAE-invented")
    token = re.search(r'token = "([^"]+)"', text)[1]
    simulator = ["/opt/muster/bin/python", "-c", SIMULATOR, "--port", "0", "--token", token]
    telegram = image.begin(f"exec {shlex.join(simulator)}")
    started = [telegram]
    try:
        api_url = telegram.stdout.readline().strip()
        settings.write_text(re.sub(r'api_url = "[^"]+"', f'api_url = "{api_url}"', text), "utf-8")
        # as `docker compose exec muster muster check` finds it
        image.run(f"muster check && {muster} roster import --yes staff.csv classes.csv pupils.csv duty.csv")
        started.append(image.begin(f"exec {muster} run"))
        until = time.monotonic() + HEALTHY_WITHIN_S
        while subprocess.run(
            image.words(image.health), env=image.env, capture_output=True, check=False
        ).returncode:
            if time.monotonic() > until or started[-1].poll() is not None:
                raise SystemExit("it did not become healthy")
            time.sleep(0.5)
        print(f"ok          HEALTHCHECK as {image.user}", flush=True)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(20)


def main() -> None:
    """Everything; the folder is removed at the end."""
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise SystemExit("image-check needs root and Debian's package debootstrap")
    with tempfile.TemporaryDirectory(prefix="muster-image-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        image = Image(folder)
        begun = time.monotonic()
        image.bootstrap()
        print(f"ok {time.monotonic() - begun:5.1f} s  a bare Debian {SUITE} with its own Python", flush=True)
        for word, rest in instructions():
            image.do(word, rest)
        live(image)
    print("every line of the Dockerfile works")


if __name__ == "__main__":
    sys.exit(main())
