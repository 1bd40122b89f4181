"""The injured and the links for people outside, in words: both languages, plausible and extreme."""

from __future__ import annotations

import pytest
from lxml import etree

from bot.domain.incident import Kind, Mode
from bot.domain.injured import Injury, add_up
from bot.domain.message import MessageKind
from bot.i18n import LOCALES
from bot.messages.cap_xml import CAP
from bot.messages.district import cap_of
from tests.integrations.alert_formats.samples import DATA, needs_samples
from tests.support.reading import LANGUAGES, check_sendable, rendered

NOON = "2026-11-23T04:00:00+00:00"
NAME = {"zh": "<克里斯托弗·马洛&>" * 8, "en": "<Wolfeschlegelsteinhausenbergerdorff & Sons>" * 2}
ABOUT = {"id": 999_999_999_999, "number": "2026-0007", "mode": "REAL", "kind": "fire", "zone": NAME}
SAID = ({}, {Injury.LIGHT: 2}, dict.fromkeys(Injury, 9999))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("said", SAID)
def test_the_figures_fit_and_can_be_pressed(said, locale):
    for named in ({}, {Injury.UNKNOWN: 3}):
        figures = add_up(said, named).to_params()
        params = {"injured": figures, "said": {k.value: n for k, n in said.items()}, "may_call": True}
        check_sendable(rendered(MessageKind.INJURED, ABOUT | params, locale), MessageKind.INJURED)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_colleague_s_name_is_text_and_every_state_has_a_word(locale):
    for state in (None, *Injury):
        about = {"row": 10**12, "name": NAME, "department": "<b>&" * 10, "who": NAME, "at": NOON}
        params = ABOUT | about | {"state": state and state.value}
        check_sendable(rendered(MessageKind.INJURED_STAFF, params, locale), MessageKind.INJURED_STAFF)
    figures = {one.value: 10**6 for one in Injury} | {"total": 10**7, "named": 10**6}
    for state in Injury:
        colleague = {"name": NAME, "department": "<b>&" * 10, "state": state.value}
        pupil = {"class": "<b>&" * 8, "no": "05", "words": "<b>&" * 300, "state": state.value}
        for people in ([colleague], [pupil, pupil | {"words": ""}], [colleague, pupil] * 200):
            params = ABOUT | {"injured": figures, "people": people}
            check_sendable(rendered(MessageKind.INJURED_LIST, params, locale), MessageKind.INJURED_LIST)


@pytest.mark.parametrize("locale", LOCALES)
def test_links_fit_and_a_unit_is_text_and_no_markup(locale):
    flags = ((True, None, False), (True, NOON, False), (False, None, True), (False, NOON, False))
    links = [
        {
            "id": 10**12,
            "unit": "<b>&" * 30,
            "by": NAME,
            "until": NOON,
            "opened_at": opened_at,
            "is_good": is_good,
            "is_revoked": is_revoked,
        }
        for is_good, opened_at, is_revoked in flags
    ]
    for found in (links * 4, []):
        for url in ("", "https://muster.school.example/liaison/" + "x" * 32):
            params = ABOUT | {"url": url, "made": None, "links": found}
            check_sendable(rendered(MessageKind.LIAISON, params, locale), MessageKind.LIAISON)
    params = ABOUT | {"unit": "<b>&" * 30, "link": 10**12, "at": NOON}
    message = rendered(MessageKind.LIAISON_OPENED, params, locale)
    check_sendable(message, MessageKind.LIAISON_OPENED)
    assert "&lt;b&gt;" in message.text


def notice(*, mode="REAL", kind="fire", action="EVACUATE", severity=2, msg_type="Alert", all_clear_at=None):
    earlier = [] if msg_type == "Alert" else ["2026-11-23T12:00:00+08:00"]
    return ABOUT | {
        "mode": mode,
        "kind": kind,
        "severity": severity,
        "status": "ACTIVE",
        "school": NAME,
        "address": NAME,
        "phone": "0571-0110",
        "opened_at": NOON,
        "action": action,
        "action_zones": [NAME] * 14,
        "action_at": action and NOON,
        "all_clear_at": all_clear_at,
        "is_suspended": False,
        "tally": None,
        "injured": add_up({Injury.LIGHT: 2}, {}).to_params(),
        "calls": [{"name": NAME, "state": "answered", "at": NOON}] * 8,
        "points": [NAME] * 3,
        "lines": [],
        "n": len(earlier) + 1,
        "earlier": earlier,
        "msg_type": msg_type,
        "sender": "incidents@muster.school.example",
        "sent": "2026-11-23T12:30:00+08:00",
        "to": [NAME],
    }


@pytest.mark.parametrize("locale", LOCALES)
def test_a_notice_is_shown_before_it_is_sent_and_fits(locale):
    check_sendable(rendered(MessageKind.DISTRICT_ASK, notice(), locale), MessageKind.DISTRICT_ASK)


@needs_samples
@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("msg_type", ["Alert", "Update", "Cancel"])
@pytest.mark.parametrize("kind", [None, *Kind])
def test_its_cap_keeps_to_the_standard_s_schema(kind, msg_type, mode):
    schema = etree.XMLSchema(etree.parse(DATA / "cap" / "cap12.xsd"))
    languages = [LANGUAGES[locale] for locale in LOCALES]
    for action, all_clear_at in ((None, None), ("EVACUATE", None), ("LOCKDOWN", NOON)):
        params = notice(
            mode=mode.value,
            kind=kind and kind.value,
            action=action,
            msg_type=msg_type,
            all_clear_at=all_clear_at,
        )
        document = etree.fromstring(cap_of(params, languages).encode())
        schema.assertValid(document)
        status = document.findtext(f"{{{CAP}}}status")
        assert status == {"REAL": "Actual", "DRILL": "Exercise", "TEST": "Test"}[mode.value]
