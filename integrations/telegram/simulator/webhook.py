"""Posts updates to the bot's webhook, oldest first, again until they are taken (2xx)."""

import asyncio
import contextlib
import json
import time

from aiohttp import ClientError, ClientSession, ClientTimeout

from integrations.telegram.simulator.chats import Json
from integrations.telegram.simulator.world import World

RETRY_S = 0.5
ANSWER_WITHIN_S = 60.0
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class WebhookSender:
    """Runs while a webhook is set. One update at a time keeps the order."""

    def __init__(self, world: World) -> None:
        self.retry_s = RETRY_S
        self._world = world
        self._task: asyncio.Task[None] | None = None

    def follow_setting(self) -> None:
        """Starts or ends with world.webhook."""
        if self._world.webhook and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())
        if not self._world.webhook and self._task is not None:
            self._task.cancel()
            self._task = None

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        updates = self._world.updates
        async with ClientSession(timeout=ClientTimeout(total=ANSWER_WITHIN_S)) as session:
            while True:
                if not len(updates):
                    await updates.bell.wait(ANSWER_WITHIN_S)
                elif await self._deliver(session, updates.peek()):
                    updates.drop_first()
                else:
                    await asyncio.sleep(self.retry_s)

    async def _deliver(self, session: ClientSession, update: object) -> bool:
        setting = self._world.webhook
        headers = {"Content-Type": "application/json"}
        if setting["secret_token"]:
            headers[SECRET_HEADER] = setting["secret_token"]
        try:
            async with session.post(setting["url"], data=json.dumps(update), headers=headers) as answer:
                if answer.ok:
                    return True
                return _failed(setting, f"Wrong response from the webhook: {answer.status} {answer.reason}")
        except (ClientError, TimeoutError) as problem:
            return _failed(setting, str(problem) or type(problem).__name__)


def _failed(setting: Json, reason: str) -> bool:
    setting["last_error_date"], setting["last_error_message"] = int(time.time()), reason
    return False
