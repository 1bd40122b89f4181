"""Wiring and life cycle: the one place, with `cli.py` and the demo, that knows every part."""

from __future__ import annotations

import asyncio
import secrets
import signal
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
import uvloop
from aiohttp import web
from telegram import Update
from telegram.error import InvalidToken, TelegramError

from bot import alert_sources
from bot.config import Settings
from bot.delivery.inbox import Inbox, InboxWorkers
from bot.delivery.limiter import Limiter, Limits
from bot.delivery.outbox import Courier
from bot.domain.alert import Alert
from bot.domain.message import CENTRE, CHANNEL
from bot.domain.roster_file import RosterFile
from bot.errors import StartError, StorageError
from bot.i18n import LOCALES, Languages
from bot.log import configure_logging, redact
from bot.messages import Renderer
from bot.messages.menus import centre, everyone
from bot.ports import Clock, utc_now
from bot.scheduler import Tick, make_scheduler
from bot.services import Services
from bot.services.alerting import AlertService, Taken
from bot.services.receiving import ReceivingService
from bot.services.turn import School, Turns
from bot.storage.claim import Addresses
from bot.storage.database import Database, ProcessLock
from bot.storage.inbox import InboxItem
from bot.storage.pictures import PictureFolder
from handlers.chat.application import Conversations
from handlers.chat.edge import SOURCE, Edge
from handlers.web import openapi
from handlers.web.alerts import AlertRoutes
from handlers.web.crowd import Crowd
from handlers.web.health import Health, routes
from integrations.roster_files import read as read_file
from integrations.telegram.bot import MusterBot, build_application
from integrations.telegram.centre import look_at_centre
from integrations.telegram.commands import Menu, language_code, publish_commands
from integrations.telegram.poller import Poller, RawUpdate
from integrations.telegram.transport import TelegramTransport

log = structlog.get_logger(__name__)

CHASE_EVERY_S: Final = 1.0
BEATS_EVERY_S: Final = 15.0
PURGE_EVERY_S: Final = 3600.0
MENUS_EVERY_S: Final = 6 * 3600.0
# Done inbox rows are kept for looking into what happened; their content is in the timeline already.
INBOX_KEPT: Final = timedelta(days=30)
OFFSET_FACT: Final = "poll:offset"
IDENTITY_FACT: Final = "identity"
CENTRE_FACT: Final = "chat:centre"
# An alarm that waits longer than this means that nobody outside hears Muster.
OUTBOX_STUCK_S: Final = 120.0
# Who sends slowly holds up neither the end (aiohttp waits twice; 60 s by itself) nor a refused connection.
WEB_STOP_S: Final = 1.5
WEB_LINGER_S: Final = 2.0


def school_of(settings: Settings) -> School:
    """What the services need of the settings."""
    return School(
        name=settings.school.name,
        name_en=settings.school.name_en,
        timezone=settings.school.zone_info,
        locale=settings.school.locale,
        alarm_phone=settings.school.alarm_phone,
        campus=settings.campus(),
        acknowledge_within=timedelta(seconds=settings.escalation.acknowledge_s),
        commander_within=timedelta(seconds=settings.escalation.commander_s),
        nudges=settings.escalation.nudges,
    )


class Muster:
    """The running program. `start` and `stop` once each. `limits`: Telegram's published ones unless told."""

    def __init__(self, settings: Settings, *, clock: Clock = utc_now, limits: Limits | None = None) -> None:
        self.settings = settings
        self.school = school_of(settings)
        self.database = Database(settings.database.url, clock=clock)
        self.languages = Languages(self.school.timezone, self.school.locale)
        self.turns = Turns(self.database, self.school, clock)
        rules = alert_sources.policies(settings)
        alerting = AlertService(self.turns, rules, alert_sources.school_hours(settings))
        self.services = Services.of(self.turns, alerting)
        self.pictures = PictureFolder(self.database.path.parent / "pictures")
        self.receiving = ReceivingService(self.turns, rules, self.pictures)
        self.web_url = ""
        self._limits = limits or Limits()
        self._centre_problem = ""
        self._clock = clock
        self._parts = AsyncExitStack()
        self._poller: Poller | None = None
        self._courier: Courier | None = None

    async def start(self) -> None:
        """Migrate, open, connect; on failure everything begun is ended again."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        self.database.path.parent.mkdir(parents=True, exist_ok=True)
        self._parts.enter_context(ProcessLock(f"{self.database.path}.lock"))
        await asyncio.to_thread(self.database.migrate)
        await self.database.open()
        self._parts.push_async_callback(self.database.close)
        bot = await self._make_bot()
        transport = TelegramTransport(bot)
        edge = await self._make_edge(transport)
        await self._start_outbox(transport)
        await self._start_inbox(bot, edge)
        await self._start_web()
        self._start_feeds()
        self._start_ticks(bot)

    async def stop(self) -> None:
        """End in the reverse order of the beginning; what is under way is finished or left for the next start."""
        self.database.hurry()
        await self._parts.aclose()

    async def _make_bot(self) -> MusterBot:
        telegram = self.settings.telegram
        token = telegram.token.get_secret_value()
        redact(token)

        async def remember(identity: dict[str, Any]) -> None:
            await self.database.write(lambda tx: tx.facts.set(IDENTITY_FACT, identity))

        bot = MusterBot(
            token,
            api_url=telegram.api_url,
            proxy=telegram.proxy,
            remembered=await self.database.read(lambda tx: tx.facts.get(IDENTITY_FACT)),
            remember=remember,
        )
        self._parts.push_async_callback(bot.shutdown)
        try:
            await bot.initialize()
        except InvalidToken:
            raise StartError(
                "Telegram refuses the bot's token: see [telegram] token in school.toml"
            ) from None
        except TelegramError as error:
            raise StartError(
                f"Telegram does not answer at {telegram.api_url} ({error.message}); the first start needs it once"
            ) from None
        return bot

    async def _make_edge(self, transport: TelegramTransport) -> Edge:
        centre_now = await self.database.read(lambda tx: tx.facts.get(CENTRE_FACT))
        centres = {self.settings.telegram.command_centre} | ({centre_now} if centre_now else set())

        async def read_roster(file_id: str, name: str) -> list[RosterFile]:
            data = await transport.download(file_id)
            return await asyncio.to_thread(read_file, name, data, timezone=self.school.timezone)

        edge = Edge(self.services, self.languages, transport.answer_callback, centres, read_roster)
        self._parts.push_async_callback(edge.settle)
        return edge

    async def _start_outbox(self, transport: TelegramTransport) -> None:
        renderer, telegram = Renderer(self.languages), self.settings.telegram
        self._courier = Courier(
            self.database,
            transport,
            renderer,
            limiter=Limiter([CENTRE, CHANNEL], self._limits),
            addresses=Addresses(telegram.command_centre, telegram.channel, self.school.locale),
            claimed_by=secrets.token_hex(8),
            clock=self._clock,
        )
        await self._courier.start()
        self._parts.push_async_callback(self._courier.stop)

    async def _start_inbox(self, bot: MusterBot, edge: Edge) -> None:
        application = build_application(bot)
        application.add_handlers(Conversations(edge, self.school.campus).handlers())
        await application.initialize()
        inbox = Inbox(self.database, self._clock)

        async def handle(item: InboxItem) -> None:
            if item.source == SOURCE:
                await application.process_update(Update.de_json(item.data(), bot))
            else:
                alert = Alert.from_params(item.data())
                taken = Taken((item.source, item.external_id), alert, item.received_at)
                await self.services.alerting.take(taken)

        workers = InboxWorkers(self.database, handle, clock=self._clock)
        await workers.start()
        self._parts.push_async_callback(workers.stop)
        await self._start_poller(bot, inbox)

    async def _start_poller(self, bot: MusterBot, inbox: Inbox) -> None:
        async def store(updates: list[RawUpdate]) -> None:
            await inbox.store(SOURCE, [(u.external_id, u.sender, u.payload) for u in updates])

        async def load_offset() -> int:
            return int(await self.database.read(lambda tx: tx.facts.get(OFFSET_FACT)) or 0)

        async def save_offset(offset: int) -> None:
            await self.database.write(lambda tx: tx.facts.set(OFFSET_FACT, offset))

        self._poller = Poller(bot, store, load_offset=load_offset, save_offset=save_offset)
        polling = asyncio.create_task(self._poller.run(), name="poller")

        async def stop() -> None:
            if self._poller is not None:
                self._poller.stop()
            await polling

        self._parts.push_async_callback(stop)

    def site(self) -> web.Application:
        """All routes; `handlers/web/openapi.json` describes them."""
        site = web.Application()
        site.add_routes(routes(self.health))
        site.add_routes(openapi.routes())
        found = alert_sources.sources(self.settings, self._clock)
        site.add_routes(AlertRoutes(self.receiving, found).routes())
        return site

    async def _start_web(self) -> None:
        runner = web.AppRunner(
            self.site(), access_log=None, shutdown_timeout=WEB_STOP_S, lingering_time=WEB_LINGER_S
        )
        await runner.setup()
        self._parts.push_async_callback(runner.cleanup)
        if runner.server is None:
            raise StartError("the web server did not begin")
        loop = asyncio.get_running_loop()
        door = await loop.create_server(
            Crowd(runner.server), self.settings.web.host, self.settings.web.port, reuse_address=True
        )
        self._parts.callback(door.close)
        host, port = door.sockets[0].getsockname()[:2]
        self.web_url = f"http://{host}:{port}"

    def _start_feeds(self) -> None:
        for feed in alert_sources.feeds(self.settings, self._clock, self.receiving.receive):
            running = asyncio.create_task(feed.run(), name="feed")
            self._parts.push_async_callback(_end, running)

    def _start_ticks(self, bot: MusterBot) -> None:
        async def purge() -> None:
            before = self._clock() - INBOX_KEPT
            await self.database.write(lambda tx: tx.inbox.purge(before))
            await self.receiving.purge()

        async def menus() -> None:
            await self._look_at_centre(bot)
            await publish_commands(bot, self._menus())

        scheduler = make_scheduler(
            [
                Tick("chase", CHASE_EVERY_S, self.services.chasing.tick),
                Tick("beats", BEATS_EVERY_S, self.services.alerting.watch),
                Tick("purge", PURGE_EVERY_S, purge),
                Tick("menus", MENUS_EVERY_S, menus),
            ]
        )
        scheduler.start()
        self._parts.callback(scheduler.shutdown, wait=False)
        publishing = asyncio.create_task(menus(), name="menus")
        self._parts.callback(publishing.cancel)

    async def _look_at_centre(self, bot: MusterBot) -> None:
        moved = await self.database.read(lambda tx: tx.facts.get(CENTRE_FACT))
        self._centre_problem = await look_at_centre(bot, moved or self.settings.telegram.command_centre)
        if self._centre_problem:
            log.critical("command_centre_unfit", problem=self._centre_problem)

    def _menus(self) -> list[Menu]:
        found = []
        for locale in LOCALES:
            language = self.languages[locale]
            codes = [language_code(locale)] + ([""] if locale == self.school.locale else [])
            for code in codes:
                found.append(Menu("all_private_chats", code, everyone(language)))
                found.append(
                    Menu("chat", code, centre(language), chat_id=self.settings.telegram.command_centre)
                )
        return found

    async def health(self) -> Health:
        """Whether updates come in and messages go out."""
        if self._poller is None or self._courier is None:
            return Health(is_database_down=True)
        try:
            outbox = await self._courier.health()
        except StorageError:
            return Health(is_database_down=True, poll_age_s=self._poller.age_s())
        age = outbox.oldest_s
        return Health(
            is_poll_stuck=self._poller.is_stuck,
            is_outbox_stuck=age is not None and age > OUTBOX_STUCK_S,
            poll_age_s=self._poller.age_s(),
            outbox_age_s=age,
            warnings=(self._centre_problem,) if self._centre_problem else (),
        )


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def serve(settings: Settings) -> None:
    """Run until SIGINT or SIGTERM."""
    configure_logging()
    uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    muster = Muster(settings)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    await muster.start()
    log.info(
        "running",
        school=settings.school.name_en or settings.school.name,
        api=urlsplit(settings.telegram.api_url).hostname,
    )
    await stopping.wait()
    log.info("stopping")
    await muster.stop()
