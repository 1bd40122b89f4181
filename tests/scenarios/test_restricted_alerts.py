"""What machines and people report goes into no incident that hardly anybody would hear it in."""

from __future__ import annotations

import pytest

from bot.domain.incident import Kind, Mode
from bot.storage.alerts import AlertStage
from tests.handlers.web.machines import CAMERA, machines_at, staged_with
from tests.support.announcing import labels, press_data
from tests.support.cast import CENTRE, CHEN, EMILY, LI, WANG, ZHAO
from tests.support.restricted import WORDS, centre_says


@pytest.fixture
async def stage(tmp_path):
    async with staged_with(tmp_path, CAMERA) as stage:
        yield stage


async def asked(stage, kind="fire"):
    async with machines_at(stage) as machines:
        alarm = {"title": "烟雾", "zone": "gym", "kind": kind}
        await machines.post("camera", alarm, {"Authorization": "Bearer camera-token"})
    return await stage.says(CHEN, "烟雾", chat=CENTRE)


async def test_a_question_about_an_alert_offers_no_restricted_incident_and_nobody_joins_it_to_one(stage):
    await stage.phone(WANG).send(f"/report bullying A3 {WORDS}")
    await stage.says(ZHAO, "🔒 保密事件")
    question = await asked(stage)
    assert not [one for one in labels(question) if "2026-0001" in one]
    for person, answer in ((CHEN, "该事件已不存在"), (ZHAO, "按钮已失效")):
        said = await stage.phone(person).send("/status")
        told = await stage.says(person, "", after=said["message_id"])
        assert answer in await press_data(stage, person, told, "aj:1:1")
    await stage.phone(CHEN).press(question["message_id"], "登记为事件", chat=CENTRE)
    await stage.topic_named("2026-0002 🔥 火灾 · 体育馆")


async def test_an_alert_joins_no_drill_by_a_forged_press(stage):
    await stage.phone(LI).send("/drill fire A3")
    await stage.topic_named("【演练】2026-0001")
    await asked(stage)
    said = await stage.phone(CHEN).send("/status")
    told = await stage.says(CHEN, "", after=said["message_id"])
    assert "按钮已失效" in await press_data(stage, CHEN, told, "aj:1:1")
    assert (await stage.read(lambda tx: tx.alerts.get(1))).stage is AlertStage.REVIEW


async def test_what_somebody_reports_joins_no_drill_that_they_may_not_know_of(stage):
    await stage.phone(LI).send("/drill bullying A3")
    await stage.says(ZHAO, "🔒")
    await stage.phone(EMILY).send("/report fire gym smoke in the gym")
    await stage.says(EMILY, "Received: incident 2026-0002")
    incident = await stage.read(lambda tx: tx.incidents.get(2))
    assert (incident.mode, incident.kind) == (Mode.REAL, Kind.FIRE)


async def test_who_may_know_of_a_restricted_drill_reports_in_it(stage):
    await stage.phone(LI).send("/drill bullying A3")
    await stage.says(ZHAO, "🔒")
    await stage.phone(ZHAO).send("/report bullying gym 还有一名学生")
    await stage.says(ZHAO, "已收到，事件 2026-0001")


async def test_an_alert_that_opens_a_restricted_incident_tells_the_group_no_number(stage):
    question = await asked(stage, "violence")
    await stage.phone(CHEN).press(question["message_id"], "登记为事件", chat=CENTRE)
    await stage.says(CHEN, "➡️ 陈刚：已作为保密事件在私聊中处置", chat=CENTRE)
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.quiet()
    assert not [text for text in await centre_says(stage) if "2026-0001" in text]
