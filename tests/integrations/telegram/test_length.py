"""A message that is too long is cut, and stays whole HTML."""

from __future__ import annotations

import html
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.telegram.length import MAX_TEXT, fit, plain


class Balance(HTMLParser):
    """Fails when a tag is left open or closed twice."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_a_text_that_fits_is_not_touched() -> None:
    text = "<b>" + "好" * MAX_TEXT + "</b>"
    assert fit(text) is text


def test_tags_do_not_count() -> None:
    text = '<a href="https://muster.school.example/headcount">x</a>' * 200
    assert fit(text) is text


def test_a_long_text_keeps_its_beginning_and_says_that_something_is_missing() -> None:
    cut = fit("<b>First line</b>\n" + "x" * 5000)
    assert cut.startswith("<b>First line</b>\nxxx")
    assert cut.endswith("x…")
    assert units(plain(cut)) == MAX_TEXT


def test_open_tags_are_closed() -> None:
    assert fit("<b>a <i>bcdef</i></b>", 5) == "<b>a <i>bc…</i></b>"


def test_an_entity_is_never_torn() -> None:
    assert fit("ab&amp;cdef", 4) == "ab&amp;…"
    assert fit("ab&amp;cdef", 3) == "ab…"


def test_an_emoji_is_never_torn() -> None:
    assert fit("a😀😀😀", 4) == "a😀…"
    assert fit("a😀😀😀", 5) == "a😀…"


@pytest.mark.parametrize(
    "text", ["a < b and c > d " * 400, "AT&T " * 1000, "<" * 5000, "&" * 5000, "\ud800" * 5000]
)
def test_careless_html_is_cut_too(text: str) -> None:
    assert units(plain(fit(text)).replace("\ud800", "?")) <= MAX_TEXT


_piece = st.one_of(
    st.text(max_size=20).map(html.escape),
    st.builds(
        "<{0}>{1}</{0}>".format, st.sampled_from(["b", "i", "code"]), st.text(max_size=20).map(html.escape)
    ),
)


@given(st.lists(_piece, max_size=20).map("".join), st.integers(min_value=1, max_value=60))
def test_whatever_is_cut_fits_and_stays_balanced(text: str, limit: int) -> None:
    cut = fit(text, limit)
    assert units(plain(cut)) <= limit
    Balance(cut)
