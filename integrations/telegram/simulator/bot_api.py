"""The Bot API's door: one request in, one answer out, with limits and faults in between."""

import asyncio
import contextlib
import json
import mimetypes
from typing import Any

from aiohttp import web

from integrations.telegram.simulator.calls import METERED, Call, CallLog
from integrations.telegram.simulator.errors import ApiError, conflict
from integrations.telegram.simulator.faults import Faults
from integrations.telegram.simulator.limits import Meter
from integrations.telegram.simulator.methods import CANONICAL, GET_UPDATES, METHODS
from integrations.telegram.simulator.params import Params, read_params
from integrations.telegram.simulator.world import World

OK = 200
UNAUTHORIZED = ApiError(401, "Unauthorized")
NOT_FOUND = ApiError(404, "Not Found")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class HungUp(web.Response):
    """Stands for an answer that nobody gets."""


class BotApi:
    """Answers /bot{token}/{method} and /file/bot{token}/{path}."""

    def __init__(self, token: str, world: World, log: CallLog, meter: Meter, faults: Faults) -> None:
        self._token = token
        self._world = world
        self._log = log
        self._meter = meter
        self._faults = faults
        self._open: set[asyncio.Transport] = set()

    async def answer(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        """One call of a method."""
        transport = request.transport
        if transport is None:
            return HungUp()
        self._open.add(transport)
        try:
            return await self._answer(request, path)
        finally:
            self._open.discard(transport)

    def serve_file(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        """What getFile has named."""
        if self._faults.outage:
            return self._hang_up(request)
        token, _, file_path = path.removeprefix("/file/bot").partition("/")
        stored = self._world.files.at_path(file_path)
        if token != self._token or stored is None:
            return _refusal(UNAUTHORIZED if token != self._token else NOT_FOUND)
        kind = mimetypes.guess_type(stored.path)[0] or "application/octet-stream"
        return web.Response(body=stored.content, content_type=kind)

    def cut_connections(self) -> None:
        """Closes every connection that waits for an answer."""
        for transport in self._open:
            transport.close()
        self._world.updates.interrupt()

    async def _answer(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        token, _, name = path.removeprefix("/bot").partition("/")
        method = CANONICAL.get(name.lower())
        if self._faults.outage and self._faults.concern(method or name):
            self._log.close(self._log.open(method or name, {}, None), 0)
            return self._hang_up(request)
        if token != self._token or self._faults.token_revoked:
            return _refusal(UNAUTHORIZED)
        if method is None:
            return _refusal(NOT_FOUND)
        return await self._answer_call(request, method)

    async def _answer_call(self, request: web.BaseRequest, method: str) -> web.StreamResponse:
        try:
            params = await read_params(request)
        except ApiError as problem:
            return _refusal(problem)
        call = self._log.open(method, params.values, self._chat_id(params))
        try:
            result = await self._perform(request, call, params)
        except ApiError as problem:
            self._log.close(call, problem.code, problem.description)
            return _refusal(problem)
        if isinstance(result, web.Response):
            self._log.close(call, 0 if isinstance(result, HungUp) else result.status)
            return result
        self._log.close(call, OK)
        return _success(result[0])

    async def _perform(
        self, request: web.BaseRequest, call: Call, params: Params
    ) -> tuple[Any] | web.Response:
        """The result in a tuple, or a ready response instead of it."""
        is_faulty = self._faults.concern(call.method)
        if is_faulty and (trouble := await self._trouble(request, self._faults.delay_s)) is not None:
            return trouble
        if call.method == GET_UPDATES:
            result = await self._poll(params)
            if is_faulty and (trouble := await self._trouble(request, 0)) is not None:
                return trouble
        else:
            if call.chat_id is not None and call.method in METERED:
                self._meter.admit(call.chat_id)
            result = METHODS[call.method](self._world, params)
        if is_faulty:
            await self._faults.wait_after_effect()
        return (result,)

    async def _trouble(self, request: web.BaseRequest, delay_s: float) -> web.Response | None:
        """The answer that a fault puts in the place of the real one."""
        if delay_s:
            await asyncio.sleep(delay_s)
        await self._faults.wait_while_hanging()
        if self._faults.status_code:
            return _broken(self._faults.status_code)
        if request.transport is None or self._faults.outage:
            return self._hang_up(request)
        return None

    async def _poll(self, params: Params) -> list[Any]:
        if self._world.webhook:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        updates = self._world.updates
        updates.set_allowed(params.structure("allowed_updates"))
        offset, limit = params.integer("offset") or 0, params.integer("limit") or 100
        return await updates.poll(offset, limit, params.integer("timeout") or 0)

    def _chat_id(self, params: Params) -> int | None:
        value = params.values.get("chat_id")
        if isinstance(value, int):
            return value
        if value is None:
            return None
        with contextlib.suppress(ApiError):
            return self._world.chat(params).id
        return None

    def _hang_up(self, request: web.BaseRequest) -> web.Response:
        self._log.stats.unanswered += 1
        if request.transport is not None:
            request.transport.close()
        return HungUp()


def _success(result: object) -> web.Response:
    return web.Response(
        body=_encode({"ok": True, "result": result}).encode("utf-8", "backslashreplace"),
        content_type="application/json",
    )


def _refusal(problem: ApiError) -> web.Response:
    return web.Response(
        status=problem.code, body=_encode(problem.body()).encode(), content_type="application/json"
    )


def _broken(status: int) -> web.Response:
    page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1><hr>nginx</body></html>\r\n"
    return web.Response(status=status, text=page, content_type="text/html")
