"""The book of plans: every kind, every task in both languages, nothing read as markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from bot.config import load
from bot.config.plans import load_plans
from bot.domain.incident import Kind
from bot.domain.place import Name
from bot.i18n import Languages
from bot.messages.plan_book import PlanWords
from integrations.documents.plans import print_plans
from tests.integrations.documents.pdf import Pdf
from tests.support import cast

SCHOOL = Name("青城中学", "Qingcheng Middle School")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """What the school's files say."""
    path = tmp_path_factory.mktemp("school") / "school.toml"
    path.write_text(cast.SETTINGS.format(token=cast.TOKEN, api_url="http://127.0.0.1:1", port=0), "utf-8")
    return load_plans(load(path, {}))


def printed(plans, agencies):
    words = PlanWords(Languages(ZoneInfo("Asia/Shanghai"), "zh_Hans"))
    return Pdf(print_plans(words.book(plans, agencies, SCHOOL), printed_on=date(2026, 11, 29)))


def squeezed(text):
    return "".join(text.split()).replace("\u00a0", "")


def test_the_book_has_a_page_for_each_kind_with_its_tasks(book):
    pdf = printed(book.plans.values(), book.agencies.values())
    assert len(pdf) == len(Kind) + 1, "an overview, then a page for each kind"
    for page, plan in enumerate(book.plans.values(), start=1):
        found = [task for task in plan.tasks if squeezed(task.title.zh) in pdf.words(page)]
        # The reader stumbles over some glyphs; whole tasks are there or not.
        assert len(found) >= len(plan.tasks) * 0.8, plan.kind
    for number in ("110", "119", "120", "122"):
        assert number in pdf.words(0)


def test_no_word_of_a_plan_is_read_as_markup(book):
    fire = book.plans[Kind.FIRE]
    tricky = "#let x = [*关门*] $y$ @who <label> \\ _z_"
    task = replace(fire.tasks[0], title=Name(tricky, tricky))
    pdf = printed([replace(fire, tasks=(task,))], book.agencies.values())
    assert squeezed(tricky) in pdf.words(1)
