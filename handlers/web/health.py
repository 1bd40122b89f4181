"""Whether Muster lives, whether it can do its work, and its numbers for Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest

ANSWER_WITHIN_S: Final = 3.0
"""A probe that waits longer than this for the database has its answer."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """What keeps Muster from its work; all false is well. Ages in seconds, None for nothing to age.

    `warnings`: what somebody should mend, though messages still go out.
    """

    is_database_down: bool = False
    is_poll_stuck: bool = False
    is_outbox_stuck: bool = False
    poll_age_s: float | None = None
    outbox_age_s: float | None = None
    warnings: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """In words for whoever is called at night."""
        told = (
            (self.is_database_down, "the database does not answer"),
            (self.is_poll_stuck, f"no updates from Telegram for {_age(self.poll_age_s)}"),
            (self.is_outbox_stuck, f"the oldest unsent message has waited {_age(self.outbox_age_s)}"),
        )
        return tuple(reason for is_so, reason in told if is_so)


def routes(
    health: Callable[[], Awaitable[Health]], registry: CollectorRegistry = REGISTRY
) -> list[web.RouteDef]:
    """`/healthz`: the process answers. `/readyz`: it can do its work, else 503 and why. `/metrics`."""

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def readyz(_: web.Request) -> web.Response:
        reasons, warnings = await _told(health)
        answer = {"ready": not reasons, "reasons": reasons, "warnings": warnings}
        return web.json_response(answer, status=503 if reasons else 200)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics)]


async def _told(health: Callable[[], Awaitable[Health]]) -> tuple[list[str], list[str]]:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            found = await health()
            return list(found.reasons), list(found.warnings)
    except TimeoutError:
        return ["the health check itself does not answer"], []
    except Exception:  # noqa: BLE001 - a probe is answered, whatever is broken behind it
        _log.exception("health_check_failed")
        return ["the health check itself failed"], []


def _age(seconds: float | None) -> str:
    return "an unknown time" if seconds is None else f"{seconds:.0f} s"
