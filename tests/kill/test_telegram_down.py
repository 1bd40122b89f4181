"""SIGKILL while Telegram is down, restart while it is still down: everything arrives once it is back."""

from __future__ import annotations

import asyncio

import pytest

from integrations.telegram.simulator import Simulator
from tests.kill.scene import (
    SENDS,
    SOON_S,
    TEACHERS,
    assert_each_once,
    assert_repeats_are_marked,
    assert_sent_is_true,
)
from tests.support.process import until

pytestmark = pytest.mark.both_databases

DIRECTIVE = "EVACUATE"
RECEIPT = "Received as report"


class Trouble:
    """At first only the calls that send meet it, while updates still come; then all calls do."""

    does_deliver = False
    """Whether what is on its way at the kill has arrived all the same."""

    def __init__(self, **faults: object) -> None:
        self._faults = dict(faults)

    async def on_sends(self, simulator: Simulator) -> None:
        simulator.faults.change(self._faults)

    async def on_everything(self, simulator: Simulator) -> None:
        simulator.faults.change({"only_methods": None})

    async def ends(self, simulator: Simulator) -> None:
        simulator.faults.clear()


class NobodyListens(Trouble):
    """The connection itself is refused."""

    def __init__(self) -> None:
        super().__init__(status_code=502)

    async def on_everything(self, simulator: Simulator) -> None:
        await simulator.stop()
        simulator.faults.clear()

    async def ends(self, simulator: Simulator) -> None:
        await simulator.start(simulator.port)


class NeverAnswers(Trouble):
    """The worst: a message that arrived and a message that did not look alike."""

    does_deliver = True

    def __init__(self) -> None:
        super().__init__(hang_after_effect=True)


TROUBLES = {
    "answers 502": Trouble(status_code=502),
    "refuses connections": NobodyListens(),
    "hangs": Trouble(hang=True),
    "sends, but never answers": NeverAnswers(),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
async def test_200_updates_and_200_messages_survive_a_kill_while_telegram(trouble, scene):
    telegram, ledger = scene.simulator, scene.ledger
    telegram.faults.only_methods = set(SENDS)  # a long poll keeps to what held when it began
    first = await scene.start()
    await scene.open_led_incident()
    asked = await scene.ask_to_evacuate()

    await trouble.on_sends(telegram)
    await scene.confirm(asked)
    for number in range(TEACHERS // 2):
        await scene.report(number)
    await until(lambda: ledger.count("reports") > TEACHERS // 2, within_s=SOON_S, what=ledger.told)
    await trouble.on_everything(telegram)
    for number in range(TEACHERS // 2, TEACHERS):
        await scene.report(number)
    assert ledger.count("deliveries", "kind = 'directive' AND state = 'queued'") > TEACHERS * 0.8
    first.kill()
    assert scene.confirmed() <= ledger.stored()

    await scene.start()
    await asyncio.sleep(1)
    assert ledger.waiting() >= TEACHERS
    await trouble.ends(telegram)
    await until(lambda: ledger.count("reports") > TEACHERS, within_s=SOON_S, what=ledger.told)
    await scene.is_settled()

    assert_each_once(scene, range(TEACHERS))
    assert_sent_is_true(scene)
    repeated = sum(
        assert_repeats_are_marked(scene, opening, range(TEACHERS)) for opening in (DIRECTIVE, RECEIPT)
    )
    lost = ledger.private("state != 'sent' AND kind IN ('directive', 'receipt')")
    assert lost == []
    repeats = ledger.count("deliveries", "is_repeat AND state = 'sent'")
    assert (repeated > 0) is trouble.does_deliver
    assert repeated <= repeats
    assert await scene.metric("muster_delivery_repeats_total") == repeats
