"""The report's data is the record's: a whole fire, told by people, compared as JSON and as pictures of its pages."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pytest

from bot.domain.document import DocumentKind
from bot.domain.equipment import Equipment, EquipmentKind
from bot.domain.snapshot import Act
from bot.i18n import LOCALES, Languages
from bot.messages.after_action_pages import lay_out
from bot.services.register import enter
from integrations.documents.paper import picture_paper
from tests.support.cast import CHEN, EMILY, HAN, LI, WANG, ZHAO
from tests.support.door import Door, open_door

GOLDEN = Path(__file__).parents[2] / "golden"
# A page of 165 × 234 pixels is enough to see what stands where.
PPI = 20
# Grey levels, on average over the page: a shifted table is 8 and more, another rasteriser's edges are below 1.
MOST_DIFFERENCE = 2.0


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as door:
        yield door


async def told(door: Door, seconds: float, who, words: str) -> None:
    """So much later somebody writes."""
    door.now += timedelta(seconds=seconds)
    await door.send(who, words)


async def readied(door: Door) -> None:
    """Before anything happens: who will cut the power is trained, an extinguisher is overdue."""
    await door.send(LI, "/training 消防安全; -20; 王工; 区消防大队; 消防安全; 2027-11-02")
    await door.send(LI, "/training 1 passed 韩磊")
    overdue = Equipment(
        "F-012", EquipmentKind.EXTINGUISHER, "A3", "东侧楼梯口", due_on=date(2026, 11, 1), every_days=30
    )
    await door.database.write(lambda tx: tx.equipment.save([overdue]))


async def a_whole_fire(door: Door) -> None:
    """Reported, led, evacuated, counted, over, evaluated."""
    await readied(door)
    await told(door, 0, EMILY, "/report fire A3 smoke in the corridor <3rd floor> 𠮷")
    await told(door, 12, CHEN, "/ack 2026-0001")
    await told(door, 8, CHEN, "/command 2026-0001")
    await told(door, 10, CHEN, "/evacuate 2026-0001")
    door.now += timedelta(seconds=5)
    await door.press(CHEN, "yes:1:")
    await told(door, 45, WANG, "/headcount 7-3 all")
    await told(door, 60, LI, "/note 2026-0001 已切断三楼电源")
    await the_plan_at_work(door)
    await told(door, 120, CHEN, "/allclear 2026-0001")
    await door.press(CHEN, "yes:2:")
    await door.services.after_actions.tick()
    await door.press(EMILY, "hwg:1:good")
    await told(door, 600, CHEN, "/afteraction 2026-0001 cause 配电间线路老化短路")
    await told(door, 60, LI, "/corrective 2026-0001 吴涛 +14 更换三楼配电箱")
    await told(door, 60, ZHAO, "/afteraction 2026-0001 submit")
    await door.services.after_actions.tick()


async def the_plan_at_work(door: Door) -> None:
    """A task accepted and done, a call, the scene, a report to the bureau, an announcement, two looks at a camera."""
    await pressed(door, HAN, "切断着火区域的电源和燃气", "接受")
    door.now += timedelta(seconds=40)
    await pressed(door, HAN, "切断着火区域的电源和燃气", "接受", data=lambda old: old.replace("tac", "tdo"))
    await told(door, 5, LI, "/call 2026-0001 119 两辆车，八分钟到")
    await told(door, 5, CHEN, "/dispatch 2026-0001")
    await pressed(door, HAN, "请赶赴现场", "我去")
    await told(door, 20, LI, "/reporting 2026-0001 sent 区教育局值班室")
    await told(door, 10, LI, "/announce 2026-0001 三楼已疏散，请勿靠近教学楼A座。")
    await pressed(door, LI, "2026-A001", "提交审批")
    await pressed(door, ZHAO, "2026-A001", "批准")
    await door.collect()
    await door.database.write(two_looks, door.now)


async def pressed(door: Door, who, words: str, label: str, data=lambda old: old) -> None:
    """The newest message with these words and a button of that name is pressed."""
    [found, *_] = [
        button.press.encode()
        for said in reversed(door.said)
        if said.to == f"person:{who.staff_id}" and words in said.text
        for row in said.buttons
        for button in row
        if label in button.label
    ]
    await door.press(who, data(found))


def two_looks(tx, now) -> None:
    """What is left of a watch: lines of the register, no picture."""
    for second in (0, 10):
        enter(
            *(tx, CHEN, Act.VIEW, "gate"),
            at=now + timedelta(seconds=second),
            reason="应急事件 2026-0001",
            content="东门",
            incident_id=1,
        )


async def newest(door: Door) -> dict:
    def read(tx):
        return tx.documents.get(tx.after_actions.versions(1)[-1].document_id)

    document = await door.read(read)
    assert document.kind is DocumentKind.AFTER_ACTION
    return document.data


async def test_the_data_of_a_whole_fire_is_what_it_was(door, tmp_path):
    await a_whole_fire(door)
    made = json.dumps(await newest(door), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (tmp_path / "after_action.json").write_text(made, encoding="utf-8")
    golden = GOLDEN / "after_action.json"
    assert made == golden.read_text("utf-8"), f"meant? cp {tmp_path}/after_action.json {golden}"


@pytest.mark.parametrize("locale", LOCALES)
def test_its_pages_look_as_they_did(locale, tmp_path):
    data = json.loads((GOLDEN / "after_action.json").read_text("utf-8"))
    decision = {
        "who": ZHAO.name.to_params(),
        "at": data["made_at"],
        "sha256": "0" * 64,
        "signature": "1" * 128,
    }
    languages = Languages(ZoneInfo("Asia/Shanghai"), "zh_Hans")
    pages = picture_paper([lay_out(data, languages[locale], decision)], ppi=PPI)
    for number, page in enumerate(pages, start=1):
        name = f"after_action-{locale}-{number}.png"
        (tmp_path / name).write_bytes(page)
        wanted = cv2.imread(str(GOLDEN / name), cv2.IMREAD_GRAYSCALE)
        assert wanted is not None, f"meant? cp {tmp_path}/*.png {GOLDEN}"
        shown = cv2.imdecode(np.frombuffer(page, np.uint8), cv2.IMREAD_GRAYSCALE)
        difference = np.abs(shown.astype(int) - wanted.astype(int)).mean()
        assert difference < MOST_DIFFERENCE, f"{name}: {difference:.1f}; meant? cp {tmp_path}/*.png {GOLDEN}"
    assert len(list(GOLDEN.glob(f"after_action-{locale}-*.png"))) == len(pages)


async def test_no_pupil_stands_in_it_by_name_or_number(door):
    await a_whole_fire(door)
    data = await newest(door)
    assert "70300" not in json.dumps(data["people"])
    assert not re.search(r"学生\d", json.dumps(data, ensure_ascii=False))


async def test_notes_without_end_do_not_hide_who_did_what(door):
    await told(door, 0, EMILY, "/report fire A3")
    for n in range(210):
        await told(door, 1, LI, f"/note 2026-0001 第{n}条")
    await told(door, 1, CHEN, "/allclear 2026-0001")
    await door.press(CHEN, "yes:1:")
    await door.services.after_actions.tick()
    data = await newest(door)
    assert [deed["event"] for deed in data["deeds"]] == ["reported", "all_clear"]
    assert sum(1 for entry in data["course"] if entry["event"] == "noted") == 210
