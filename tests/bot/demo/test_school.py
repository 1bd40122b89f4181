from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from bot.config import check, load
from bot.demo.people import roster
from bot.demo.school import world, write_school
from bot.domain.place import PRIVATE_ZONE_KINDS
from bot.domain.roster import Role
from bot.domain.roster_diff import Roster, diff
from bot.domain.roster_file import assemble
from integrations.roster_files import read_path


def written(folder: Path) -> Path:
    return write_school(folder, api_url="http://127.0.0.1:8081", token="42:demo", web_listen="127.0.0.1:0")


def test_the_sample_school_has_no_problem_and_the_two_hints_of_a_demo(tmp_path: Path) -> None:
    settings = load(written(tmp_path), {})
    assert settings.camera_policy.deliver == "chat"
    assert settings.telegram.api_url == "http://127.0.0.1:8081"
    hints = [problem for problem in check(settings, roster()) if problem.is_hint]
    assert check(settings, roster()) == hints
    assert {hint.key for hint in hints} == {"camera_policy.deliver", "web.public_url"}


def test_its_files_read_back_as_its_roster(tmp_path: Path) -> None:
    settings = load(written(tmp_path), {})
    files = [
        file
        for path in sorted(tmp_path.glob("*.csv"))
        for file in read_path(path, timezone=settings.school.zone_info)
    ]
    assembled = assemble(files, current=Roster(), campus=settings.campus())
    assert assembled.problems == ()
    assert diff(roster(), assembled.roster).is_empty


def test_it_may_be_written_again(tmp_path: Path) -> None:
    first = written(tmp_path).read_bytes()
    assert written(tmp_path).read_bytes() == first


def test_its_numbers(tmp_path: Path) -> None:
    school, settings = roster(), load(written(tmp_path), {})
    people, pupils, classes = school.people or {}, school.pupils or {}, school.classes or {}
    assert (len(people), len(pupils), len(classes), len(settings.zones)) == (46, 480, 12, 14)
    assert set(Counter(pupil.school_class for pupil in pupils.values()).values()) == {40}
    assert len({person.name for person in people.values()}) == 46
    assert len({pupil.name for pupil in pupils.values()}) == 480
    held = Counter(role for person in people.values() for role in person.roles)
    assert set(held) == set(Role)
    assert (held[Role.CLASS_LEAD], held[Role.GRADE_LEAD]) == (12, 3)
    assert [person.name.en for person in people.values() if person.roster_locale == "en"] == ["Emily Carter"]


def test_no_camera_looks_into_a_private_place(tmp_path: Path) -> None:
    settings = load(written(tmp_path), {})
    kinds = {zone.id: zone.kind for zone in settings.zones}
    assert kinds["dorm"] in PRIVATE_ZONE_KINDS
    assert {kinds[camera.zone] for camera in settings.cameras}.isdisjoint(PRIVATE_ZONE_KINDS)


def test_the_simulators_world_knows_all_and_the_centre_holds_who_commands() -> None:
    there = json.loads(json.dumps(world()))
    assert [user["id"] for user in there["users"]] == list(range(1001, 1047))
    assert all(user["started"] for user in there["users"])
    (centre,) = there["groups"]
    people = {person.telegram_id: person for person in (roster().people or {}).values()}
    assert {role for member in centre["members"] for role in people[member].roles} == {
        Role.PRINCIPAL,
        Role.DEPUTY,
        Role.COMMANDER,
        Role.SAFETY_OFFICE,
        Role.STAFF,
    }
    assert [phone["label"] for phone in there["phones"]] == [
        "教师 马超群",
        "7年级3班 班主任 王芳",
        "指挥中心 · 陈刚",
        "校长 李国华",
    ]
    assert [phone["chat"] for phone in there["phones"]] == [None, None, centre["id"], None]
