"""Topics, cards and pins: made once, edited, made again when somebody deleted them."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.message import Address, Lane, MessageKind
from bot.errors import (
    MessageGoneError,
    RejectedError,
    TopicGoneError,
    UncertainError,
)
from bot.storage.tables import incidents
from tests.support.engine import (
    Call,
    engine,
    note,
    open_incident,
    opening,
    scripted,
    simulate,
)

pytestmark = pytest.mark.both_databases


def _incident(tx, incident_id):
    return tx.incidents.get(incident_id)


# ── topics and cards ───────────────────────────────────────────────────────────────────────────────────────
def test_the_topic_comes_before_the_card_and_the_card_before_the_lines(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*opening(incident))
            await muster.calm()
            assert muster.transport.methods() == ["create_topic", "send", "send", "pin"]
            assert muster.transport.texts() == ["topic", "card", "line", "102"]
            topic_id = muster.transport.calls[0].message_id
            assert {call.delivery.thread_id for call in muster.transport.calls[1:]} == {topic_id}
            stored = await muster.database.read(_incident, incident)
            assert (stored.topic_id, stored.card_message_id) == (101, 102)

    simulate(story)


def test_later_cards_edit_the_first_and_only_the_newest_state_is_sent(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*opening(incident))
            await muster.calm()
            to = Address.topic(incident)
            later = {"coalesce": f"card:{incident}", "incident_id": incident}
            await muster.add(
                *(note(f"state {n}", to, Lane.THREAD, MessageKind.CARD, **later) for n in range(5))
            )
            await muster.calm()
            last = muster.transport.delivered[-1]
            assert (last.method, last.text, last.delivery.edit_of) == ("edit", "state 4", 102)
            assert len(muster.transport.calls) == 5

    simulate(story)


def test_an_unchanged_title_costs_no_call(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            incident = await muster.write(open_incident)
            await muster.add(opening(incident)[2])
            await muster.calm()
            await muster.add(opening(incident)[2])
            await muster.calm()
            await muster.add(opening(incident, " closed")[2])
            await muster.calm()
            assert muster.transport.methods() == ["create_topic", "rename_topic"]
            assert await muster.states() == ["sent", "sent", "sent"]

    simulate(story)


def test_a_deleted_topic_is_made_again_with_its_card_and_the_line_follows(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*opening(incident))
            await muster.calm()
            muster.transport.delivered.clear()
            muster.transport.answer = scripted(TopicGoneError("thread not found"))
            await muster.add(note("after", Address.topic(incident), Lane.THREAD, MessageKind.LINE))
            await muster.calm(60)
            assert muster.transport.methods()[:3] == ["create_topic", "send", "send"]
            assert muster.transport.texts()[:3] == ["topic", "card", "after"]
            stored = await muster.database.read(_incident, incident)
            assert stored.topic_id == muster.transport.delivered[0].message_id
            assert "queued" not in await muster.states()

    simulate(story)


def test_a_topic_that_is_deleted_again_and_again_gives_way_to_general(tmp_path):
    async def story():
        def gone(call: Call) -> None:
            if call.delivery.thread_id is not None:
                raise TopicGoneError("thread not found")

        async with engine(tmp_path, answer=gone) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*opening(incident))
            await muster.calm(100)
            stored = await muster.database.read(_incident, incident)
            assert stored.topic_id == 0
            assert {"card", "line"} <= set(muster.transport.texts())
            assert "queued" not in await muster.states()

    simulate(story)


def test_without_the_right_to_make_topics_everything_goes_to_general(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(RejectedError("not enough rights"))) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*opening(incident))
            await muster.calm()
            assert muster.transport.texts()[:2] == ["card", "line"]
            assert {call.delivery.thread_id for call in muster.transport.delivered} == {None}
            trouble = [row for row in await muster.rows() if row.kind == "trouble"]
            assert trouble[0].params["problem"] == "topic_refused"

    simulate(story)


def test_a_topic_without_an_answer_is_made_again_so_that_nothing_waits_for_ever(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(UncertainError("timeout"))) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*opening(incident))
            await muster.calm()
            assert muster.transport.methods()[0] == "create_topic"
            assert "queued" not in await muster.states()

    simulate(story)


def test_a_deleted_card_is_sent_anew(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*opening(incident))
            await muster.calm()
            muster.transport.answer = scripted(MessageGoneError("message to edit not found"))
            await muster.add(
                note("newer", Address.topic(incident), Lane.THREAD, MessageKind.CARD, incident_id=incident)
            )
            await muster.calm()
            assert muster.transport.methods()[-2:] == ["send", "pin"]
            stored = await muster.database.read(_incident, incident)
            assert stored.card_message_id == muster.transport.delivered[-2].message_id

    simulate(story)


def test_a_pin_that_fails_is_not_fatal(tmp_path):
    async def story():
        def no_pins(call: Call) -> None:
            if call.method == "pin":
                raise RejectedError("not enough rights to pin")

        async with engine(tmp_path, answer=no_pins) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*opening(incident))
            await muster.calm()
            assert muster.transport.texts() == ["topic", "card", "line"]
            assert await muster.states() == ["sent", "sent", "sent", "failed"]

    simulate(story)


def test_a_topic_number_of_zero_takes_no_more_titles(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            incident = await muster.write(open_incident)
            await muster.write(lambda tx: tx.connection.execute(incidents.update().values(topic_id=0)))
            await muster.add(*opening(incident))
            await muster.calm()
            assert muster.transport.methods() == ["send", "send", "pin"]
            assert sorted(await muster.states()) == ["sent", "sent", "sent", "withdrawn"]

    simulate(story)


def test_a_title_whose_answer_was_lost_is_given_again(tmp_path):
    async def story():
        shown = []

        def answer(call):
            if call.method in ("rename_topic", "create_topic"):
                shown.append(call.text)
                if call.text == "B":
                    raise UncertainError("carried out, but the answer is lost")

        async with engine(tmp_path) as muster:
            muster.transport.answer = answer
            incident = await muster.write(open_incident)
            to, keys = Address.topic(incident), {"incident_id": incident, "coalesce": f"topic:{incident}"}
            for text, wait_s in (("A", 5), ("B", 0.5), ("A", 60)):
                await muster.add(note(text, to, Lane.ALARM, MessageKind.TOPIC, **keys))
                await asyncio.sleep(wait_s)
            assert shown[-1] == "A"

    simulate(story)
