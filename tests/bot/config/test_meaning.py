from __future__ import annotations

import inspect
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.config import check, meaning
from bot.config.meaning import uncovered
from bot.config.problems import HINTS, SENTENCES, Flaw
from bot.domain.place import PRIVATE_ZONE_KINDS, Name
from bot.domain.roster import CHAIN, DutyShift, Person, Pupil, Role, SchoolClass
from bot.domain.roster_diff import Roster
from bot.i18n import LOCALES, catalogue

if TYPE_CHECKING:
    from tests.bot.config.conftest import Load, Refuse

NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)

PLACES = """
[[assembly_points]]
id = "field"
name = "操场"
[[zones]]
id = "A3"
name = "教学楼A座三层"
kind = "classroom"
assembly_point = "field"
"""


REACHED = {"MUSTER_WEB__LISTEN": "10.0.0.5:8080"}


@pytest.fixture
def settings_of(settings_of: Load) -> Load:
    """Of a school whose pages phones can open, unless told."""
    return partial(settings_of, environ=REACHED)


def lines(load: Load, more: str = "", *, text: str | None = None) -> list[str]:
    settings = load(PLACES + more) if text is None else load(PLACES + more, text=text)
    return [str(problem) for problem in check(settings)]


def test_a_sound_school_has_no_problem(settings_of: Load) -> None:
    assert lines(settings_of) == []


def test_the_placeholder_token_is_told_clearly(settings_of: Load) -> None:
    text = """
[school]
name = "x"
[telegram]
token = "123456789:PUT-THE-TOKEN-FROM-BOTFATHER-HERE"
command_centre = -1001000000001
"""
    assert lines(settings_of, text=text) == [
        "school.toml: telegram.token: is still the placeholder; ask @BotFather for a token and put it here"
    ]


def test_ids_and_references_must_meet(settings_of: Load) -> None:
    more = """
    [[zones]]
    id = "a3"
    name = "实验楼"
    kind = "lab"
    assembly_point = "court"
    [[cameras]]
    id = "gate"
    zone = "gate"
    name = "东门"
    snapshot_url = "http://10.0.0.5/p"
    retention_days = 7
    [[alert_sources]]
    id = "one"
    format = "cap"
    secret = ["s1", "s2"]
    zone = "C9"
    [[alert_sources]]
    id = "two"
    format = "cap"
    token = "s2"
    """
    assert lines(settings_of, more) == [
        "school.toml: zones: the id A3 is used 2 times (capitals do not count)",
        "school.toml: zones.a3.assembly_point: there is no assembly point court",
        "school.toml: cameras.gate.zone: there is no zone gate",
        "school.toml: alert_sources.one.zone: there is no zone C9",
        "school.toml: alert_sources.one, two: have the same secret; one that leaks would open the others",
        "school.toml: cameras.gate.retention_days: 7 days are fewer than the 30 of "
        "国务院令第799号第十七条 / State Council Order 799 art. 17",
        "school.toml: cameras.gate.filed_on: the day of the filing with the police (备案) is not set; "
        "国务院令第799号第十四条 / State Council Order 799 art. 14 asks for it within 30 days of use",
    ]


def test_pictures_in_chat_are_allowed_with_a_hint_at_the_law(settings_of: Load) -> None:
    (problem,) = check(settings_of(PLACES + "[camera_policy]\ndeliver = 'chat'"))
    assert problem.is_hint
    assert str(problem).startswith(
        "school.toml: camera_policy.deliver: pictures go through Telegram's servers abroad; 个人信息保护法"
    )


@pytest.mark.parametrize(
    ("web", "is_told"),
    [
        ('listen = "127.0.0.1:8080"', True),
        ('listen = "0.0.0.0:8080"', True),
        ('public_url = "http://[::1]:8080"', True),
        ('public_url = "http://localhost"', True),
        ('listen = "10.0.0.5:8080"', False),
        ('public_url = "http://muster.lan"', False),
        ('public_url = "https://muster.school.example"', False),
    ],
)
def test_links_that_no_phone_can_open_are_told(settings_of: Load, web: str, is_told: bool) -> None:
    found = check(settings_of(PLACES + f"[web]\n{web}\n", environ={}))
    assert ["this machine alone" in str(problem) for problem in found] == [True] * is_told
    assert all(problem.is_hint for problem in found)


@pytest.mark.parametrize("folder", ["vault", "pictures"])
def test_a_key_does_not_lie_where_backups_take_everything(settings_of: Load, folder: str) -> None:
    (problem,) = check(settings_of(PLACES + f"[camera_policy]\nkey_file = 'var/{folder}/picture.key'"))
    assert not problem.is_hint
    assert "must not lie in" in str(problem)
    assert check(settings_of(PLACES + "[camera_policy]\nkey_file = 'var/keys/picture.key'")) == []


def test_a_recorder_must_be_there_and_has_one_camera_a_channel(settings_of: Load) -> None:
    camera = """
    [[cameras]]
    id = "{id}"
    zone = "A3"
    name = "{id}"
    snapshot_url = "http://10.0.0.5/p"
    filed_on = "2025-05-20"
    recorder = "{recorder}"
    """
    more = """
    [[recorders]]
    id = "nvr"
    url = "http://10.0.0.9"
    """ + "".join(
        camera.format(id=id_, recorder=nvr) for id_, nvr in (("a", "nvr"), ("b", "nvr"), ("c", "no"))
    )
    assert lines(settings_of, more) == [
        "school.toml: cameras.b.recorder_channel: channel 1 of recorder nvr is also that of camera a",
        "school.toml: cameras.c.recorder: there is no recorder no",
    ]


@pytest.mark.parametrize(
    "kind", [*sorted(PRIVATE_ZONE_KINDS), "Dormitory", "changing room", "卫生间", "宿舍"]
)
def test_a_camera_in_a_private_place_does_not_load_and_hears_the_law(refused: Refuse, kind: str) -> None:
    more = f"""
    [[zones]]
    id = "P"
    name = "某处"
    kind = "{kind}"
    [[cameras]]
    id = "spy"
    zone = "P"
    name = "x"
    snapshot_url = "http://10.0.0.5/p"
    """
    (problem,) = refused(PLACES + more)
    assert problem.startswith("school.toml: cameras.spy.zone: camera spy looks into P, a private place")
    assert problem.endswith("国务院令第799号第八条 / State Council Order 799 art. 8")


@pytest.mark.parametrize(
    ("url", "is_refused"),
    [
        ("http://muster.school.example", True),
        ("http://8.8.8.8:8080", True),
        ("https://muster.school.example", False),
        ("http://127.0.0.1:8080", False),
        ("http://10.0.0.7", False),
        ("http://[::1]:8080", False),
        ("http://muster.lan", False),
        ("http://muster", False),
    ],
)
def test_pages_on_the_internet_need_https(settings_of: Load, url: str, is_refused: bool) -> None:
    found = lines(settings_of, f'[web]\npublic_url = "{url}"')
    assert any("web.public_url: must be https" in line for line in found) == is_refused


def test_a_webhook_needs_https_unless_the_bot_api_server_is_ones_own(settings_of: Load) -> None:
    text = """
[school]
name = "x"
[telegram]
token = "1:a"
command_centre = -1001000000001
webhook_secret = "abc"
"""
    assert "because Telegram sends updates there" in lines(settings_of, text=text)[0]
    assert lines(settings_of, text=text + 'api_url = "http://127.0.0.1:8081"') == []


def test_a_plain_group_is_only_a_hint(settings_of: Load) -> None:
    text = '[school]\nname = "x"\n[telegram]\ntoken = "1:a"\ncommand_centre = -5\nchannel = -5'
    found = check(settings_of(PLACES, text=text))
    assert [(problem.key, problem.is_hint) for problem in found] == [
        ("telegram.channel", False),
        ("telegram.command_centre", True),
    ]


# ── with the roster ────────────────────────────────────────────────────────────


def person(
    staff_id: str, *roles: Role, telegram_id: int | None = None, classes: tuple[str, ...] = ()
) -> Person:
    return Person(
        staff_id,
        Name("某人"),
        roles=frozenset({Role.STAFF, *roles}),
        telegram_id=telegram_id,
        classes=classes,
    )


def school(
    *people: Person, classes: tuple[SchoolClass, ...] = (), shifts: tuple[DutyShift, ...] = ()
) -> Roster:
    return Roster(
        people={each.staff_id: each for each in people},
        classes={each.name: each for each in classes},
        pupils={},
        shifts=shifts,
    )


def roster_lines(load: Load, roster: Roster) -> list[str]:
    return [str(problem) for problem in check(load(PLACES), roster, clock=lambda: NOW)]


def test_an_empty_roster_is_only_a_hint(settings_of: Load) -> None:
    (problem,) = check(settings_of(PLACES), Roster(people={}))
    assert problem.is_hint
    assert "nobody is enrolled" in str(problem)


def test_gaps_in_the_roster_are_named(settings_of: Load) -> None:
    roster = school(
        person("T1", Role.PRINCIPAL, telegram_id=5),
        person("T2", Role.COMMANDER, Role.DEPUTY, telegram_id=5),
        person("T3", Role.CLASS_LEAD, classes=("7-1", "7-9")),
        classes=(SchoolClass("7-1", zone="A3"), SchoolClass("7-2", zone="Z", assembly_point="nowhere")),
    )
    assert roster_lines(settings_of, roster) == [
        "roster: staff: nobody holds the role SAFETY_OFFICE",
        "roster: staff: T1, T2 have the same telegram_id",
        "roster: staff: T3 names class 7-9, which does not exist",
        "roster: classes: class 7-2 has no CLASS_LEAD (班主任)",
        "roster: classes.7-2: there is no zone Z",
        "roster: classes.7-2: there is no assembly point nowhere",
    ]


def test_pupils_of_an_unknown_class_are_named_once(settings_of: Load) -> None:
    lead = person("T1", *CHAIN, Role.CLASS_LEAD, telegram_id=5, classes=("7-1",))
    pupils = {number: Pupil(number, "x", "7-9") for number in ("1", "2")}
    roster = Roster({"T1": lead}, {"7-1": SchoolClass("7-1")}, pupils, ())
    assert roster_lines(settings_of, roster) == [
        "roster: pupils: the pupils' file names class 7-9, which does not exist"
    ]


def test_nobody_connected_is_a_hint(settings_of: Load) -> None:
    assert roster_lines(settings_of, school(person("T1", *CHAIN))) == [
        "roster: staff: nobody has connected Telegram yet; hand out invites with: muster roster invite"
    ]


def shift(start_h: float, end_h: float, role: Role = Role.COMMANDER, staff_id: str = "T1") -> DutyShift:
    return DutyShift(NOW + timedelta(hours=start_h), NOW + timedelta(hours=end_h), role, staff_id)


def test_uncovered_duty_is_told_in_the_schools_time(settings_of: Load) -> None:
    roster = school(person("T1", *CHAIN, telegram_id=5), shifts=(shift(-5, 2), shift(1, 3), shift(5, 24 * 8)))
    assert roster_lines(settings_of, roster) == [
        "roster: duty: in the next 7 days nobody has duty as COMMANDER at: 2026-11-23 11:00 to 13:00"
    ]


def test_without_shifts_for_a_role_everybody_who_holds_it_is_on_duty(settings_of: Load) -> None:
    assert roster_lines(settings_of, school(person("T1", *CHAIN, telegram_id=5))) == []


def test_a_duty_plan_that_has_run_out_is_uncovered(settings_of: Load) -> None:
    roster = school(person("T1", *CHAIN, telegram_id=5), shifts=(shift(-50, -40),))
    (line,) = roster_lines(settings_of, roster)
    assert line.endswith("at: 2026-11-23 08:00 to 2026-11-30 08:00")


def test_duty_of_strangers_and_of_people_without_the_role_is_a_problem(settings_of: Load) -> None:
    roster = school(
        person("T1", *CHAIN, telegram_id=5),
        person("T2"),
        shifts=(shift(-1, 999), shift(0, 9, staff_id="T2"), shift(0, 9, staff_id="T9")),
    )
    assert roster_lines(settings_of, roster) == [
        "roster: duty: T2 has duty as COMMANDER but does not hold that role",
        "roster: duty: duty names T9, who is not enrolled",
    ]


def test_uncovered_times_are_merged() -> None:
    shifts = [shift(2, 3), shift(3, 4), shift(3.5, 6)]
    hours = [
        ((a - NOW) / timedelta(hours=1), (b - NOW) / timedelta(hours=1))
        for a, b in uncovered(shifts, NOW, NOW + timedelta(hours=10))
    ]
    assert hours == [(0, 2), (6, 10)]


def test_a_digest_for_somebody_who_is_not_enrolled_is_told(settings_of: Load) -> None:
    settings = settings_of(f'{PLACES}\n[digest]\nalso = ["T1", "T99"]\n')
    roster = school(*(person(f"T{n}", role, telegram_id=n) for n, role in enumerate(CHAIN)))
    found = [str(problem) for problem in check(settings, roster, clock=lambda: NOW)]
    assert found == ["roster: digest.also: the digests go to T99, who is not enrolled"]


def test_an_error_of_a_roster_can_be_said_in_every_language() -> None:
    told = re.findall(r"Flaw\.(\w+)", inspect.getsource(meaning).split("def _of_roster", 1)[1])
    errors = [Flaw[name] for name in told if Flaw[name] not in HINTS]
    assert Flaw.ROLE_UNHELD in errors
    for locale in LOCALES:
        said = catalogue(locale)
        assert [flaw for flaw in errors if SENTENCES[flaw] not in said] == []
