"""HTML to text and entities, counted in UTF-16 units."""

import contextlib
import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.telegram.simulator.entities import find_entities, parse_html, units
from integrations.telegram.simulator.errors import ApiError


def test_nested_tags_become_entities_outer_first():
    text, entities = parse_html("a <b>bold <i>both</i></b> &lt;x&gt;")
    assert text == "a bold both <x>"
    assert entities == [
        {"type": "bold", "offset": 2, "length": 9},
        {"type": "italic", "offset": 7, "length": 4},
    ]


def test_offsets_are_utf16_units():
    text, entities = parse_html("🔥警 <b>火🔥</b>")
    assert text == "🔥警 火🔥"
    assert entities == [{"type": "bold", "offset": 4, "length": 3}]


def test_links_code_quotes_and_spoilers():
    _, entities = parse_html(
        '<a href="https://a.example/?x=1&amp;y=2">l</a><pre><code class="language-python">p</code></pre>'
        '<blockquote expandable>q</blockquote><span class="tg-spoiler">s</span><tg-spoiler>t</tg-spoiler>'
    )
    assert [one["type"] for one in entities] == [
        "text_link",
        "pre",
        "expandable_blockquote",
        "spoiler",
        "spoiler",
    ]
    assert entities[0]["url"] == "https://a.example/?x=1&y=2"
    assert entities[1]["language"] == "python"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<b>open", 'Can\'t find end tag corresponding to start tag "b"'),
        ("</b>", "Unexpected end tag at byte offset 0"),
        ("警<b>x</i>", 'Unmatched end tag at byte offset 7, expected "</b>", found "</i>"'),
        ("<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 0'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler"'),
        ("<b", 'Unclosed start tag "b" at byte offset 0'),
    ],
)
def test_bad_html_is_refused_in_telegrams_words(source, reason):
    with pytest.raises(ApiError, match="can't parse entities") as refused:
        parse_html(source)
    assert reason in refused.value.description


def test_space_around_is_cut():
    assert parse_html("\n <b> x </b> \n") == (" x", [{"type": "bold", "offset": 0, "length": 2}])


def test_commands_mentions_and_links_are_found():
    found = find_entities("/start@muster_bot see https://a.example/x, @wang_fang or a@b.example #drill 1/2")
    assert [one["type"] for one in found] == ["bot_command", "url", "mention", "email", "hashtag"]
    assert found[0]["length"] == 17


@given(st.text())
def test_escaped_text_comes_out_as_it_was(text):
    shown, entities = parse_html(html.escape(text, quote=False))
    plain = text.replace("\r", "").rstrip()
    assert shown == plain[len(plain) - len(plain.lstrip(" \n")) :]
    assert entities == []


@given(st.text())
def test_anything_is_parsed_or_refused(source):
    with contextlib.suppress(ApiError):
        text, entities = parse_html(source)
        assert all(one["offset"] >= 0 and one["offset"] + one["length"] <= units(text) for one in entities)


@given(st.text())
def test_units_are_those_of_utf16(text):
    try:
        expected = len(text.encode("utf-16-le")) // 2
    except UnicodeEncodeError:
        return
    assert units(text) == expected
