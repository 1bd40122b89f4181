"""schemathesis asks the running Muster, from the description alone: is every answer as described?"""

from __future__ import annotations

import asyncio
import copy
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from requests.auth import AuthBase
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from handlers.web import attempts
from handlers.web.openapi import DOCUMENT
from tests.handlers.web.machines import CAMERA, FIRE_PANEL, MONITOR, signed, smoke, staged_with

load_all_checks()
DESCRIBED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
ACCEPTED = CHECKS.get_by_names(["positive_data_acceptance"])
BY_HEADER, BY_PATH = "/alerts/{source}", "/alerts/{source}/{token}"
JSON_BODIES = {"fire-panel": ["GenericAlert", "GenericAlerts"], "monitor": ["AlertmanagerGroup"]}
TOKENS = {"camera": "camera-token", "monitor": "monitor-token"}


class Signature(AuthBase):
    """Signs what is really sent."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        try:
            request.headers.update(signed(body))
        except UnicodeDecodeError:  # Standard Webhooks signs text
            request.headers["webhook-id"] = "unsigned"
        return request


class Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


AUTHS = {"fire-panel": Signature(), **{source: Bearer(token) for source, token in TOKENS.items()}}


@pytest.fixture(scope="module")
def web_url(tmp_path_factory) -> Iterator[str]:
    """A Muster that runs on a thread of its own: schemathesis does not wait as asyncio does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attempts, "FAILURES_A_MINUTE", 10**9)
        ready: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

        async def run() -> None:
            async with staged_with(tmp_path_factory.mktemp("school"), FIRE_PANEL, CAMERA, MONITOR) as stage:
                over = asyncio.Event()
                ready.set_result((stage.muster.web_url, asyncio.get_running_loop(), over))
                await over.wait()

        thread = threading.Thread(target=lambda: asyncio.run(run()))
        thread.start()
        url, loop, over = ready.result(30)
        yield url
        loop.call_soon_threadsafe(over.set)
        thread.join(30)


def seen_by(source: str, media_type: str = "") -> dict[str, Any]:
    """The description as one source's sender reads it: its id, its secret, its format; in one media type or all."""
    document = copy.deepcopy(DOCUMENT)
    for path in (BY_HEADER, BY_PATH):
        for parameter in document["paths"][path]["parameters"]:
            is_source = parameter["name"] == "source"
            parameter["schema"] = {"const": source if is_source else TOKENS.get(source, "")}
    document["paths"][BY_HEADER]["post"] |= {"parameters": [], "security": []}
    content = document["components"]["requestBodies"]["Alerts"]["content"]
    names = JSON_BODIES.get(source, JSON_BODIES["fire-panel"])
    content["application/json"]["schema"] = {"anyOf": [{"$ref": f"#/components/schemas/{n}"} for n in names]}
    if media_type:
        document["components"]["requestBodies"]["Alerts"]["content"] = {media_type: content[media_type]}
    return document


def ask(document: dict[str, Any], path: str, method: str, checks: list[Any], **how: Any) -> None:
    """Some examples of this operation, always the same ones, each answer held against the description."""
    mode, examples = how.pop("mode"), how.pop("examples", 50)
    operation = schemathesis.openapi.from_dict(document)[path][method]

    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=checks, timeout=10, **how)

    check()


@pytest.mark.parametrize(
    ("source", "path", "media_type"),
    [
        ("fire-panel", BY_HEADER, "application/json"),
        ("fire-panel", BY_HEADER, "application/x-www-form-urlencoded"),
        ("camera", BY_HEADER, "application/json"),
        ("camera", BY_PATH, "application/json"),
        ("monitor", BY_HEADER, "application/json"),
    ],
)
def test_what_is_described_is_accepted(web_url, source, path, media_type):
    checks = [*DESCRIBED, *ACCEPTED]
    how = {"mode": GenerationMode.POSITIVE, "base_url": web_url}
    auth = AUTHS[source] if path == BY_HEADER else None
    ask(seen_by(source, media_type), path, "POST", checks, auth=auth, **how)


@pytest.mark.parametrize("source", ["fire-panel", "monitor"])
def test_what_is_not_described_is_refused_as_described(web_url, source):
    how = {"mode": GenerationMode.NEGATIVE, "base_url": web_url}
    ask(seen_by(source), BY_HEADER, "POST", DESCRIBED, auth=AUTHS[source], **how)


@pytest.mark.parametrize(
    ("path", "method"), [(BY_HEADER, "POST"), (BY_PATH, "POST"), ("/alerts/{id}", "GET")]
)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_who_has_no_secret_is_answered_as_described(web_url, path, method, mode):
    ask(DOCUMENT, path, method, DESCRIBED, mode=mode, base_url=web_url)


def test_what_came_of_an_alert_is_answered_as_described(web_url):
    url = f"{web_url}/alerts/camera/camera-token"
    posts = [smoke(alert_uid=str(n), state=state) for n, state in enumerate(["alarm", "ok", "fault", "预警"])]
    ids = [requests.post(url, json=payload, timeout=10).json()["alerts"][0] for payload in posts]
    document = copy.deepcopy(DOCUMENT)
    document["paths"]["/alerts/{id}"]["parameters"][0]["schema"] = {"enum": ids}
    how = {"mode": GenerationMode.POSITIVE, "base_url": web_url, "auth": AUTHS["camera"]}
    ask(document, "/alerts/{id}", "GET", [*DESCRIBED, *ACCEPTED], **how)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json"])
def test_probes_are_answered_as_described(web_url, path):
    ask(DOCUMENT, path, "GET", DESCRIBED, mode=GenerationMode.POSITIVE, base_url=web_url, examples=1)


@pytest.mark.parametrize(
    ("path", "method", "mode"),
    [
        ("/enter/{code}", "GET", GenerationMode.POSITIVE),
        ("/static/{name}", "GET", GenerationMode.POSITIVE),
        *((path, "GET", GenerationMode.POSITIVE) for path in ("/board", "/board/state", "/board/events")),
        *(("/enter/telegram/{page}", "POST", mode) for mode in GenerationMode),
        ("/headcount", "GET", GenerationMode.POSITIVE),
        ("/headcount/sw.js", "GET", GenerationMode.POSITIVE),
        ("/headcount/data", "GET", GenerationMode.POSITIVE),
        ("/headcount/search", "GET", GenerationMode.POSITIVE),
        *(("/headcount/marks", "POST", mode) for mode in GenerationMode),
        *(
            (path, "GET", GenerationMode.POSITIVE)
            for path in DOCUMENT["paths"]
            if path.startswith("/announcements")
        ),
    ],
)
def test_who_knocks_at_the_pages_is_answered_as_described(web_url, path, method, mode):
    ask(DOCUMENT, path, method, DESCRIBED, mode=mode, base_url=web_url, allow_redirects=False)


@pytest.mark.parametrize(
    "path", ["/alerts/camera", "/alerts/camera/x", "/healthz", "/metrics", "/openapi.json"]
)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"])
def test_other_methods_are_refused_with_the_ones_that_are_there(web_url, path, method):
    answer = requests.request(method, web_url + path, timeout=10)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(",")) <= {"GET", "HEAD", "POST"}
