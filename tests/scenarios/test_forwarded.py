"""Another's words, passed on, are words and no command."""

from __future__ import annotations

import pytest

from tests.support.cast import CHEN, EMILY, WANG


def forwarded(by, text):
    user = {"id": by.telegram_id, "is_bot": False, "first_name": by.name.en}
    origin = {
        "type": "user",
        "date": 1,
        "sender_user": {"id": WANG.telegram_id, "is_bot": False, "first_name": "W"},
    }
    message = {"message_id": 77, "date": 2, "chat": {"id": by.telegram_id, "type": "private"}, "from": user}
    message |= {"text": text, "forward_origin": origin}
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
    return {"update_id": 900_001, "message": message}


@pytest.mark.parametrize("text", ["/cancel 2026-0001 false alarm", "/drill fire A3", "/sos", "sos"])
async def test_a_forwarded_command_does_nothing(stage, text):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(WANG, "2026-0001")
    await stage.quiet()
    before = await stage.read(lambda tx: tx.incidents.list_recent(10))
    stage.simulator.inject_raw(forwarded(EMILY if "sos" in text else CHEN, text))
    await stage.quiet()
    after = await stage.read(lambda tx: tx.incidents.list_recent(10))
    assert [(i.id, i.status) for i in after] == [(i.id, i.status) for i in before]
