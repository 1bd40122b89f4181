"""Who may publish, when what is not urgent goes out, and whom an audience includes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.domain.alert_rule import SchoolHours
from bot.domain.announcement import Announcement, AnnouncementState, Text
from bot.domain.announcement_rule import AnnouncementRules
from bot.domain.audience import Audience, Group
from bot.domain.cap import MsgType
from bot.domain.channel import Channel, Takes
from bot.domain.incident import Incident, Kind, Mode, Severity, Status
from bot.domain.place import Name
from bot.domain.response import ResponseAction
from bot.domain.roster import Role, SchoolClass
from bot.plans.ready_texts import ready_texts
from tests.support.cast import CAST, CHEN, EMILY, LI, QIAN, SUN, WANG, ZHAO, ZHENG

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
CLASSES = {"7-3": SchoolClass("7-3", "7"), "8-1": SchoolClass("8-1", "8")}
DRAFT = Announcement(
    id=1,
    number="2026-A001",
    revision=1,
    mode=Mode.REAL,
    state=AnnouncementState.SUBMITTED,
    msg_type=MsgType.ALERT,
    author_id=LI.staff_id,
    created_at=AT,
    changed_at=AT,
    texts={"zh_Hans": Text("停课")},
)


def local(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def test_those_who_hold_the_right_publish_and_never_its_author():
    rules = AnnouncementRules()
    assert {p.staff_id for p in CAST if rules.may_publish(p, DRAFT)} == {
        one.staff_id for one in (CHEN, ZHAO, SUN)
    }
    assert not rules.may_publish(ZHAO, replace(DRAFT, author_id=ZHAO.staff_id))
    assert not rules.may_publish(CHEN, replace(DRAFT, author_id=CHEN.staff_id))


def test_the_settings_narrow_who_publishes_and_never_widen():
    rules = AnnouncementRules(publishers=frozenset({Role.PRINCIPAL, Role.STAFF}))
    assert rules.may_publish(ZHAO, DRAFT)
    assert not rules.may_publish(EMILY, DRAFT)
    assert not AnnouncementRules(publishers=frozenset({Role.PRINCIPAL})).may_publish(SUN, DRAFT)


def test_a_commander_alone_publishes_a_life_safety_text_also_when_others_publish():
    urgent = replace(DRAFT, author_id=CHEN.staff_id, is_urgent=True, template="evacuate")
    assert AnnouncementRules(publishers=frozenset({Role.PRINCIPAL})).may_publish(CHEN, urgent)
    own = replace(urgent, author_id=ZHAO.staff_id)
    assert not AnnouncementRules().may_publish(ZHAO, own), "a principal is no commander …"
    incident = Incident(1, "2026-0001", Mode.REAL, Status.ACTIVE, Severity.SEVERE, AT, commander_id="T5")
    assert AnnouncementRules().may_publish(ZHAO, own, incident), "… until she takes command"


def test_the_settings_narrow_who_returns_and_takes_back_too_and_its_author_may_take_it_back():
    rules = AnnouncementRules(publishers=frozenset({Role.PRINCIPAL}))
    assert not rules.may_decide(SUN, DRAFT)
    assert rules.may_decide(ZHAO, replace(DRAFT, author_id=ZHAO.staff_id))
    assert not rules.may_decide(CHEN, DRAFT)
    assert rules.may_decide(CHEN, replace(DRAFT, is_urgent=True, revision=2)), "whatever he said alone"
    assert not rules.may_decide(LI, DRAFT), "the settings never widen"


def test_the_correction_of_a_life_safety_text_is_somebodys_words_and_needs_another():
    correction = replace(DRAFT, author_id=CHEN.staff_id, is_urgent=True, revision=2)
    assert not AnnouncementRules().may_publish(CHEN, correction)
    assert AnnouncementRules().may_publish(ZHAO, correction)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (Audience(), Audience(Group.STAFF)),
        (Audience(), Audience(Group.ROLES, ("MEDICAL",))),
        (Audience(Group.STAFF), Audience(Group.ON_SITE)),
        (Audience(Group.STAFF), Audience(Group.CLASSES, ("7-3",))),
        (Audience(Group.CLASSES, ("7-3", "8-1")), Audience(Group.CLASSES, ("8-1",))),
    ],
)
def test_an_audience_covers_itself_and_what_is_narrower(wide, narrow):
    assert wide.covers(narrow)
    assert wide.covers(wide)
    assert not narrow.covers(wide)
    assert not Audience(Group.GRADES, ("7",)).covers(Audience(Group.CLASSES, ("7-3",)))


@pytest.mark.parametrize(
    ("moment", "goes_out"),
    [
        (local(24, 12), local(24, 12)),
        (local(24, 22), local(25, 6, 30)),
        (local(24, 23, 59), local(25, 6, 30)),
        (local(25, 3), local(25, 6, 30)),
        (local(25, 6, 30), local(25, 6, 30)),
    ],
)
def test_what_can_wait_waits_for_the_end_of_quiet_hours(moment, goes_out):
    rules = AnnouncementRules(quiet=(time(22), time(6, 30)), hours=SchoolHours(SHANGHAI))
    assert rules.goes_out_at(moment) == goes_out


def test_quiet_hours_within_one_day_end_the_same_day():
    rules = AnnouncementRules(quiet=(time(12), time(14)), hours=SchoolHours(SHANGHAI))
    assert rules.goes_out_at(local(24, 13)) == local(24, 14)
    assert rules.goes_out_at(local(24, 14)) == local(24, 14)


def test_on_a_weekend_it_waits_for_monday_morning():
    rules = AnnouncementRules(
        quiet=(time(22), time(6, 30)), hours=SchoolHours(SHANGHAI), is_for_school_days=True
    )
    assert rules.goes_out_at(local(28, 10)) == local(30, 6, 30)
    assert rules.goes_out_at(local(27, 10)) == local(27, 10)


def test_a_calendar_without_a_school_day_to_come_holds_nothing_back():
    hours = SchoolHours(SHANGHAI, terms=((date(2020, 1, 1), date(2020, 6, 1)),))
    rules = AnnouncementRules(hours=hours, is_for_school_days=True)
    assert rules.goes_out_at(local(27, 10)) == local(27, 10)


@pytest.mark.parametrize(
    ("audience", "included"),
    [
        (Audience(), set(CAST)),
        (Audience(Group.STAFF), set(CAST)),
        (Audience(Group.ON_SITE), set(CAST) - {EMILY}),
        (Audience(Group.ROLES, ("MEDICAL", "PRINCIPAL")), {ZHENG, ZHAO}),
        (Audience(Group.GRADES, ("7",)), {WANG, QIAN}),
        (Audience(Group.CLASSES, ("7-3",)), {WANG, QIAN}),
        (Audience(Group.CLASSES, ("8-1",)), set()),
    ],
)
def test_whom_an_audience_includes(audience, included):
    found = {person for person in CAST if audience.includes(person, CLASSES, {EMILY.staff_id})}
    assert found == included
    assert not audience.includes(replace(WANG, is_active=False), CLASSES, set())
    assert Audience.from_params(audience.to_params()) == audience


@pytest.mark.parametrize(
    ("takes", "audience", "is_urgent", "goes"),
    [
        (Takes.PUBLIC, Audience(), False, True),
        (Takes.PUBLIC, Audience(Group.STAFF), True, False),
        (Takes.STAFF, Audience(Group.STAFF), False, True),
        (Takes.STAFF, Audience(), False, True),
        (Takes.STAFF, Audience(Group.ROLES, ("MEDICAL",)), False, False),
        (Takes.LIFE_SAFETY, Audience(Group.STAFF), True, True),
        (Takes.LIFE_SAFETY, Audience(Group.STAFF), False, False),
        (Takes.LIFE_SAFETY, Audience(Group.ROLES, ("MEDICAL",)), True, False),
    ],
)
def test_what_a_channel_takes(takes, audience, is_urgent, goes):
    channel = Channel("pa", "webhook", Name("广播"), frozenset({takes}))
    assert channel.takes(audience, is_life_safety=is_urgent) is goes


def test_every_kind_and_action_has_ready_made_texts_in_both_languages():
    texts = ready_texts().values()
    for kind in Kind:
        assert len([text for text in texts if text.kind is kind]) >= 2, kind
    for action in ResponseAction:
        assert [text for text in texts if text.action is action], action
    assert all(text.is_life_safety for text in texts if text.action is not None)
    assert not any(text.is_life_safety and text.audience.is_public for text in texts)
