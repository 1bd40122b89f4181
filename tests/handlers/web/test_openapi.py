"""The description names every route, nothing else, and holds together."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bot.app import Muster
from bot.config import load
from bot.domain.alert_format import AlertFlaw
from bot.domain.headcount import Said
from bot.services.list_page import MARKS_AT_ONCE
from bot.storage.alerts import AlertStage
from handlers.web import alerts, entrance, headcount
from handlers.web.attempts import FAILURES_A_MINUTE, WINDOW_S
from handlers.web.openapi import DOCUMENT
from tests.handlers.web.machines import CAMERA, machines_at, staged_with
from tests.support import cast

SCHEMAS = DOCUMENT["components"]["schemas"]


@pytest.fixture
def muster(tmp_path):
    text = cast.SETTINGS.format(token=cast.TOKEN, api_url="http://127.0.0.1:9", port=0) + CAMERA
    (tmp_path / "school.toml").write_text(text, encoding="utf-8")
    return Muster(load(tmp_path / "school.toml", {}))


def described():
    return {
        (method.upper(), path)
        for path, item in DOCUMENT["paths"].items()
        for method in item
        if method != "parameters"
    }


def test_every_route_is_described_and_every_description_has_its_route(muster):
    routes = {(route.method, route.resource.canonical) for route in muster.site().router.routes()}
    heads = {(method, path) for method, path in routes if method == "HEAD" and ("GET", path) in routes}
    assert routes - heads == described()


def test_every_reference_leads_somewhere():
    text = json.dumps(DOCUMENT)
    referred = set(re.findall(r'"\$ref": "#/components/(\w+/\w+)"', text))
    there = {
        f"{kind}/{name}"
        for kind, parts in DOCUMENT["components"].items()
        if kind != "securitySchemes"
        for name in parts
    }
    assert referred == there


def test_all_words_that_an_answer_may_hold_are_named():
    states = set(SCHEMAS["AlertStatus"]["properties"]["state"]["enum"])
    assert states == {*AlertStage, "resolved", "new", "done", "dead"}
    errors = set(SCHEMAS["Problem"]["properties"]["error"]["enum"])
    assert errors >= set(AlertFlaw)
    source = Path(alerts.__file__).read_text("utf-8")
    said = re.findall(r'(?:_problem|_later|_UnreadableError)\(\s*\d{3}, "([^"]+)"', source)
    assert errors == {*AlertFlaw, *said}


def test_all_words_that_a_page_s_refusal_may_hold_are_named():
    source = Path(entrance.__file__).read_text("utf-8")
    said = re.findall(r'(?:_problem\(\d{3}, |"error": |said = |else )"([^"]+)"', source)
    assert set(SCHEMAS["PageProblem"]["properties"]["error"]["enum"]) == set(said)


def test_what_may_be_said_on_the_list_page_is_named():
    marks = SCHEMAS["Marks"]["properties"]["marks"]
    assert set(marks["items"]["properties"]["said"]["enum"]) == set(Said)
    assert marks["maxItems"] == MARKS_AT_ONCE


def test_the_numbers_in_its_sentences_are_the_programs():
    text = json.dumps(DOCUMENT)
    assert f"within {headcount.READ_WITHIN_S:.0f} s" in text
    assert f"More than {headcount.BODY_CAP // 1024} KiB" in text
    assert f"within {alerts.READ_WITHIN_S:.0f} s" in text
    assert f"more than {alerts.TEXT_CAP // 1024} KiB" in text.replace("More", "more")
    assert f"more than {alerts.PICTURE_CAP // 1024**2} MiB" in text
    assert f"{FAILURES_A_MINUTE} failed attempts within a minute" in text
    retry = DOCUMENT["components"]["headers"]["RetryAfter"]["schema"]
    assert 1 <= alerts.RETRY_AFTER_S <= WINDOW_S == retry["maximum"]


async def test_it_is_served(tmp_path):
    async with staged_with(tmp_path, CAMERA) as stage, machines_at(stage) as machines:
        answer = await machines.get("/openapi.json")
    assert (answer.status, answer.json) == (200, DOCUMENT)
