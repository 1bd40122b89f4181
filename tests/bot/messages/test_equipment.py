"""What is said of equipment, in both languages: short enough, valid HTML, pressable buttons."""

from __future__ import annotations

import pytest

from bot.domain.equipment import EquipmentKind
from bot.domain.message import MessageKind
from bot.i18n import LOCALES
from bot.messages.equipment_use import STEPS
from tests.support.reading import LANGUAGES, check_sendable, rendered

LONG = {"zh": "<综合实验楼&>东翼" * 12, "en": "Laboratory & <east> wing " * 6}


def item(kind: EquipmentKind, **changes):
    return {
        "number": "<器材>" * 16,
        "kind": kind.value,
        "zone": LONG,
        "place": "<楼梯口&>" * 30,
        "amount": 9_999,
        "note": "<干粉>" * 40,
        "is_here": True,
        "is_overdue": True,
        "custodian": LONG,
        "phone": "<13800000000>",
        **changes,
    }


def listing(**changes):
    items = [item(kind) for kind in list(EquipmentKind)[:8]]
    return {"mode": "DRILL", "zone": LONG, "kinds": [], "items": items, "more": 400, **changes}


LISTS = (MessageKind.INSPECTIONS, MessageKind.INSPECTIONS_OVERDUE)


def due(count):
    return [item(EquipmentKind.AED, id=n, is_here=False, due_on="2026-12-01") for n in range(count)]


CASES = (
    (MessageKind.EQUIPMENT, listing()),
    (MessageKind.EQUIPMENT, listing(zone=None, more=0)),
    (
        MessageKind.EQUIPMENT,
        listing(items=[item(EquipmentKind.OTHER, custodian=None, place="", note="", amount=1)]),
    ),
    (MessageKind.EQUIPMENT, listing(items=[], kinds=[kind.value for kind in EquipmentKind])),
    (MessageKind.EQUIPMENT, listing(items=[])),
    (MessageKind.EQUIPMENT_COUNTS, {"counts": []}),
    (
        MessageKind.EQUIPMENT_COUNTS,
        {"counts": [{"kind": kind.value, "places": 400, "amount": 9_999} for kind in EquipmentKind]},
    ),
    *((kind, {"items": due(count), "is_reminder": True}) for kind in LISTS for count in (1, 400)),
    (MessageKind.INSPECTIONS, {"items": [], "is_reminder": False}),
    (MessageKind.INSPECTION_PHOTO, due(1)[0]),
    (MessageKind.INSPECTION_UNDONE, due(1)[0]),
    *(
        (
            MessageKind.INSPECTION_DONE,
            {**due(1)[0], "words": words, "who": LONG, "inspection": 10**12, "left": due(n), "is_own": own},
        )
        for words, n, own in (("<b>&" * 500, 400, True), ("", 0, True), ("x", 0, False))
    ),
    *((MessageKind.EQUIPMENT_USE, {"kind": kind.value, "mode": "REAL"}) for kind in EquipmentKind),
)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("kind", "params"), CASES)
def test_it_can_be_sent(kind, params, locale):
    check_sendable(rendered(kind, params, locale), kind)


def test_every_kind_says_how_it_is_used():
    assert {kind for kind in EquipmentKind if not STEPS.get(kind)} == {EquipmentKind.OTHER}


@pytest.mark.parametrize("locale", LOCALES)
def test_how_to_use_fits_on_a_phone(locale):
    for steps in STEPS.values():
        assert all(len(LANGUAGES[locale].say(step)) <= 120 for step in steps)
