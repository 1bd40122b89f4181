"""The desk that puts files to messages: one printing for all readers of a language, and never an error."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.delivery import documents
from bot.delivery.documents import DocumentDesk
from bot.domain.document import DocumentKind
from bot.domain.message import Address, Delivery, Lane, MessageKind, Rendered
from bot.errors import DocumentError
from bot.i18n import Languages
from bot.storage.database import Database

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DATA = {
    "school": {"zh": "青城中学", "en": "Qingcheng Middle School"},
    "number": "2026-0007",
    "mode": "REAL",
    "version": 1,
    "is_short": True,
    "made_at": NOW.isoformat(),
    "head": {
        **dict.fromkeys(("kind", "zone", "ended_at", "reporter", "commander", "action", "lasted_s")),
        "severity": 2,
        "status": "CANCELLED",
        "opened_at": NOW.isoformat(),
        "outcome": "",
        "action_zones": [],
        "reports": [],
    },
    "evaluation": {"official": {}, "answers": [], "grades": {}},
    "targets": [],
    "course": [],
}
SAID = Rendered("words", document=1)


class Press:
    """Instead of the printer's process."""

    def __init__(self, *, seconds: float = 0, error: Exception | None = None) -> None:
        self.printed: list[list[str]] = []
        self._seconds = seconds
        self._error = error

    async def print(self, parts):
        self.printed.append([part["lang"] for part in parts])
        await asyncio.sleep(self._seconds)
        if self._error:
            raise self._error
        return b"%PDF " + str(len(self.printed)).encode()

    async def picture(self, part):
        return b"PNG " + part["lang"].encode()


def to(locale: str) -> Delivery:
    return Delivery(
        id=1,
        to=Address.person("T1"),
        kind=MessageKind.AFTER_ACTION,
        params={},
        lane=Lane.DIGEST,
        incident_id=None,
        is_silent=False,
        edit_of=None,
        locale=locale,
        chat_id=1,
        thread_id=None,
        attempts=1,
        is_repeat=False,
        created_at=NOW,
    )


@pytest.fixture
async def database(tmp_path):
    made = Database(f"sqlite:///{tmp_path / 'muster.db'}")
    made.migrate()
    await made.open()
    await made.write(lambda tx: tx.documents.add(DocumentKind.AFTER_ACTION, DATA, NOW))
    yield made
    await made.close()


@pytest.fixture
def desk_of(database):
    languages = Languages(ZoneInfo("Asia/Shanghai"), "zh_Hans")
    return lambda press, language="reader": DocumentDesk(database, press, languages, language)


async def test_each_reader_gets_it_in_their_language_and_two_of_one_language_share_one_printing(desk_of):
    press = Press()
    desk = desk_of(press)
    names = [(await desk.attach(to(locale), SAID)).attachment.filename for locale in ("zh_Hans", "en", "en")]
    assert names == ["2026-0007-处置总结报告-v1.pdf", *["2026-0007-after-action-v1.pdf"] * 2]
    assert press.printed == [["zh"], ["en"]]


@pytest.mark.parametrize(("language", "parts"), [("both", ["zh", "en"]), ("en", ["en"]), ("zh_Hans", ["zh"])])
async def test_the_settings_may_ask_for_one_language_or_both(desk_of, language, parts):
    press = Press()
    await desk_of(press, language).attach(to("zh_Hans"), SAID)
    assert press.printed == [parts]


async def test_a_picture_of_the_figures_goes_as_a_photo_in_the_readers_language(desk_of):
    message = await desk_of(Press()).attach(to("en"), Rendered("words", document=1, is_pictured=True))
    assert (message.photo, message.attachment) == (b"PNG en", None)


async def test_a_message_without_a_document_is_left_as_it_is(desk_of):
    plain = Rendered("words")
    assert await desk_of(Press()).attach(to("en"), plain) is plain


@pytest.mark.parametrize("error", [DocumentError("dead"), KeyError("x"), OSError("no memory")])
async def test_when_it_cannot_be_printed_the_words_say_so_and_the_next_try_prints(desk_of, error):
    message = await desk_of(Press(error=error)).attach(to("en"), SAID)
    assert message.attachment is None
    assert message.text.startswith("words\n\n⚠️ The document could not be made.")


async def test_a_document_that_is_not_there_or_takes_for_ever_costs_only_itself(desk_of, monkeypatch):
    message = await desk_of(Press()).attach(to("en"), Rendered("words", document=99))
    assert "could not be made" in message.text
    monkeypatch.setattr(documents, "LONGEST_S", 0.05)
    message = await desk_of(Press(seconds=5)).attach(to("en"), SAID)
    assert "could not be made" in message.text


async def test_only_the_newest_printings_are_remembered(desk_of, database, monkeypatch):
    monkeypatch.setattr(documents, "KEPT", 1)
    await database.write(lambda tx: tx.documents.add(DocumentKind.AFTER_ACTION, DATA, NOW))
    press = Press()
    desk = desk_of(press)
    for document in (1, 1, 2, 1):
        await desk.attach(to("en"), Rendered("words", document=document))
    assert len(press.printed) == 3
