"""A real Alertmanager (Debian's prometheus-alertmanager) posts to Muster: firing, again, resolved."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from tests.handlers.web.machines import staged_with
from tests.support.cast import CENTRE, CHEN
from tests.support.process import free_port
from tests.support.skips import skip_missing

PROGRAMS = ("prometheus-alertmanager", "alertmanager")
STARTS_WITHIN_S = 15.0
STOPS_WITHIN_S = 10.0
TOKEN = "monitor-token"
MONITOR = f"""
[[alert_sources]]
id = "monitor"
format = "alertmanager"
token = "{TOKEN}"
opens = "inform"

[[alert_sources.rules]]
kinds = ["utility"]
opens = "incident"
"""
# group_wait and the intervals are as short as Alertmanager allows, so that a repeat comes within seconds.
CONFIG = """
route:
  receiver: muster
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 1s
receivers:
  - name: muster
    webhook_configs:
      - url: {url}/alerts/monitor
        send_resolved: true
        http_config:
          authorization:
            type: Bearer
            credentials: {token}
"""


class Alertmanager:
    """One process of it, alone (no cluster), on loopback."""

    def __init__(self, program: str, folder, muster_url: str, token: str = TOKEN) -> None:
        folder.mkdir()
        config = folder / "alertmanager.yml"
        config.write_text(CONFIG.format(url=muster_url, token=token), encoding="utf-8")
        self.url = f"http://127.0.0.1:{free_port()}"
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [
                program,
                f"--config.file={config}",
                f"--storage.path={folder / 'data'}",
                f"--web.listen-address={self.url.removeprefix('http://')}",
                "--cluster.listen-address=",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._session = aiohttp.ClientSession()
        self._started_at = datetime.now(UTC) - timedelta(seconds=30)

    async def is_ready(self) -> None:
        async with asyncio.timeout(STARTS_WITHIN_S):
            while not await self._answers():
                assert self._process.poll() is None, "Alertmanager ended"
                await asyncio.sleep(0.05)

    async def _answers(self) -> bool:
        try:
            async with self._session.get(f"{self.url}/-/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientConnectionError:
            return False

    async def tell(self, name: str, *, ends_at: datetime | None = None, **labels: str) -> None:
        """What Prometheus does again and again while its rule holds."""
        alert = {
            "labels": {"alertname": name, **labels},
            "annotations": {"summary": f"{name} at the school"},
            "startsAt": self._started_at.isoformat(),
        }
        if ends_at is not None:
            alert["endsAt"] = ends_at.isoformat()
        async with self._session.post(f"{self.url}/api/v2/alerts", json=[alert]) as answer:
            assert answer.status == 200, await answer.text()

    async def stop(self) -> None:
        await self._session.close()
        self._process.terminate()
        try:
            await asyncio.to_thread(self._process.wait, STOPS_WITHIN_S)
        finally:
            self._process.kill()
            self._process.wait()
            self._log.close()


@pytest.fixture
def program():
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    return found or skip_missing("Alertmanager (Debian: prometheus-alertmanager)")


@pytest.fixture
async def stage(tmp_path):
    async with staged_with(tmp_path, MONITOR) as stage:
        yield stage


@pytest.fixture
async def alertmanager(program, tmp_path, stage):
    alertmanager = Alertmanager(program, tmp_path / "alertmanager", stage.muster.web_url)
    try:
        await alertmanager.is_ready()
        yield alertmanager
    finally:
        await alertmanager.stop()


async def alarms(stage, count):
    """Wait until the first alert was counted so often."""
    async with asyncio.timeout(15):
        while (await stage.read(lambda tx: tx.alerts.get(1))).alarms < count:
            await asyncio.sleep(0.1)


async def test_what_the_rule_names_opens_an_incident_its_repeats_count_and_its_end_is_shown(
    stage, alertmanager
):
    await alertmanager.tell("PowerOut", kind="utility", zone="A3", severity="critical")
    thread = await stage.topic_named("2026-0001", timeout=15)
    await stage.says(CHEN, "monitor 报警：PowerOut at the school", chat=CENTRE, thread=thread, timeout=10)
    await stage.quiet()
    sent = stage.simulator.stats.sent

    await alarms(stage, 3)
    await stage.quiet()
    assert stage.simulator.stats.sent == sent
    await stage.says(CHEN, "PowerOut at the school ×", chat=CENTRE, thread=thread)
    assert len(await stage.read(lambda tx: tx.alerts.unresolved("monitor", _fingerprint(tx)))) == 1

    await alertmanager.tell(
        "PowerOut", kind="utility", zone="A3", severity="critical", ends_at=datetime.now(UTC)
    )
    await stage.says(CHEN, "monitor 报告已恢复", chat=CENTRE, thread=thread, timeout=15)
    (incident,) = await stage.read(lambda tx: tx.incidents.list_recent(10))
    assert incident.is_in_force
    assert (await stage.read(lambda tx: tx.alerts.get(1))).resolved_at is not None


def _fingerprint(tx) -> str:
    return tx.alerts.get(1).fingerprint


async def test_what_no_rule_names_is_one_line_however_often_it_comes(stage, alertmanager):
    await alertmanager.tell("DiskAlmostFull", severity="warning")
    await stage.says(CHEN, "ℹ️ DiskAlmostFull at the school", chat=CENTRE, timeout=15)
    await alarms(stage, 3)
    await stage.quiet()
    lines = stage.heard(CHEN, "DiskAlmostFull", CENTRE)
    assert len(lines) == 1
    assert await stage.read(lambda tx: tx.incidents.list_recent(10)) == []


async def test_several_alerts_of_one_group_are_judged_one_by_one(stage, alertmanager):
    await asyncio.gather(
        alertmanager.tell("Down", instance="router"),
        alertmanager.tell("Down", instance="pumps", kind="utility", zone="gym"),
    )
    await stage.topic_named("体育馆", timeout=15)
    await stage.says(CHEN, "ℹ️ Down at the school", chat=CENTRE, timeout=15)
    assert len(await stage.read(lambda tx: tx.incidents.list_recent(10))) == 1


async def test_what_alertmanager_keeps_while_muster_is_away_arrives_when_it_is_back(stage, alertmanager):
    port = stage.muster.web_url.rpartition(":")[2]
    await stage.stop()
    await alertmanager.tell("PowerOut", kind="utility", zone="A3")
    await asyncio.sleep(1)
    settings = stage.folder / "school.toml"
    settings.write_text(settings.read_text("utf-8").replace("127.0.0.1:0", f"127.0.0.1:{port}"), "utf-8")
    await stage.start()
    await stage.topic_named("2026-0001", timeout=20)
