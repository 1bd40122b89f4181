"""The command centre's group: its number, whether it is fit, and its menu of commands."""

from __future__ import annotations

import structlog

from bot.config import Settings
from bot.delivery.centre import CentreGate
from bot.domain.message import CENTRE
from bot.i18n import LOCALES, Languages
from bot.messages.menus import centre, everyone
from bot.ports import Clock
from bot.storage.centre import note_centre_back, note_centre_gone
from bot.storage.database import Database
from bot.storage.moved import PREFIX, number_now
from integrations.telegram.bot import MusterBot
from integrations.telegram.centre import look_at_centre
from integrations.telegram.commands import Menu, language_code, publish_commands

log = structlog.get_logger(__name__)


class CommandCentre:
    """`problem`: what somebody should mend in the group, though it takes messages; in words for who set it up."""

    def __init__(self, settings: Settings, database: Database, languages: Languages, clock: Clock) -> None:
        self._setting = settings.telegram.command_centre
        self._locale = settings.school.locale
        self._database = database
        self._languages = languages
        self._clock = clock
        self.problem = ""

    async def number(self) -> int:
        """Wherever Telegram has moved it."""
        moved = await self._database.read(lambda tx: tx.facts.get(PREFIX + CENTRE))
        return number_now(moved, self._setting) or self._setting

    async def look(self, bot: MusterBot, gate: CentreGate) -> None:
        """See whether it is there and fit; then what waits for it goes out, else whoever can mend it is told."""
        seen = await look_at_centre(bot, await self.number())
        if seen is None:
            return
        if seen.problem:
            log.critical("command_centre_unfit", problem=seen.problem)
        if seen.is_there:
            self.problem = seen.problem
            gate.open()
            await self._database.write(note_centre_back)
        else:
            gate.shut(seen.problem)
            await self._database.write(note_centre_gone, self._clock())

    async def publish(self, bot: MusterBot) -> None:
        """The commands that people see after `/`: in the group its own, in private chats everybody's."""
        await publish_commands(bot, self._menus(await self.number()))

    def _menus(self, chat_id: int) -> list[Menu]:
        found = []
        for locale in LOCALES:
            language = self._languages[locale]
            codes = [language_code(locale)] + ([""] if locale == self._locale else [])
            for code in codes:
                found.append(Menu("all_private_chats", code, everyone(language)))
                found.append(Menu("chat", code, centre(language), chat_id=chat_id))
        return found
