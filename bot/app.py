"""Wiring and life cycle: the one place, with `cli.py` and the demo, that knows every part."""

from __future__ import annotations

import asyncio
import gc
import secrets
import signal
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
import uvloop
from aiohttp import web
from telegram import Update
from telegram.error import InvalidToken, TelegramError

from bot import afterwards, alert_sources, announcements, channels, plan_wiring
from bot.camera_watch import CameraWatch, watching_of
from bot.cameras import CameraParts, cameras_of, viewing_of
from bot.centre import CommandCentre
from bot.config import Settings
from bot.config.meaning import roster_errors
from bot.delivery.inbox import InboxWorkers
from bot.delivery.limiter import Limiter, Limits
from bot.delivery.outbox import Courier
from bot.domain.alert import Alert
from bot.domain.lost_time import LostTime
from bot.domain.message import CENTRE, CHANNEL
from bot.domain.roster_file import RosterFile
from bot.errors import StartError, StorageError
from bot.heartbeat import EVERY_S, Heartbeat
from bot.i18n import Languages
from bot.intake import Intake
from bot.log import configure_logging, redact
from bot.messages import Renderer
from bot.plans.ready_texts import ready_texts
from bot.ports import Clock, utc_now
from bot.scheduler import Tick, end_task, start_ticks
from bot.services import Services
from bot.services.alert_pictures import AlertPictures
from bot.services.alerting import AlertService, Taken
from bot.services.clock_step import ClockStepService, ClockWatch
from bot.services.receiving import ReceivingService
from bot.services.school import CountingRules, School
from bot.services.turn import Turns
from bot.storage.database import Database
from bot.storage.inbox import InboxItem
from bot.storage.pictures import PictureFolder
from bot.storage.restored import LOST_FACT
from handlers.chat.application import Conversations
from handlers.chat.edge import SOURCE, Edge
from handlers.web import openapi
from handlers.web.alerts import AlertRoutes
from handlers.web.board import BoardRoutes
from handlers.web.call import CallRoutes
from handlers.web.cameras import CameraRoutes
from handlers.web.crowd import QUIET_S, Crowd
from handlers.web.entrance import Entrance
from handlers.web.forwarded import behind
from handlers.web.headcount import HeadcountRoutes
from handlers.web.health import Health, routes
from handlers.web.liaison import LiaisonRoutes
from integrations.roster_files import read as read_file
from integrations.telegram.bot import MusterBot, build_application
from integrations.telegram.transport import TelegramTransport
from integrations.telegram.web_app import read_init_data

log = structlog.get_logger(__name__)

CHASE_EVERY_S: Final = 1.0
BEATS_EVERY_S: Final = 15.0
PURGE_EVERY_S: Final = 3600.0
CENTRE_EVERY_S: Final = 6 * 3600.0
# Done inbox rows are kept for looking into what happened; their content is in the timeline already.
INBOX_KEPT: Final = timedelta(days=30)
IDENTITY_FACT: Final = "identity"
# An alarm that waits longer than this means that nobody outside hears Muster.
OUTBOX_STUCK_S: Final = 120.0
# Who sends slowly holds up neither the end (aiohttp waits twice; 60 s by itself) nor a refused connection.
WEB_STOP_S: Final = 1.5
WEB_LINGER_S: Final = 2.0
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


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
        counting=CountingRules(
            target=timedelta(seconds=settings.evacuation.target_s),
            chase_after=timedelta(seconds=settings.evacuation.chase_s),
            call_after=timedelta(seconds=settings.evacuation.call_s),
            kept=timedelta(days=settings.retention.headcount_days),
        ),
        cameras=cameras_of(settings),
        viewing=viewing_of(settings),
        watching=watching_of(settings),
        digests=afterwards.digest_rules(settings),
        readiness=afterwards.readiness_rules(settings),
        arrived_within_m=settings.on_scene.arrived_within_m,
        situation_every=timedelta(minutes=settings.after_action.situation_min),
        deputies_after=timedelta(hours=settings.after_action.deputies_after_h),
        base_url=settings.web.base_url,
        announcing=announcements.rules(settings),
        ready_texts=ready_texts(),
        list_app_url=f"{settings.web.base_url}/headcount" if may_have_mini_apps(settings) else "",
        channels=channels.channels_of(settings),
        roster_errors=partial(roster_errors, settings),
        **plan_wiring.planned(settings),
    )


def may_have_mini_apps(settings: Settings) -> bool:
    """Telegram opens Mini Apps over https only; a Bot API on this very machine, as the demo's, also its own pages."""
    own, api = urlsplit(settings.web.base_url), urlsplit(settings.telegram.api_url)
    return own.scheme == "https" or {own.hostname, api.hostname} <= LOOPBACK


class Muster:
    """The running program. `start` and `stop` once each. `limits`: Telegram's published ones unless told.

    `framed_by`: origins, besides Telegram's, that may show the headcount page in a frame.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock = utc_now,
        limits: Limits | None = None,
        framed_by: tuple[str, ...] = (),
    ) -> None:
        self.settings = settings
        self.school = school_of(settings)
        self.database = Database(settings.database.url, clock=clock, folder=settings.data_folder)
        self.languages = Languages(self.school.timezone, self.school.locale)
        self.turns = Turns(self.database, self.school, clock)
        alerting = AlertService(
            self.turns, alert_sources.policies(settings), alert_sources.school_hours(settings)
        )
        signer = afterwards.signer(self.database.folder)
        self.services = Services.of(self.turns, alerting, signer)
        self.cameras = CameraParts(settings, self.turns, self.services.watching, self.languages)
        self.watch = CameraWatch(settings, self.turns, self.cameras)
        self.receiving = self._make_receiving(alerting)
        self.web_url = ""
        self._limits = limits or Limits()
        self._framed_by = framed_by
        self.centre = CommandCentre(settings, self.database, self.languages, clock)
        self._clock = clock
        self._parts = AsyncExitStack()
        self._intake = Intake(settings, self.database, clock)
        self._courier: Courier | None = None

    async def start(self) -> None:
        """Migrate, open, connect; on failure everything begun is ended again."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        self.database.folder.mkdir(parents=True, exist_ok=True)
        self._parts.enter_context(self.database.process_lock())
        await asyncio.to_thread(self.database.migrate)
        await self.database.open()
        self._parts.push_async_callback(self.database.close)
        await self.watch.start(self._parts)
        bot = await self._make_bot()
        transport = TelegramTransport(bot)
        edge = await self._make_edge(bot, transport)
        await self._start_outbox(transport)
        await self._start_inbox(bot, edge)
        await self._start_web()
        self._intake.start(bot)
        self._parts.push_async_callback(self._intake.stop)
        self._start_feeds()
        self._start_ticks(bot)

    async def stop(self) -> None:
        """End in the reverse order of the beginning; what is under way is finished or left for the next start."""
        self.database.hurry()
        await self._parts.aclose()

    def _make_receiving(self, alerting: AlertService) -> ReceivingService:
        pictures = AlertPictures(self.turns, self.cameras.darkroom, lambda: self.cameras.vault)
        folder = PictureFolder(self.database.folder / "pictures")
        return ReceivingService(self.turns, alerting, alert_sources.policies(self.settings), pictures, folder)

    async def _make_bot(self) -> MusterBot:
        telegram = self.settings.telegram
        token = telegram.token.get_secret_value()
        redact(token)
        self._intake.redact(redact)

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

    async def _make_edge(self, bot: MusterBot, transport: TelegramTransport) -> Edge:
        centres = {self.settings.telegram.command_centre, await self.centre.number()}

        async def read_roster(file_id: str, name: str) -> list[RosterFile]:
            data = await transport.download(file_id)
            return await asyncio.to_thread(read_file, name, data, timezone=self.school.timezone)

        lost_time = await self.database.read(lambda tx: LostTime.from_params(tx.facts.get(LOST_FACT)))
        edge = Edge(
            self.services,
            self.languages,
            transport.answer_callback,
            centres,
            read_roster,
            lambda: self._see_to_centre(bot),
            lost_time,
        )
        self._parts.push_async_callback(edge.settle)
        return edge

    async def _start_outbox(self, transport: TelegramTransport) -> None:
        addresses = channels.addresses_of(self.settings)
        self._courier = Courier(
            self.database,
            transport,
            Renderer(self.languages),
            limiter=Limiter([CENTRE, CHANNEL, *addresses.groups], self._limits),
            addresses=addresses,
            claimed_by=secrets.token_hex(8),
            photographer=self.cameras.pictures,
            clock=self._clock,
            attach=afterwards.desk(self.settings, self.database, self.languages).attach,
        )
        await self._courier.start()
        self._parts.push_async_callback(self._courier.stop)
        self._channels = channels.ChannelSide(self.settings, self._courier, self.database, self.languages)
        await self._channels.start()
        self._parts.push_async_callback(self._channels.stop)

    async def _start_inbox(self, bot: MusterBot, edge: Edge) -> None:
        application = build_application(bot)
        application.add_handlers(Conversations(edge, self.school.campus).handlers())
        await application.initialize()

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

    def site(self) -> web.Application:
        """All routes; `handlers/web/openapi.json` describes them."""
        site = web.Application(middlewares=[behind(self.settings.web.trusted_proxies)])
        site.add_routes(routes(self.health))
        sources = alert_sources.sources(self.settings, self._clock)
        site.add_routes([*openapi.routes(), *AlertRoutes(self.receiving, sources).routes()])
        site.add_routes(self._intake.routes())
        entrance = self._entrance()
        entrance.install(site)
        site.add_routes(HeadcountRoutes(self.services.list_page, entrance, self.languages).routes())
        site.add_routes(CallRoutes(self.services.calls, entrance, self.languages).routes())
        is_https = urlsplit(self.settings.web.base_url).scheme == "https"
        site.add_routes(LiaisonRoutes(self.services.liaison, self.languages, is_https=is_https).routes())
        pages, show = self.services.viewing_page, self.cameras.show
        site.add_routes(CameraRoutes(pages, show, entrance, self.languages).routes())
        channels.install_pages(site, self.turns, self.languages, self.settings, self.database.folder)
        board = BoardRoutes(self.services.board, entrance, self.languages, self._clock)
        board.install(site, self.database.listen)
        return site

    def _entrance(self) -> Entrance:
        token = self.settings.telegram.token.get_secret_value()
        return Entrance(
            self.services.entry,
            self.languages,
            lambda said: read_init_data(said, token, now=self._clock()),
            base_url=self.settings.web.base_url,
            framed_by=self._framed_by,
        )

    async def _start_web(self) -> None:
        runner = web.AppRunner(
            self.site(),
            access_log=None,
            shutdown_timeout=WEB_STOP_S,
            lingering_time=WEB_LINGER_S,
            keepalive_timeout=QUIET_S,
        )
        await runner.setup()
        self._parts.push_async_callback(runner.cleanup)
        if runner.server is None:
            raise StartError("the web server did not begin")
        loop = asyncio.get_running_loop()
        crowd = Crowd(runner.server, self.settings.web.trusted_proxies)
        door = await loop.create_server(
            crowd, self.settings.web.host, self.settings.web.port, reuse_address=True
        )
        self._parts.callback(door.close)
        host, port = door.sockets[0].getsockname()[:2]
        self.web_url = f"http://{host}:{port}"

    def _start_feeds(self) -> None:
        for feed in alert_sources.feeds(self.settings, self._clock, self.receiving.receive):
            running = asyncio.create_task(feed.run(), name="feed")
            self._parts.push_async_callback(end_task, running)

    def _start_ticks(self, bot: MusterBot) -> None:
        async def purge() -> None:
            before = self._clock() - INBOX_KEPT
            await self.database.write(lambda tx: tx.inbox.purge(before))
            await self.receiving.purge()
            await self.services.holding.tick()
            await self.services.entry.purge()

        steps = ClockStepService(self.turns)
        start_ticks(
            self._parts,
            [
                Tick("clock", CHASE_EVERY_S, ClockWatch(self._clock, monotonic, steps.step_back).tick),
                Tick("chase", CHASE_EVERY_S, self.services.chasing.tick),
                Tick("fallback", CHASE_EVERY_S, self._channels.tick),
                Tick("announcements", CHASE_EVERY_S, self.services.announcement_clock.tick),
                Tick("beats", BEATS_EVERY_S, self.services.alerting.watch),
                Tick("purge", PURGE_EVERY_S, purge),
                Tick("centre", CENTRE_EVERY_S, lambda: self._see_to_centre(bot)),
                *self.watch.ticks(),
                Tick("heartbeat", EVERY_S, Heartbeat(self.settings.heartbeat.url, self._ailments).beat),
                *afterwards.ticks(self.services),
            ],
        )
        publishing = asyncio.create_task(self._see_to_centre(bot), name="centre")
        self._parts.callback(publishing.cancel)

    async def _see_to_centre(self, bot: MusterBot) -> None:
        if self._courier is not None:
            await self.centre.look(bot, self._courier.centre)
        await self.centre.publish(bot)

    async def _ailments(self) -> tuple[str, ...]:
        return (await self.health()).reasons

    async def health(self) -> Health:
        """Whether updates come in and messages go out."""
        if not self._intake.has_begun or self._courier is None:
            return Health(is_database_down=True)
        try:
            outbox = await self._courier.health()
        except StorageError:
            return Health(is_database_down=True, poll_age_s=self._intake.age_s())
        centre = self._courier.centre.problem or self.centre.problem
        return Health(
            is_poll_stuck=self._intake.is_stuck,
            is_outbox_stuck=(outbox.oldest_s or 0.0) > OUTBOX_STUCK_S,
            poll_age_s=self._intake.age_s(),
            outbox_age_s=outbox.oldest_s,
            warnings=tuple(filter(None, (centre, self._intake.problem, *self._channels.warnings()))),
        )


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
    # What the start made lives until the end: a full collection, 30 ms in which nobody is answered, need not see it.
    gc.collect()
    gc.freeze()
    log.info(
        "running",
        school=settings.school.name_en or settings.school.name,
        api=urlsplit(settings.telegram.api_url).hostname,
    )
    await stopping.wait()
    log.info("stopping")
    await muster.stop()
