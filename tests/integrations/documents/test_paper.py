"""Reports on paper: every glyph, every page numbered and marked, printed by a child that may die alone."""

from __future__ import annotations

import asyncio
import re

import pytest

from bot.errors import DocumentError
from bot.i18n import LOCALES, Markup, catalogue
from bot.messages.paper import (
    bars,
    bullets,
    columns,
    curve,
    facts,
    figures,
    heading,
    lines,
    paragraph,
    plain,
    quote,
    seal,
    table,
)
from integrations.documents.paper import picture_paper, picture_phone, print_paper
from integrations.documents.printer import Printer
from tests.integrations.documents.pdf import Pdf

MISSING = "\uffff"
# 生僻字, two of them outside the basic plane; what markup would be; Arabic digits and a right-to-left mark.
ODD = (
    "𠮷野家",
    "㛃",
    "龘",
    "䶮𬱖",
    '#import "@preview/x:1.0.0": *',
    "$a^2$",
    "*b* _c_ `d`",
    "= x",
    "\\",
    "]",
    "<l> @r",
)


def part(*blocks, contents="", mark="", lang="zh"):
    return {
        "lang": lang,
        "school": "青城中学",
        "title": "处置总结报告",
        "subtitle": "2026-0007",
        "mark": mark,
        "made": "",
        "contents": contents,
        "page": "第 {n} 页，共 {total} 页",
        "internal": "内部资料",
        "blocks": list(blocks),
    }


def words(pdf: Pdf) -> str:
    return "".join(pdf.words(page) for page in range(len(pdf)))


@pytest.mark.parametrize("locale", LOCALES)
def test_no_sentence_of_the_catalogue_has_a_letter_that_the_font_lacks(locale):
    said = []
    for entry in catalogue(locale):
        if entry.id:
            said += [entry.string] if isinstance(entry.string, str) else list(entry.string)
    pdf = Pdf(print_paper([part(*(paragraph(Markup(text)) for text in said), lang=locale[:2])]))
    shown = words(pdf)
    assert len(shown) > 10_000
    assert MISSING not in shown


def test_rare_characters_and_markup_are_printed_as_they_are_in_every_block():
    for odd in ODD:
        everywhere = part(
            heading(odd),
            paragraph(odd),
            quote(odd, odd),
            bullets([odd], "bad"),
            facts([(odd, odd)]),
            table([odd], [[odd]], widths=(1,)),
            lines([("10:00:00", "+0:00", odd)]),
            figures([(odd, odd, "good")]),
            bars(odd, [(odd, 1.0, odd, "")], note=odd),
            columns(odd, [1, 2], ["a", "b"], note=odd),
            curve(odd, [(0, 0), (40, 20), (100, 40)], total=40, target=(120, odd)),
            seal(odd, [(odd, odd)]),
            contents="目录",
        )
        shown = words(Pdf(print_paper([everywhere])))
        assert MISSING not in shown
        assert shown.count(odd.replace(" ", "")) >= 18, odd


def test_emoji_of_the_chat_are_left_out_on_paper():
    assert plain("🔥 火灾") == "火灾"
    assert plain(Markup("❌ <b>2 missing</b> · ⬜ &lt;b&gt;")) == "2 missing · <b>"
    assert plain("<b> & typed by hand") == "<b> & typed by hand"
    assert plain("五角星 ★ 与 ①") == "五角星 与 ①"


def test_every_page_has_its_number_and_in_a_drill_the_banner():
    rows = [("10:00:00", f"+0:{n:02}", f"第 {n} 行") for n in range(400)]
    pdf = Pdf(print_paper([part(heading("经过"), lines(rows), mark="【演练】并非真实事件", contents="目录")]))
    assert len(pdf) > 5
    for page in range(len(pdf)):
        assert f"第{page + 1}页，共{len(pdf)}页" in pdf.words(page)
        assert "【演练】并非真实事件" in pdf.words(page)
    assert re.search(r"经过2", pdf.words(0)), "the contents name the page"


def test_both_languages_follow_each_other_and_each_has_its_own_contents():
    chinese = part(heading("一"), paragraph("正文"), contents="目录")
    english = part(heading("One"), paragraph("Text"), contents="Contents", lang="en")
    pdf = Pdf(print_paper([chinese, english]))
    assert len(pdf) == 4
    assert "One" not in pdf.words(0)
    assert "一" not in pdf.words(2)
    assert "第4页，共4页" in pdf.words(3)


def test_the_same_pages_come_as_pictures():
    pictures = picture_paper([part(heading("一"), paragraph("正文"), contents="目录")])
    assert len(pictures) == 2
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)


def test_extreme_words_stay_on_the_paper():
    long = "很长的话" * 400
    everything = part(
        facts([("标签", long)]),
        figures([("999 小时 59 分", "标签" * 30, "bad")] * 4),
        heading("标题" * 40),
        table(["甲", "乙"], [[long, "W" * 300]], widths=(1, 1)),
        bars("题", [("标签" * 20, 0.0, "值", "")]),
        columns("题", [0] * 48, [""] * 48),
        columns("题", [100_000] * 2, ["a", "b"]),
        curve("题", [(0, 0)], total=0, target=(120, "目标")),
        lines([("10:00:00", "+100:00:00", long)]),
    )
    assert len(Pdf(print_paper([everything]))) >= 2


# ── the printer's child ────────────────────────────────────────────────────────────────────────────────────
async def test_the_child_prints_what_the_template_prints():
    pdf = Pdf(await Printer().print([part(heading("一"), paragraph("𠮷"))]))
    assert "𠮷" in words(pdf)


async def test_a_paper_that_cannot_be_set_is_an_error_and_the_next_one_is_printed():
    printer = Printer()
    with pytest.raises(DocumentError, match="ended with"):
        await printer.print([{"lang": "zh"}])
    assert await printer.print([part(paragraph("好"))])


async def test_a_child_that_takes_too_long_is_ended():
    rows = [("10:00:00", "+0:00", "行")] * 30_000
    with pytest.raises(DocumentError):
        await Printer(limit_s=1).print([part(lines(rows))])


async def test_papers_are_printed_one_at_a_time_and_the_loop_goes_on_meanwhile():
    printer, ticks = Printer(), 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    made = await asyncio.gather(*(printer.print([part(paragraph(str(n)))]) for n in range(3)))
    ticking.cancel()
    assert len(set(made)) == 3
    assert ticks > 10


def test_the_picture_for_a_phone_is_narrow_small_and_has_figures_and_charts_over_time_only():
    blocks = [figures([("3", "事件", "")] * 5), columns("每周事件", [1, 0, 2], ["11-09", "11-16", "11-23"])]
    bare = picture_phone(part(*blocks))
    width = int.from_bytes(bare[16:20], "big")
    assert 1070 <= width <= 1090
    assert len(bare) < 300_000
    assert picture_phone(part(*blocks, heading("一"), paragraph("正文" * 500))) == bare
