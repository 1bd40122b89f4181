"""Plans as files: the ready-made ones hold together, and a school's bad one is refused with file, key and reason."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.config import load
from bot.config.plan_meaning import check_plans
from bot.config.plans import READY_MADE, PlanFile, TaskEntry, amend, load_plans, read_plans
from bot.domain.equipment import Equipment, EquipmentKind
from bot.domain.incident import SEVERITY_OF, Kind, Severity
from bot.domain.plan import MOST_TASKS, Plan
from bot.domain.plan_change import Aspect, PlanChange
from bot.domain.roster import DutyShift, Role
from bot.domain.roster_diff import Roster
from bot.errors import ConfigError
from tests.support import cast

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HEAD = "version = 1\nseverity = 2\n"
TASK = """
[[tasks]]
id = "{id}"
zh = "关门"
en = "Close the gate"
role = "ON_SCENE"
minutes = 5
"""


@pytest.fixture
def school(tmp_path):
    """Settings that name a folder of the school's own plans."""
    text = cast.SETTINGS.format(token=cast.TOKEN, api_url="http://127.0.0.1:1", port=0)
    path = tmp_path / "school.toml"
    path.write_text(f'{text}\n[plans]\nfolder = "own"\n', "utf-8")
    (tmp_path / "own").mkdir()
    return path


def write(school, text, name="fire.toml"):
    (school.parent / "own" / name).write_text(text, "utf-8")
    return load(school, {})


def refused(school, text, name="fire.toml"):
    return [str(problem) for problem in read_plans(write(school, text, name)).problems]


def test_every_kind_has_a_plan_that_begins_at_its_grade(school):
    book = load_plans(load(school, {}))
    assert set(book.plans) == set(Kind)
    assert {kind: plan.severity for kind, plan in book.plans.items()} == SEVERITY_OF
    assert {path.stem for path in READY_MADE.glob("*.toml")} - set(Kind) == {"agencies", "announcements"}


def test_it_is_first_of_all_the_it_centres_to_gather_what_the_cameras_show(school):
    for plan in load_plans(load(school, {})).plans.values():
        own = [task.id for task in plan.tasks if task.role is Role.IT_CENTRE]
        assert own[:1] == [one for one in own[:1] if one.startswith("see_cameras")], plan.kind
        assert own or plan.is_restricted, plan.kind


def test_the_same_id_is_the_same_task_in_every_plan(school):
    found = {}
    for plan in load_plans(load(school, {})).plans.values():
        for task in plan.tasks:
            said = (task.title, task.role, task.to, task.proof, task.calls, task.afterwards)
            assert found.setdefault(task.id, said) == said, (plan.kind, task.id)


def test_of_what_the_it_centre_may_not_know_somebody_who_may_keeps_the_recordings(school):
    restricted = [plan for plan in load_plans(load(school, {})).plans.values() if plan.is_restricted]
    assert {plan.kind for plan in restricted} == {Kind.BULLYING, Kind.VIOLENCE}
    for plan in restricted:
        assert Role.IT_CENTRE not in {task.role for task in plan.tasks} | set(plan.roles)
        [evidence] = [task for task in plan.tasks if task.id == "evidence"]
        assert "监控" in evidence.title.zh
        assert evidence.role in plan.roles


def test_every_plan_but_the_one_for_bullying_names_equipment(school):
    plans = load_plans(load(school, {})).plans
    assert [kind for kind, plan in plans.items() if not plan.equipment] == [Kind.BULLYING]
    assert plans[Kind.FIRE].equipment[0] is EquipmentKind.EXTINGUISHER
    assert plans[Kind.MEDICAL].equipment[:2] == (EquipmentKind.AED, EquipmentKind.FIRST_AID)


def test_equipment_that_is_none_is_refused_with_its_key(school):
    [problem] = refused(school, HEAD + 'equipment = ["aed", "ladder"]\n' + TASK.format(id="close"))
    assert "fire.toml: equipment.1" in problem
    assert "ladder" in problem


def test_equipment_that_the_schools_list_lacks_is_a_hint(school):
    def told(*kinds):
        items = {kind.value: Equipment(kind.value, kind, "A3") for kind in kinds}
        found = check_plans(load(school, {}), Roster(equipment=items))
        return [str(one) for one in found if "equipment" in str(one)]

    assert told() == []
    assert told(*EquipmentKind) == []
    [hint] = told(*(set(EquipmentKind) - {EquipmentKind.AED}))
    assert hint.endswith("the list has none: aed")


def test_a_kept_plan_is_the_same_plan(school):
    for plan in load_plans(load(school, {})).plans.values():
        assert Plan.from_params(json.loads(json.dumps(plan.to_params()))) == plan


# Every key of a plan's file, none with the value that it has by itself.
EVERY_KEY = """
version = 7
severity = 2
action = "SHELTER"
restricted = true
roles = ["COMMANDER", "MEDICAL"]
report_from = 3
public_health = true
equipment = ["aed", "torch"]

[[tasks]]
id = "first"
zh = "先做"
en = "First"
role = "COMMANDER"
minutes = 3

[[tasks]]
id = "then"
zh = "再做"
en = "Then"
role = "MEDICAL"
minutes = 5
to = "all"
proof = "photo"
after = ["first"]
grade = 3
calls = "120"
ordered = "EVACUATE"
afterwards = true
"""


def test_a_change_from_chat_leaves_all_else_of_a_plan_as_it_was(school):
    ready_made = load_plans(load(school, {})).plans
    book = load_plans(write(school, EVERY_KEY))
    raw = tomllib.loads(EVERY_KEY)
    assert (set(raw), set(raw["tasks"][1])) == (set(PlanFile.model_fields), set(TaskEntry.model_fields))
    for plan in [*ready_made.values(), book.plans[Kind.FIRE]]:
        task = plan.tasks[-1]
        keys = {"minutes": int(task.within.total_seconds() // 60) + 1}
        change = PlanChange(1, 1, "T4", NOW, kind=plan.kind, task=task.id, aspect=Aspect.MINUTES, keys=keys)
        longer = replace(task, within=task.within + timedelta(minutes=1))
        changed = amend(plan, change, agencies=book.agencies)
        assert changed == replace(plan, tasks=(*plan.tasks[:-1], longer)), plan.kind


def test_what_outlasts_the_danger_is_marked_so_and_scenes_of_crimes_and_accidents_are_kept(school):
    plans = load_plans(load(school, {})).plans
    lasting = ("preserve", "tell_", "back_up_recordings", "samples", "evidence", "account")
    for plan in plans.values():
        for task in plan.tasks:
            is_lasting = task.id.startswith(lasting) and task.id != "tell_leaving"
            assert task.afterwards or not is_lasting, (plan.kind, task.id)
    kept = {kind for kind, plan in plans.items() for task in plan.tasks if task.id.startswith("preserve")}
    assert kept >= {Kind.FIRE, Kind.INTRUDER, Kind.MEDICAL, Kind.CHEMICAL, Kind.STRUCTURAL, Kind.CROWD_CRUSH}
    assert kept >= {Kind.VIOLENCE, Kind.TRAFFIC}
    assert {"samples", "seal_kitchen"} <= {task.id for task in plans[Kind.FOOD_POISONING].tasks}


def test_a_graver_grade_never_has_less(school):
    for plan in load_plans(load(school, {})).plans.values():
        for grade in (Severity.MINOR, Severity.MODERATE, Severity.SEVERE):
            assert set(plan.tasks_at(grade)) <= set(plan.tasks_at(Severity(grade - 1)))


def test_the_schools_own_plan_takes_the_place_of_the_ready_made_one(school):
    settings = write(school, HEAD.replace("1", "7", 1) + TASK.format(id="close"))
    book = load_plans(settings)
    assert book.plans[Kind.FIRE].version == 7
    assert [task.id for task in book.plans[Kind.FIRE].tasks] == ["close"]
    assert book.plans[Kind.EARTHQUAKE].tasks


BAD = {
    "negative time": (
        HEAD + TASK.format(id="close").replace("minutes = 5", "minutes = -5"),
        "own/fire.toml: tasks.close.minutes: must be at least 1 (got -5)",
    ),
    "unknown role": (
        HEAD + TASK.format(id="close").replace("ON_SCENE", "JANITOR"),
        "own/fire.toml: tasks.close.role: must be one of PRINCIPAL, DEPUTY,",
    ),
    "missing language": (
        HEAD + TASK.format(id="close").replace('en = "Close the gate"\n', ""),
        "own/fire.toml: tasks.close.en: is required",
    ),
    "empty language": (
        HEAD + TASK.format(id="close").replace("Close the gate", " "),
        "own/fire.toml: tasks.close.en: must not be empty",
    ),
    "circle": (
        HEAD + TASK.format(id="a") + 'after = ["b"]\n' + TASK.format(id="b") + 'after = ["a"]\n',
        "own/fire.toml: tasks.a.after: waits in a circle, by way of b: it can never begin",
    ),
    "waits for itself": (
        HEAD + TASK.format(id="a") + 'after = ["a"]\n',
        "own/fire.toml: tasks.a.after: waits in a circle, by way of a: it can never begin",
    ),
    "waits for nothing": (
        HEAD + TASK.format(id="a") + 'after = ["c"]\n',
        "own/fire.toml: tasks.a.after: waits for c, which is no task of this plan",
    ),
    "never begins": (
        HEAD + TASK.format(id="a") + 'after = ["b"]\n' + TASK.format(id="b") + "grade = 1\n",
        "own/fire.toml: tasks.a.after: waits for b, which only graver incidents have",
    ),
    "ten thousand tasks": (
        HEAD + "".join(TASK.format(id=f"t{n}") for n in range(10_000)),
        f"own/fire.toml: tasks: has 10000 tasks; nobody can follow more than {MOST_TASKS}",
    ),
    "twice": (
        HEAD + TASK.format(id="a") * 2,
        "own/fire.toml: tasks: the id a is used 2 times",
    ),
    "unknown key": (
        HEAD + TASK.format(id="a") + "hurry = true\n",
        "own/fire.toml: tasks.a.hurry: is not a setting that Muster knows",
    ),
    "unknown agency": (
        HEAD + TASK.format(id="a") + 'calls = "911"\n',
        "own/fire.toml: tasks.a.calls: there is no agency 911",
    ),
    "nobody may know": (
        HEAD + "restricted = true\n" + TASK.format(id="a"),
        "own/fire.toml: roles: a restricted incident's tasks ask ON_SCENE",
    ),
    "no number in the file": (
        HEAD + TASK.format(id="a").replace('"a"', '""'),
        "own/fire.toml: tasks.#1.id: must be 1 to 32 letters",
    ),
    "no action": (
        HEAD + TASK.format(id="a") + 'ordered = "RUN"\n',
        "own/fire.toml: tasks.a.ordered: must be one of true, false, HOLD, SECURE, LOCKDOWN, EVACUATE, SHELTER",
    ),
    "a number for an action": (
        HEAD + TASK.format(id="a") + "ordered = 1\n",
        "own/fire.toml: tasks.a.ordered: must be one of true,",
    ),
    "no TOML": ("version = = 1", "own/fire.toml: "),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_plan_is_refused_with_file_key_and_reason(school, case):
    text, expected = BAD[case]
    lines = refused(school, text)
    assert any(line.startswith(expected) for line in lines), lines
    with pytest.raises(ConfigError):
        load_plans(load(school, {}))


def test_a_refused_plan_leaves_the_ready_made_one_and_check_says_so(school):
    settings = write(school, HEAD + TASK.format(id="a") + 'after = ["a"]\n')
    assert read_plans(settings).plans[Kind.FIRE].tasks[0].id == "call_119"
    assert any("tasks.a.after" in str(problem) and not problem.is_hint for problem in check_plans(settings))


def test_a_file_called_after_no_kind_is_refused(school):
    [line] = refused(school, HEAD + TASK.format(id="a"), "volcano.toml")
    assert line.startswith(
        "own/volcano.toml: a plan's file is called after its kind, one of fire, earthquake,"
    )


def test_a_folder_that_is_not_there_is_named(school):
    (school.parent / "own").rmdir()
    [problem] = read_plans(load(school, {})).problems
    assert "plans.folder: there is no folder" in str(problem)


def hints(settings, people):
    roster = Roster(people={person.staff_id: person for person in people})
    return [str(problem) for problem in check_plans(settings, roster)]


def test_check_names_roles_that_nobody_holds_and_agencies_without_a_number(school):
    settings = load(school, {})
    lines = hints(settings, [person for person in cast.CAST if Role.MEDICAL not in person.roles])
    assert any("nobody holds MEDICAL; its tasks would go to those above: " in line for line in lines)
    assert any("agencies: plans call these, and they have no number yet: education" in line for line in lines)
    assert not any("nobody holds IT_CENTRE" in line for line in lines)


def test_check_names_hours_that_nobody_covers(school):
    now = datetime(2026, 11, 23, tzinfo=UTC)
    shift = DutyShift(now, now + timedelta(days=1), Role.ON_SCENE, cast.HAN.staff_id)
    roster = Roster(people={person.staff_id: person for person in cast.CAST}, shifts=(shift,))
    lines = [str(problem) for problem in check_plans(load(school, {}), roster, clock=lambda: now)]
    assert any("nobody has duty as ON_SCENE at: 2026-11-24" in line for line in lines)


def test_what_the_school_says_of_an_agency_takes_its_place_key_by_key(school):
    with school.open("a", encoding="utf-8") as file:
        file.write('\n[[agencies]]\nid = "education"\nnumber = "0571-1234"\ncontact = "值班室"\n')
        file.write('[[agencies]]\nid = "river"\nname = "水上救援"\nnumber = "0571-5678"\n')
    agencies = load_plans(load(school, {})).agencies
    assert agencies["education"].name.zh == "教育局"
    assert agencies["education"].number == "0571-1234"
    assert agencies["river"].name.zh == "水上救援"
    assert agencies["119"].number == "119"
