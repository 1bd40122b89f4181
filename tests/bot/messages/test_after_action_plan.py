"""The plan's, the announcements' and the cameras' sections of the report, as blocks and on paper."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.i18n import LOCALES, Languages
from bot.messages.after_action_pages import lay_out
from bot.messages.after_action_plan import plan_shortfalls, tasks_page
from bot.messages.after_action_reach import cameras_page, numbers
from bot.messages.paper import bars, part
from integrations.documents.paper import print_paper
from tests.integrations.documents.pdf import Pdf

GOLDEN = Path(__file__).parents[2] / "golden" / "after_action.json"
LANGUAGES = Languages(ZoneInfo("Asia/Shanghai"), "zh_Hans")
ENGLISH = LANGUAGES["en"]
HAN = {"zh": "韩磊", "en": "Han Lei"}
TASK = {
    "title": {"zh": "切断电源", "en": "Cut the power"},
    "role": "ON_SCENE",
    "owner": HAN,
    "state": "done",
    "opened_s": 0,
    "accepted_s": 30,
    "done_s": 90,
    "due_s": 60,
    "is_late": True,
}
UNTAKEN = {**TASK, "owner": None, "state": "escalated", "accepted_s": None, "done_s": None}
SHARED = {**TASK, "owner": None, "people": 3, "done": 2, "undone": [HAN], "state": "dropped", "done_s": None}
LOOK = {
    "camera": "gate",
    "at": "2026-11-23T02:03:40+00:00",
    "name": "陈刚",
    "unit": "安全办",
    "reason": "应急事件 2026-0001",
}


def printed(blocks) -> Pdf:
    whole = part(
        ENGLISH, blocks, school="", title="", subtitle="", mode="REAL", made_at=LOOK["at"], has_contents=False
    )
    return Pdf(print_paper([whole]))


def words(blocks) -> str:
    pdf = printed(blocks)
    return "".join(pdf.words(page) for page in range(len(pdf)))


def data(*rows):
    return {"tasks": {"rows": list(rows), "idle": 1, "end_s": 120}}


def test_tasks_stand_as_bars_over_time_and_in_a_table_with_their_result():
    shown = words(tasks_page(data(TASK, UNTAKEN, SHARED), ENGLISH))
    for said in ("1/3", "tasksdone", "donelate", "nobodytookit", "2of3done", "lateopenattheend:HanLei"):
        assert said in shown.replace(",", ""), said
    assert "1taskneverbegan." in shown


def test_what_was_late_or_taken_by_nobody_has_to_improve():
    told = data(TASK, UNTAKEN) | {
        "calls": [{"state": "no_answer"}, {"state": "answered"}],
        "reporting": [{"is_late": True}],
    }
    assert [str(line) for line in plan_shortfalls(told, ENGLISH)] == [
        "2 tasks were late",
        "nobody took 1 task",
        "1 call outside was not answered",
        "1 report to the authorities was late",
    ]
    assert plan_shortfalls({}, ENGLISH) == []


def test_a_watch_of_many_pictures_is_one_row_and_a_refusal_another():
    seen = [{**LOOK, "id": n, "act": "view", "role": "COMMANDER", "title": None} for n in (4, 5, 6, 9)]
    refused = {**seen[0], "id": 7, "act": "refusal"}
    [_, table, _] = cameras_page({"cameras": [*seen, refused]}, ENGLISH)
    assert [(row[0], row[4]) for row in table["rows"]] == [("4–6, 9", "seen"), ("7", "refused")]
    assert table["rows"][0][3] == "incident commander: 陈刚 · 安全办"


@pytest.mark.parametrize(("ids", "said"), [([1], "1"), ([1, 2], "1–2"), ([1, 3, 4, 5, 8], "1, 3–5, 8")])
def test_register_numbers_are_told_as_runs(ids, said):
    assert numbers(ids, ENGLISH) == said


@pytest.mark.parametrize("locale", LOCALES)
def test_a_version_made_before_these_sections_is_still_printed(locale):
    old = json.loads(GOLDEN.read_text("utf-8"))
    for key in ("tasks", "calls", "reporting", "on_scene", "announcements"):
        del old[key]
    old["cameras"] = [{**LOOK, "id": 1}]
    pdf = Pdf(print_paper([lay_out(old, LANGUAGES[locale])]))
    assert "陈刚" in "".join(pdf.words(page) for page in range(len(pdf)))


def test_more_bars_than_a_page_holds_go_over_to_the_next():
    pdf = printed([bars("Cameras", [(f"camera {n}", 1.0, "1", "") for n in range(90)])])
    assert len(pdf) > 1
    assert "camera0" in pdf.words(0)
    assert "camera89" in pdf.words(len(pdf) - 1)
