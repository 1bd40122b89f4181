"""What an import leaves in the school: just what its preview said."""

from __future__ import annotations

import pytest

from bot.domain.roster import Pupil, SchoolClass
from bot.domain.roster_diff import Noun, Roster
from bot.ports import utc_now
from bot.services.importing import apply_roster, current_roster
from tests.support.door import open_door

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as door:
        yield door


async def test_a_file_without_a_column_leaves_what_it_does_not_know(door):
    """Classes without their assembly point, pupils without their names: as the preview shows, nothing is lost."""
    first = Roster(
        classes={
            "7-1": SchoolClass("7-1", "7", "A3", "field"),
            "7-2": SchoolClass("7-2", "7", "A3", "field"),
        },
        pupils={"2601": Pupil("2601", "丁一", "7-1"), "2602": Pupil("2602", "丁二", "7-1")},
    )
    second = Roster(
        classes={"7-1": SchoolClass("7-1", "8", "A3", None), "7-3": SchoolClass("7-3", "7", None, None)},
        pupils={"2601": Pupil("2601", "", "7-3")},
        absent={
            (Noun.CLASSES, "7-1"): frozenset({"assembly_point"}),
            (Noun.PUPILS, "2601"): frozenset({"name"}),
        },
    )

    for roster in (first, second):
        change = await door.database.write(apply_roster, roster, by="test", at=utc_now())

    now = await door.read(current_roster)
    assert now.classes == {
        "7-1": SchoolClass("7-1", "8", "A3", "field"),
        "7-3": SchoolClass("7-3", "7", None, None),
    }
    assert now.pupils == {"2601": Pupil("2601", "丁一", "7-3")}
    assert [one.fields for one in change.classes.changed] == [("grade",)]
