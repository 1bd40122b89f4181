"""While Telegram takes nothing, fallback channels hear of alarms and orders, each once."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from bot.delivery.fallback import Fallback
from bot.domain.announcement import Text, texts_to_params
from bot.domain.audience import Audience, Group
from bot.domain.bulletin import Bulletin, Wording
from bot.domain.message import Address, Lane, MessageKind
from bot.errors import BrokenOffError, ServerFaultError, UnreachableError
from tests.support.announced import announce
from tests.support.engine import START, engine, note, open_incident, opening, simulate, simulated_clock
from tests.support.outlets import FakeOutlet, channels

SMS, GROUP = "channel:sms", "channel:group"
AFTER_S = 60


class Telling(FakeOutlet):
    def payloads(self, bulletin: Bulletin) -> list[bytes]:
        self.bulletins = [*getattr(self, "bulletins", []), bulletin]
        return [bulletin.wordings[0].text.encode()]


def compose(delivery):
    text = f"{delivery.kind}/{delivery.params.get('number', '')}"
    return Bulletin(
        f"d-{delivery.id}", "x", (Wording("en", "", text),), delivery.created_at, facts=delivery.params
    )


def down(error):
    def answer(_):
        raise error("away")

    return answer


@asynccontextmanager
async def school(path, answer=None, claimed_by="first", **outlets):
    """The engine, its channels, and the fallback ticking as the app's scheduler lets it."""
    async with (
        engine(path, answer=answer, elsewhere=frozenset({SMS, GROUP}), claimed_by=claimed_by) as running,
        channels(running, claimed_by, compose=compose, **outlets),
    ):
        fallback = Fallback(
            running.database,
            tuple(f"channel:{name}" for name in outlets),
            running.courier.quiet_s,
            after_s=AFTER_S,
            clock=simulated_clock,
        )

        async def live(seconds: float) -> None:
            for _ in range(int(seconds)):
                await running.calm(1)
                await fallback.tick()

        running.live = live
        yield running


def order(incident: int, to: int, kind=MessageKind.DIRECTIVE, lane=Lane.COMMAND, **params):
    draft = note("words", to, lane, kind, incident_id=incident)
    draft.params.update(
        {"number": "2026-0001", "mode": "REAL", "kind": "fire", "action": "EVACUATE"} | params
    )
    return draft


@pytest.mark.parametrize("error", [UnreachableError, BrokenOffError, ServerFaultError])
def test_an_order_to_everybody_goes_to_each_fallback_channel_once_after_its_time(tmp_path, error):
    async def story():
        sms, group = Telling(), Telling()
        async with school(tmp_path, down(error), sms=sms, group=group) as running:
            incident = await running.write(open_incident)
            await running.add(*(order(incident, n) for n in range(1, 7)))
            await running.live(AFTER_S - 5)
            assert (sms.taken, group.taken) == ([], [])
            await running.live(120)
            assert sms.taken == group.taken == ["directive/2026-0001"]

    simulate(story)


def test_it_is_once_also_over_a_restart(tmp_path):
    async def story():
        first, second = Telling(), Telling()
        async with school(tmp_path, down(UnreachableError), sms=first) as running:
            incident = await running.write(open_incident)
            await running.add(order(incident, 1))
            await running.live(90)
        async with school(tmp_path, down(UnreachableError), "second", sms=second) as running:
            await running.live(90)
        assert (first.taken, second.taken) == (["directive/2026-0001"], [])

    simulate(story)


def test_each_new_order_is_told_once_and_the_older_one_with_it_only_if_it_still_holds(tmp_path):
    async def story():
        sms = Telling()
        async with school(tmp_path, down(UnreachableError), sms=sms) as running:
            incident = await running.write(open_incident)
            await running.add(order(incident, 1, MessageKind.ALARM, Lane.ALARM))
            await running.live(70)
            await running.add(order(incident, 1), order(incident, 2))
            await running.live(30)
            now = simulated_clock()
            await running.write(lambda tx: tx.outbox.supersede(incident, [MessageKind.DIRECTIVE], now))
            await running.add(
                order(incident, 1, MessageKind.ALL_CLEAR), order(incident, 2, MessageKind.ALL_CLEAR)
            )
            await running.live(80)
            assert sms.taken == ["alarm/2026-0001", "all_clear/2026-0001"]

    simulate(story)


def test_nothing_goes_there_while_telegram_takes_messages_however_many_wait(tmp_path):
    async def story():
        sms = Telling()
        async with school(tmp_path, sms=sms) as running:
            incident = await running.write(open_incident)
            await running.add(*(order(incident, 1) for _ in range(100)))
            await running.live(90)
            assert len(running.transport.delivered) > 60
            assert sms.taken == []

    simulate(story)


def test_answers_questions_and_lists_of_pupils_never_go_there(tmp_path):
    async def story():
        sms = Telling()
        kinds = set(MessageKind) - {
            *(MessageKind.ALARM, MessageKind.DIRECTIVE, MessageKind.ALL_CLEAR),
            *(MessageKind.CANCELLED, MessageKind.DRILL_SUSPENDED),
        }
        async with school(tmp_path, down(UnreachableError), sms=sms) as running:
            incident = await running.write(open_incident)
            await running.add(*(order(incident, 1, kind) for kind in sorted(kinds)))
            await running.live(90)
            assert sms.taken == []

    simulate(story)


def test_no_name_and_no_word_of_a_reporter_goes_with_it(tmp_path):
    async def story():
        sms = Telling()
        async with school(tmp_path, down(UnreachableError), sms=sms) as running:
            incident = await running.write(open_incident)
            secret = {
                "first_words": "Xiao Ming of 7-3 lies on the floor",
                "reporter": {"zh": "王芳", "en": "Wang Fang"},
                "commander": {"zh": "陈刚", "en": "Chen Gang"},
                "lines": [{"words": "Xiao Ming"}],
                "picture": "abc",
            }
            await running.add(order(incident, 1, MessageKind.ALARM, Lane.ALARM, **secret))
            await running.live(90)
        [bulletin] = sms.bulletins
        assert set(bulletin.facts) == {"number", "mode", "kind", "action", "is_fallback"}

    simulate(story)


def test_a_title_that_stands_already_is_no_sign_of_life(tmp_path):
    async def story():
        sms, is_down = Telling(), False

        def answer(call):
            if is_down:
                raise UnreachableError("away")

        async with school(tmp_path, answer, sms=sms) as running:
            incident = await running.write(open_incident)
            await running.add(*opening(incident))
            await running.live(10)
            is_down = True
            await running.add(*(order(incident, n) for n in range(1, 7)))
            again = note(
                "topic",
                Address.topic(incident),
                Lane.ALARM,
                MessageKind.TOPIC,
                incident_id=incident,
                coalesce=f"topic:{incident}",
            )
            for _ in range(40):  # as an alert that repeats
                await running.add(again)
                await running.live(15)
            assert sms.taken

    simulate(story)


async def published(running, audience, **changes):
    """A life-safety text as it waits for two readers of different languages, the first part of each."""
    texts = {"zh_Hans": Text("立即疏散。"), "en": Text("Evacuate now.")}
    more = {"texts": texts, "audience": audience, "is_urgent": True, **changes}
    kept = await running.write(lambda tx: announce(tx, START, **more))
    for to, language in ((1, "zh_Hans"), (2, "en")):
        params = {"number": kept.number, "texts": {language: {}}, "asks": "safe", "address": ""}
        post = note("", to, Lane.COMMAND, MessageKind.ANNOUNCEMENT, announcement_id=kept.id)
        post.params.update(params)
        await running.add(post)
    return kept


def test_a_life_safety_text_goes_there_whole_once_and_not_where_it_went_already(tmp_path):
    async def story():
        sms, group = Telling(), Telling()
        async with school(tmp_path, down(UnreachableError), sms=sms, group=group) as running:
            kept = await published(running, Audience(Group.STAFF))
            own = note("", Address(GROUP), Lane.COMMAND, MessageKind.ANNOUNCEMENT, announcement_id=kept.id)
            own.params["number"] = "its own"
            await running.add(own)
            await running.live(90)
            assert (sms.taken, group.taken) == (["announcement/2026-A001"], ["announcement/its own"])
            assert await running.write(lambda tx: tx.readers.channels([kept.id])) == {SMS, GROUP}
        [bulletin] = sms.bulletins
        assert bulletin.facts["texts"] == texts_to_params(kept.texts)
        assert bulletin.facts["asks"] == "none"

    simulate(story)


def test_a_text_for_some_of_the_staff_goes_to_no_channel_instead_of_telegram(tmp_path):
    async def story():
        sms = Telling()
        async with school(tmp_path, down(UnreachableError), sms=sms) as running:
            await published(running, Audience(Group.ROLES, ("MEDICAL",)))
            await running.live(90)
            assert sms.taken == []

    simulate(story)
