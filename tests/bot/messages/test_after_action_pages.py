"""The report's summary says of a count that was broken off that it was, on every page that tells of it."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.i18n import LOCALES, Languages
from bot.messages.after_action_pages import lay_out
from integrations.documents.paper import print_paper
from tests.integrations.documents.pdf import Pdf

GOLDEN = Path(__file__).parents[2] / "golden" / "after_action.json"
LANGUAGES = Languages(ZoneInfo("Asia/Shanghai"), "zh_Hans")
UNCOUNTED = {
    "class": "7-1",
    "expected": 40,
    "enrolled": 40,
    "present": 0,
    "unknown": 40,
    "first_s": None,
    "complete_s": None,
    "state": "silent",
}


def printed(locale: str) -> str:
    """The golden fire, but 40 of its 45 pupils were never counted; all words, without blanks."""
    data = json.loads(GOLDEN.read_text("utf-8"))
    people = data["people"]
    people["classes"].append({**people["classes"][0], **UNCOUNTED})
    people["tally"] |= {"expected": 45, "enrolled": 45, "unknown": 40}
    people["all_s"] = None
    data["evaluation"]["official"].pop("scope", None)
    data["evaluation"]["answers"] = []
    pdf = Pdf(print_paper([lay_out(data, LANGUAGES[locale])]))
    return "".join(pdf.words(page) for page in range(len(pdf))).replace(" ", "")


def test_a_count_broken_off_says_who_was_never_counted():
    said = printed("zh_Hans")
    assert "应清点2个班45人，已清点5人，40人始终未清点；受伤0人，结束时下落不明0人。" in said
    assert "40名学生始终未清点" in said, "it is among what has to improve"
    assert "7-140000040" in said, "the class stands as not counted, not as complete"


@pytest.mark.parametrize("locale", LOCALES)
def test_the_table_of_classes_has_a_column_for_those_not_counted(locale):
    assert {"zh_Hans": "未清点", "en": "Notcounted"}[locale] in printed(locale)
