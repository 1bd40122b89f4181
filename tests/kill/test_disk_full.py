"""A full disk: no update is confirmed that was not kept, and everything goes on once there is room."""

from __future__ import annotations

import asyncio
import shutil
import subprocess

import pytest

from tests.kill.scene import SOON_S, assert_each_once, assert_repeats_are_marked, assert_sent_is_true
from tests.support.process import get, until

FULL_S = 3.0
GRACE_S = 5.0
ROOM = "8m"
# A file system of its own, in a name space of its own: no root, and nothing to unmount.
OWN_DISK = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
MOUNT = f"""
mkdir room && mount -t tmpfs -o size={ROOM} tmpfs room && cp var/* room && mount --bind room var && exec "$0" "$@"
"""


class FileLimit:
    """The kernel refuses this process every write beyond the first bytes of any file."""

    before = ()

    async def fill(self, scene):
        scene.process.limit_files(1)

    async def free(self, scene):
        scene.process.limit_files(None)


class SmallDisk:
    """A real file system, and a real ENOSPC."""

    before = (*OWN_DISK, MOUNT)

    async def fill(self, scene):
        self.filler = scene.ledger.source.with_name("filler")
        with self.filler.open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                return

    async def free(self, scene):
        self.filler.unlink()


def _has_own_disks():
    if shutil.which("unshare") is None:
        return False
    probe = subprocess.run([*OWN_DISK, "mount -t tmpfs tmpfs /mnt"], capture_output=True, check=False)
    return probe.returncode == 0


@pytest.mark.parametrize("disk", [FileLimit(), SmallDisk()], ids=["by a limit", "of its own"])
async def test_a_full_disk_loses_no_update_and_recovers(disk, scene):
    if isinstance(disk, SmallDisk) and not _has_own_disks():
        pytest.skip("this machine lets nobody mount a file system of their own")
    await scene.start(before=disk.before)
    if disk.before:
        scene.look_at_the_disk_of_the_process()
    await scene.open_led_incident()
    before, during, after = range(20), range(20, 60), range(60, 80)
    for number in before:
        await scene.report(number)
    await scene.is_settled()

    await disk.fill(scene)
    for number in during:
        await scene.report(number)
    await asyncio.sleep(FULL_S)
    assert scene.process.is_alive
    await until(lambda: scene.process.events("updates_not_kept"), within_s=SOON_S, what=scene.process.tail)
    assert scene.confirmed() <= scene.ledger.stored(), "confirmed, but not kept"
    assert (await get(f"{scene.web_url}/healthz"))[0] == 200
    assert_sent_is_true(scene)

    await disk.free(scene)
    for number in after:
        await scene.report(number)
    await scene.is_fetched()
    await scene.is_settled()
    everybody = [*before, *during, *after]
    assert_each_once(scene, everybody)
    assert_sent_is_true(scene)
    assert assert_repeats_are_marked(scene, "Received as report", everybody) == 0
    assert [row[0] for row in scene.ledger.rows("PRAGMA integrity_check")] == ["ok"]


async def test_sigterm_ends_in_time_on_a_full_disk_and_loses_nothing(scene):
    await scene.start()
    await scene.open_led_incident()
    numbers = range(60)
    talking = asyncio.create_task(scene.chatter(numbers, seconds=1.5))
    await asyncio.sleep(0.5)
    scene.process.limit_files(1)
    await talking
    code, seconds = await scene.process.terminate()
    assert (code, seconds < GRACE_S) == (0, True), (code, seconds, scene.process.tail())
    assert scene.confirmed() <= scene.ledger.stored()

    await scene.start()
    await scene.is_fetched()
    await scene.is_settled()
    assert_each_once(scene, numbers)
    assert_sent_is_true(scene)
