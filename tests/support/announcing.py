"""What people do with announcements on the stage: write, press, answer, approve."""

from __future__ import annotations

from typing import Any

from bot.domain.roster import Person
from tests.support.cast import LI, ZHAO
from tests.support.stage import Stage


async def drafted(stage: Stage, by: Person, command: str, shown: str = "📝") -> dict[str, Any]:
    """What `by` typed in private, and the draft's card that came of it."""
    said = await stage.phone(by).send(command)
    return await stage.says(by, shown, after=said["message_id"])


async def press(stage: Stage, who: Person, message: dict[str, Any], label: str) -> str:
    """Press and read the notice on the button."""
    query = await stage.phone(who).press(message["message_id"], label)
    return str((await stage.phone(who).wait_answer(query))["text"])


async def press_data(stage: Stage, who: Person, message: dict[str, Any], data: str) -> str:
    """A press of a button that does not stand there: an old or a forged one."""
    phone = stage.phone(who)
    query = phone._world.ask_bot(phone.user, phone._current(message["message_id"], None), data)
    return str((await phone.wait_answer(query))["text"])


def labels(message: dict[str, Any]) -> list[str]:
    """The buttons under a message."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


async def with_button(stage: Stage, who: Person, label: str) -> dict[str, Any]:
    """The message that has such a button now."""
    return await stage.says(who, lambda message: any(label in one for one in labels(message)))


async def press_shown(stage: Stage, who: Person, label: str) -> str:
    """Press such a button wherever it stands now, and read the notice on it."""
    return await press(stage, who, await with_button(stage, who, label), label)


async def submitted(
    stage: Stage, by: Person, command: str, approver: Person = ZHAO, asks: str = "提请审批"
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A draft sent in; the request on the approver's phone."""
    card = await drafted(stage, by, command)
    await press(stage, by, card, "提交审批")
    return card, await stage.says(approver, asks)


async def publish(stage: Stage, command: str, by: Person = LI) -> None:
    """Written by the safety office, approved by the principal."""
    _, request = await submitted(stage, by, command)
    await press(stage, ZHAO, request, "批准")


async def with_settings(stage: Stage, section: str) -> None:
    """Start Muster again with one more section in school.toml."""
    await stage.stop()
    path = stage.folder / "school.toml"
    path.write_text(f"{path.read_text('utf-8')}\n{section}\n", "utf-8")
    await stage.start()
