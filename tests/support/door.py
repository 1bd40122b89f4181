"""The chat's door without Telegram: updates go in as JSON, deliveries come out in words; all between is real."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from telegram import Update

from bot.app import school_of
from bot.config import load
from bot.domain.lost_time import LostTime
from bot.domain.message import Address, Button, Delivery, DeliveryState, Lane, MessageKind, Rendered
from bot.domain.roster import Person
from bot.domain.roster_diff import Roster
from bot.i18n import Languages
from bot.messages import Renderer
from bot.services import Services
from bot.services.importing import apply_roster
from bot.services.turn import Turns
from bot.storage.database import Database
from bot.storage.inbox import payload_of
from bot.storage.tables import deliveries
from handlers.chat.application import Conversations
from handlers.chat.edge import SOURCE, Edge
from integrations.telegram.bot import MusterBot, build_application
from tests.support import cast, databases

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
BOT = {"id": 1000001, "is_bot": True, "first_name": "muster", "username": "muster_bot"}


@dataclass(frozen=True)
class Said:
    """One message that Muster would send, in its reader's language."""

    to: str
    topic_of: int | None
    kind: MessageKind
    lane: Lane
    text: str
    buttons: tuple[tuple[Button, ...], ...]
    keyboard: tuple[tuple[str, ...], ...]
    is_silent: bool
    edit_of: int | None
    needs_right: str | None

    def data(self, label: str) -> str:
        """The callback_data of the button that has this label."""
        for button in itertools.chain.from_iterable(self.buttons):
            if label in button.label and button.press:
                return button.press.encode()
        raise LookupError(label)


class Door:
    """`send` and `press` act as Telegram does; `said` is everything that would have gone out, oldest first."""

    def __init__(self, folder: Path) -> None:
        settings = load(folder / "school.toml", {})
        self.now = MONDAY
        self.school = school_of(settings)
        self.database = Database(settings.database.url, clock=lambda: self.now)
        self.languages = Languages(self.school.timezone, self.school.locale)
        self.turns = Turns(self.database, self.school, lambda: self.now)
        self.services = Services.of(self.turns)
        self.said: list[Said] = []
        self.toasts: list[str] = []
        self._renderer = Renderer(self.languages)
        self._edge = Edge(self.services, self.languages, self._answer, {cast.CENTRE})
        self._bot = MusterBot(cast.TOKEN, api_url="http://127.0.0.1:9")
        self._application = build_application(self._bot)
        self._update_ids = itertools.count(1)

    def lose(self, time: LostTime) -> None:
        """As after a restore: what was shown in that time is not known any more."""
        self._edge.lost_time = time

    async def open(self) -> None:
        await self.database.open()
        self._bot._bot_user = Update.de_json(
            {"update_id": 1, "message": _message(BOT, BOT["id"])}
        ).effective_user
        self._bot._bot_initialized = True
        self._application.add_handlers(Conversations(self._edge, self.school.campus).handlers())
        self._application._initialized = True

    async def close(self) -> None:
        await self._edge.settle()
        await self.database.close()

    async def _answer(self, query_id: str, text: str) -> None:
        self.toasts.append(text)

    async def feed(self, update: dict[str, Any]) -> list[Said]:
        """One update, stored and handled; what came of it."""
        update = {"update_id": next(self._update_ids), **update}
        row = (str(update["update_id"]), "someone", payload_of(update))
        await self.database.write(lambda tx: tx.inbox.add_many(SOURCE, [row], self.now))
        await self._application.process_update(Update.de_json(update, self._bot))
        await self._edge.settle()
        return await self.collect()

    async def send(
        self,
        who: Person | int,
        text: str = "",
        *,
        chat: int | None = None,
        thread: int | None = None,
        **body: Any,
    ) -> list[Said]:
        """A message; `chat` None is the private chat."""
        message = _message(user_of(who), chat or user_of(who)["id"], thread) | body
        if text:
            message["text"] = text
            if text.startswith("/"):
                length = len(text.split(maxsplit=1)[0])
                message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return await self.feed({"message": message})

    async def press(
        self, who: Person | int, data: str, *, chat: int | None = None, thread: int | None = None
    ) -> str:
        """A press; the notice shown for it."""
        pressed = _message(BOT, chat or user_of(who)["id"], thread) | {"text": "…", "message_id": 777}
        query = {"id": "1", "from": user_of(who), "message": pressed, "chat_instance": "1", "data": data}
        before = len(self.toasts)
        await self.feed({"callback_query": query})
        assert len(self.toasts) == before + 1, "every press is answered once"
        return self.toasts[-1]

    async def press_and_read(self, who: Person | int, data: str) -> list[Said]:
        """A press in the private chat; what that person is sent for it."""
        before = len(self.said)
        await self.press(who, data)
        return [said for said in self.said[before:] if said.to == f"person:{who.staff_id}"]

    async def after(self, **time: float) -> list[Said]:
        """So much later, the clock ticks."""
        self.now += timedelta(**time)
        await self.services.chasing.tick()
        return await self.collect()

    async def read(self, fn: Callable[..., Any], *args: Any) -> Any:
        return await self.database.read(fn, *args)

    async def incident(self, incident_id: int = 1) -> Any:
        return await self.read(lambda tx: tx.incidents.get(incident_id))

    async def events(self, incident_id: int = 1) -> list[str]:
        return [entry.event.value for entry in await self.read(lambda tx: tx.timeline.all(incident_id))]

    async def audited(self) -> list[tuple[str, str, str]]:
        """(actor, act, outcome) of each row; the chain must hold."""
        assert await self.read(lambda tx: tx.audit.first_broken()) is None
        rows = await self.read(lambda tx: list(tx.audit.rows()))
        return [(row.actor, row.act, row.outcome) for row in rows]

    async def collect(self) -> list[Said]:
        """Take what waits in the outbox as if it had been sent; topics get the thread 100 + incident."""
        fresh = await self.database.write(self._deliver)
        self.said += fresh
        return fresh

    def _deliver(self, tx: Any) -> list[Said]:
        for incident in tx.incidents.list_recent(1000):
            if incident.topic_id is None:
                tx.topics.keep_topic(incident.id, 100 + incident.id)
        waiting = select(deliveries).where(deliveries.c.state == "queued").order_by(deliveries.c.id)
        rows = tx.connection.execute(waiting).all()
        fresh = [said for row in rows if (said := self._say(tx, row))]
        sent = update(deliveries).where(deliveries.c.state == "queued")
        values = {"state": DeliveryState.SENT, "message_id": deliveries.c.id, "settled_at": self.now}
        tx.connection.execute(sent.values(**values))
        return fresh

    def _say(self, tx: Any, row: Any) -> Said | None:
        person = tx.people.get(row.chat.removeprefix("person:"))
        if row.chat.startswith("person:") and (person is None or not person.is_active):
            return None
        delivery = Delivery(
            id=row.id,
            to=Address(row.chat, row.topic_of),
            kind=MessageKind(row.kind),
            params=row.params,
            lane=Lane(row.lane),
            incident_id=row.incident_id,
            is_silent=row.is_silent,
            edit_of=row.edit_of,
            locale=(person and person.locale) or self.school.locale,
            chat_id=1,
            thread_id=None,
            attempts=1,
            is_repeat=False,
            created_at=row.created_at,
        )
        words: Rendered = self._renderer(delivery)
        return Said(
            row.chat,
            row.topic_of,
            delivery.kind,
            delivery.lane,
            words.text,
            words.buttons,
            words.keyboard,
            row.is_silent,
            row.edit_of,
            row.needs_right,
        )


def _fill_with_cast(database: Database) -> None:
    people = {person.staff_id: person for person in cast.CAST}
    classes = {item.name: item for item in cast.CLASSES}
    pupils = {item.student_no: item for item in cast.PUPILS}
    database.write_now(apply_roster, Roster(people, classes, pupils), by="test", at=MONDAY)


def user_of(who: Person | int) -> dict[str, Any]:
    """The Bot API's User."""
    if isinstance(who, int):
        return {"id": who, "is_bot": False, "first_name": "Somebody", "language_code": "en"}
    code = "en" if who.roster_locale == "en" else "zh-hans"
    return {"id": who.telegram_id, "is_bot": False, "first_name": who.name.en, "language_code": code}


def _message(sender: dict[str, Any], chat: Any, thread: int | None = None) -> dict[str, Any]:
    kind = {"id": chat, "type": "private", "first_name": "x"}
    if chat < 0:
        kind = {"id": chat, "type": "supergroup", "title": "x", "is_forum": True}
    message = {"message_id": 7, "date": int(MONDAY.timestamp()), "chat": kind, "from": sender}
    return message | ({"message_thread_id": thread, "is_topic_message": True} if thread else {})


@asynccontextmanager
async def open_door(folder: Path) -> AsyncIterator[Door]:
    """A door to the cast's school."""
    text = cast.SETTINGS.format(token=cast.TOKEN, api_url="http://127.0.0.1:9", port=0)
    databases.place(folder / "var" / "muster.db", _fill_with_cast)
    text += databases.section(folder / "var" / "muster.db")
    (folder / "school.toml").write_text(text, encoding="utf-8")
    door = Door(folder)
    await door.open()
    try:
        yield door
    finally:
        await door.close()
