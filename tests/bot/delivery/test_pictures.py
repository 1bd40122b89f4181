"""A picture is taken when its row goes out: it holds up no text, and is noted with Telegram's answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from bot.domain.look import Look, Shot
from bot.domain.message import Address, Draft, Lane, MessageKind, Rendered
from bot.errors import BrokenOffError, RejectedError, RetryAfterError, UncertainError, UnreachableError
from tests.support.engine import START, FakeTransport, engine, scripted, simulate, simulated_clock

T1 = Address.person("T001")
LOOK = Look(7, "T001", "gate", START)
JPEG = b"\xff\xd8 what the gate sees \xff\xd9"


@dataclass
class FakePhotographer:
    """`shots` one after the other, the last again and again; each takes `takes_s`."""

    shots: list[Shot | Exception] = field(default_factory=lambda: [Shot(LOOK, {"text": "gate"}, JPEG)])
    takes_s: float = 0.0
    taken_at: list[float] = field(default_factory=list)
    noted: list[bool] = field(default_factory=list)

    async def take(self, delivery):
        self.taken_at.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.takes_s)
        shot = self.shots.pop(0) if len(self.shots) > 1 else self.shots[0]
        if isinstance(shot, Exception):
            raise shot
        return shot

    def note(self, tx, shot, *, is_sure):
        tx.facts.set("noted", len(self.noted))
        self.noted.append(is_sure)


@dataclass
class Photos(FakeTransport):
    """Remembers what was in the messages."""

    messages: list[Rendered] = field(default_factory=list)

    async def send(self, delivery, message):
        sent = await super().send(delivery, message)
        self.messages.append(message)
        return sent


def picture(**more) -> Draft:
    params = {"look": 7, "deleted_after_s": 3600, "is_protected": True}
    return Draft(T1, MessageKind.CAMERA_PICTURE, params, coalesce=LOOK.picture_key, is_standing=True, **more)


def text(words="now", lane=Lane.COMMAND) -> Draft:
    return Draft(T1, MessageKind.DONE, {"text": words}, lane=lane)


async def hurry(one) -> None:
    now = simulated_clock()
    await one.write(lambda tx: tx.outbox.hurry(LOOK.removal_key, now))


def test_the_picture_goes_out_protected_and_is_noted(tmp_path):
    async def story():
        transport, camera = Photos(), FakePhotographer()
        async with engine(tmp_path, transport=transport, photographer=camera) as one:
            await one.add(picture())
            await one.calm(2)
            [sent] = transport.messages
            assert (sent.photo, sent.is_protected, sent.text) == (JPEG, True, "gate")
            assert camera.noted == [True]
            states = {row.kind: row.state for row in await one.rows()}
            assert states == {"camera_picture": "sent", "camera_removal": "queued"}
            assert all(JPEG not in str(row.params).encode() for row in await one.rows())

    simulate(story)


def test_no_text_waits_for_a_camera(tmp_path):
    async def story():
        transport, camera = Photos(), FakePhotographer(takes_s=8.0)
        async with engine(tmp_path, transport=transport, photographer=camera) as one:
            await one.add(picture())
            await one.calm(1)
            await one.add(text("alarm", Lane.ALARM), text("order"))
            await one.calm(4)
            assert transport.texts() == ["alarm", "order"]
            await one.calm(6)
            assert transport.texts() == ["alarm", "order", "gate"]

    simulate(story)


def test_twenty_slow_cameras_take_nobodys_place(tmp_path):
    async def story():
        transport, camera = Photos(), FakePhotographer(takes_s=8.0)
        async with engine(tmp_path, transport=transport, photographer=camera) as one:
            drafts = [
                Draft(Address.person(f"T{n:03}"), MessageKind.CAMERA_PICTURE, {"look": n})
                for n in range(1, 31)
            ]
            await one.add(*drafts)
            await one.calm(3)
            assert len(camera.taken_at) == 30
            await one.add(Draft(Address.person("T040"), MessageKind.DONE, {"text": "order"}))
            await one.calm(1)
            assert transport.texts() == ["order"]

    simulate(story)


def test_during_an_outage_no_camera_is_asked(tmp_path):
    async def story():
        is_down = True

        def answer(call):
            if is_down:
                raise UnreachableError("no route")

        transport, camera = Photos(), FakePhotographer()
        async with engine(tmp_path, transport=transport, photographer=camera, answer=answer) as one:
            await one.add(picture())
            await one.calm(60)
            assert len(camera.taken_at) == 1, "before anybody knew"
            assert {call.method for call in transport.calls[1:]} == {"announce"}
            is_down = False
            await one.calm(10)
            assert transport.methods() == ["announce", "send"]
            assert len(camera.taken_at) == 2, "of now, not of then"
            assert camera.noted == [True]

    simulate(story)


def test_a_row_that_names_the_group_brings_no_picture_there(tmp_path):
    async def story():
        transport, camera = Photos(), FakePhotographer()
        async with engine(tmp_path, transport=transport, photographer=camera) as one:
            await one.add(Draft(Address("centre"), MessageKind.CAMERA_PICTURE, {"look": 7}))
            await one.calm(5)
            assert camera.taken_at == []
            assert all(message.photo is None for message in transport.messages)

    simulate(story)


def test_without_an_answer_it_is_noted_as_perhaps_seen(tmp_path):
    async def story():
        transport, camera = Photos(), FakePhotographer()
        answer = scripted(UncertainError("?"), BrokenOffError("?"), None)
        async with engine(tmp_path, transport=transport, photographer=camera, answer=answer) as one:
            await one.add(picture())
            await one.calm(20)
            assert camera.noted[0] is False
            assert camera.noted[-1] is True

    simulate(story)


def test_what_is_surely_not_delivered_is_not_noted(tmp_path):
    async def story():
        transport, camera = Photos(), FakePhotographer()
        answer = scripted(RetryAfterError(2), None)
        async with engine(tmp_path, transport=transport, photographer=camera, answer=answer) as one:
            await one.add(picture())
            await one.calm(20)
            assert camera.noted == [True]
            assert len(camera.taken_at) == 2

    simulate(story)


def test_a_picture_that_telegram_refuses_becomes_a_plain_word(tmp_path):
    async def story():
        transport, camera = Photos(), FakePhotographer()
        answer = scripted(RejectedError("IMAGE_PROCESS_FAILED"), None)
        async with engine(tmp_path, transport=transport, photographer=camera, answer=answer) as one:
            await one.add(picture())
            await one.calm(5)
            assert "⚠️" in transport.texts()[0]
            assert camera.noted == []

    simulate(story)


def test_a_photographer_that_breaks_is_asked_again(tmp_path):
    async def story():
        transport = Photos()
        camera = FakePhotographer([OSError("disk"), Shot(LOOK, {"text": "gate"}, JPEG)])
        async with engine(tmp_path, transport=transport, photographer=camera) as one:
            await one.add(picture())
            await one.calm(10)
            assert transport.texts()[-1] == "gate"

    simulate(story)


def test_a_picture_whose_look_ended_on_its_way_is_taken_out_of_the_chat_at_once(tmp_path):
    async def story():
        transport, camera = Photos(), FakePhotographer()
        async with engine(tmp_path, transport=transport, photographer=camera) as one:
            ended = await one.write(lambda tx: tx.looks.add(replace(LOOK, ended_at=START)))
            camera.shots = [Shot(ended, {"text": "gate"}, JPEG)]
            await one.add(picture())
            await one.calm(2)
            states = {row.kind: row.state for row in await one.rows()}
            assert states == {"camera_picture": "sent", "camera_removal": "sent"}

    simulate(story)


def test_what_may_not_be_seen_any_more_is_said_in_a_message_of_its_own(tmp_path):
    async def story():
        transport = Photos()
        camera = FakePhotographer(
            [Shot(LOOK, {"text": "gate"}, JPEG), Shot(LOOK, {"text": "over", "barrier": "no_right"})]
        )
        async with engine(tmp_path, transport=transport, photographer=camera) as one:
            await one.add(picture())
            await one.calm(3)
            await one.add(picture())
            await one.calm(3)
            assert transport.methods() == ["send", "send"], "the picture is deleted, not edited"
            assert transport.messages[1].photo is None

    simulate(story)


def test_it_is_deleted_on_time_whoever_has_left_and_stands_no_longer(tmp_path):
    async def story():
        transport, camera = Photos(), FakePhotographer()
        async with engine(tmp_path, transport=transport, photographer=camera) as one:
            await one.add(picture())
            await one.calm(3)
            sent = transport.delivered[-1].message_id
            await one.write(lambda tx: tx.people.revoke("T001"))
            await one.calm(3590)
            assert "delete" not in transport.methods()
            await one.calm(20)
            assert (transport.delivered[-1].method, transport.delivered[-1].text) == ("delete", str(sent))
            assert await one.states() == ["sent", "sent"]
            assert [row.message_id for row in await one.rows()] == [None, None]

    simulate(story)


def test_it_can_be_deleted_at_once(tmp_path):
    async def story():
        transport, camera = Photos(), FakePhotographer()
        async with engine(tmp_path, transport=transport, photographer=camera) as one:
            await one.add(picture())
            await one.calm(3)
            await hurry(one)
            await one.calm(3)
            assert transport.methods() == ["send", "delete"]

    simulate(story)


def test_one_that_cannot_be_deleted_is_told_to_the_command_centre(tmp_path):
    async def story():
        def answer(call):
            if call.method == "delete":
                raise RejectedError("message can't be deleted for everyone")

        transport, camera = Photos(), FakePhotographer()
        async with engine(tmp_path, transport=transport, photographer=camera, answer=answer) as one:
            await one.add(picture())
            await one.calm(3)
            await hurry(one)
            await one.calm(2)
            [trouble] = [row for row in await one.rows() if row.kind == "trouble"]
            assert (trouble.params["problem"], trouble.params["subjects"]) == (
                "picture_not_deleted",
                [{"zh": "老师1", "en": ""}],
            )

    simulate(story)
