"""Phones that get documents: what was sent, and what stands in it."""

from __future__ import annotations

from typing import Any

from tests.integrations.documents.pdf import Pdf
from tests.support.cast import CENTRE, CHEN, EMILY, LI, ZHAO
from tests.support.stage import Stage


def with_document(words: str) -> Any:
    """A message that has a file and says this in its caption."""
    return lambda message: "document" in message and words in message.get("caption", "")


def content(stage: Stage, message: dict[str, Any]) -> bytes:
    """The file of a message."""
    stored = stage.simulator.world.files.get(message["document"]["file_id"])
    assert stored is not None
    return bytes(stored.content)


def words_of(stage: Stage, message: dict[str, Any]) -> str:
    """All words of the message's PDF, without spaces."""
    pdf = Pdf(content(stage, message))
    return "".join(pdf.words(page) for page in range(len(pdf)))


async def fire(stage: Stage) -> int:
    """Emily reports a fire, Chen takes command; the topic's thread."""
    before = len(stage.topics())
    await stage.phone(EMILY).send("/report fire A3 smoke in the corridor")
    await stage.says(CHEN, lambda _: len(stage.topics()) > before, chat=CENTRE)
    thread = int(stage.phone(CHEN).topics(CENTRE)[-1].id)
    await order(stage, "/command", "陈刚担任总指挥", thread)
    return thread


async def order(stage: Stage, words: str, answer: str, thread: int) -> dict[str, Any]:
    """Chen writes in the topic; what is said there next."""
    said = await stage.phone(CHEN).send(words, chat=CENTRE, thread=thread)
    return await stage.says(CHEN, answer, chat=CENTRE, thread=thread, after=said["message_id"])


async def evacuate(stage: Stage, thread: int) -> None:
    """Ordered and confirmed."""
    ask = await order(stage, "/evacuate", "下达疏散指令", thread)
    await stage.phone(CHEN).press(ask["message_id"], "确认疏散", chat=CENTRE)
    await stage.quiet()


async def all_clear(stage: Stage, thread: int) -> None:
    """Asked and confirmed, by sight; the report is made."""
    ask = await order(stage, "/allclear", "发布解除令", thread)
    labels = [b["text"] for row in ask["reply_markup"]["inline_keyboard"] for b in row]
    label = next(
        one for one in labels if one.startswith(("确认解除", "逐一", "已逐一", "现场")) or "确认" in one
    )
    await stage.phone(CHEN).press(ask["message_id"], label, chat=CENTRE)
    await stage.quiet()
    await made(stage)


async def made(stage: Stage) -> None:
    """What is due is made, printed and sent."""
    assert stage.muster is not None
    await stage.muster.services.after_actions.tick()
    await stage.quiet(timeout=30)


async def accepted(stage: Stage, number: str = "2026-0001") -> None:
    """The safety office submits, the principal accepts."""
    await made(stage)
    await stage.phone(LI).send(f"/afteraction {number} submit")
    await stage.quiet()
    await made(stage)
    await stage.phone(ZHAO).send(f"/afteraction {number} accept")
    await stage.quiet(timeout=30)
