"""The register on paper: every line, the law's words, and nothing that is read as markup."""

from __future__ import annotations

from bot.domain.place import Name
from bot.services.register import COLUMNS
from integrations.documents.register import print_register
from tests.integrations.documents.pdf import Pdf


def row(number, **changed):
    told = dict.fromkeys(COLUMNS, "") | {
        "编号": str(number),
        "时间": "2026-11-29 14:30:05+08:00",
        "事由": "2026-0007 火警核实",
        "姓名": "陈刚",
        "单位": "安全办",
        "SHA-256": "ab12" * 16,
    }
    return told | changed


def printed(rows):
    school = Name("青城中学", "Qingcheng Middle School")
    return Pdf(print_register(rows, school=school, begin="2026-11-01", end="2026-11-29", printed_at="今"))


def test_every_page_says_whose_register_it_is_and_which_page():
    pdf = printed([row(number) for number in range(1, 60)])
    assert len(pdf) > 1
    assert "视频图像信息查阅、调取登记" in pdf.words(0)
    assert "Order799,art.16(3)" in pdf.words(0)
    assert f"第1/{len(pdf)}页" in pdf.words(0)
    for page in range(len(pdf)):
        assert all(word in pdf.words(page) for word in ("事由", "内容", "单位", "姓名", "不得外传"))
    assert "2026-11-2914:30:05" in pdf.words(0)
    assert "+08:00" not in pdf.words(0)
    assert "ab12ab12ab12" in pdf.words(0)


def test_what_somebody_wrote_is_words_and_no_markup():
    pdf = printed([row(1, 事由="#panic[x] *bold* $1$ \\ 调查")])
    assert "#panic[x]*bold*$1$\\调查" in pdf.words(0)


def test_an_empty_register_says_so():
    assert "本期间没有查阅、调取记录" in printed([]).words(0)
