"""Words reach a page as they are: escaped once, in the reader's language, also for scripts."""

from __future__ import annotations

import html
import json
import re
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from jinja2 import UndefinedError

from bot.i18n import Language
from handlers.web import rendering
from handlers.web.assets import Assets
from handlers.web.rendering import PageWords, render, set_up_templates

NASTY = """<script>alert("1 & 2")</script> &amp; 'x'"""
NAME = {"zh": NASTY, "en": ""}
SENTENCE = "Message unit {name}"


@pytest.fixture
def words():
    language = Language("en", ZoneInfo("Asia/Shanghai"))
    return PageWords(language)


@pytest.fixture
def page(tmp_path, words):
    """Render this template."""
    for file in rendering.FOLDER.glob("*.html"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    site = web.Application()
    set_up_templates(site, Assets(), tmp_path)
    request = make_mocked_request("GET", "/headcount", app=site)

    def fill(template: str, **context) -> str:
        (tmp_path / "page.html").write_text(template, "utf-8")
        return render(request, "page.html", words, **context)

    return fill


@pytest.fixture(autouse=True)
def sentences(monkeypatch):
    """A sentence of the tests' own, so that they hang on nobody's wording."""
    real = Language._entry

    class Entry:
        string = SENTENCE

    monkeypatch.setattr(
        Language, "_entry", lambda self, said: Entry if said == SENTENCE else real(self, said)
    )


def test_a_sentence_s_params_are_escaped_once(page, words):
    assert words.say(SENTENCE, name=NASTY) == f"Message unit {NASTY}"
    assert words.say(SENTENCE, name=words._language.name(NAME)) == f"Message unit {NASTY}"
    assert type(words.say(SENTENCE, name=NASTY)) is str
    filled = page(
        "<p title=\"{{ say('Message unit {name}', name=who) }}\">{{ name(person) }}</p>",
        who=NASTY,
        person=NAME,
    )
    title, text = re.fullmatch(r'<p title="(.*)">(.*)</p>', filled).groups()
    assert "<" not in title + text
    assert '"' not in title + text
    assert html.unescape(title) == f"Message unit {NASTY}"
    assert html.unescape(text) == NASTY


def test_counts_lists_and_times_are_plain_too(words):
    names = [NAME, {"zh": "操场", "en": "Sports <field>"}]
    assert words.all_of(names) == f"{NASTY} and Sports <field>"
    assert words.clock("2026-11-23T02:00:00+00:00") == "10:00"
    assert words.moment("2026-11-23T02:00:00+00:00") == "23 Nov 10:00"
    assert words.lang == "en"


def test_a_script_gets_its_words_as_json_that_cannot_end_the_block(page, words, monkeypatch):
    monkeypatch.setattr(PageWords, "say", lambda self, said, **_: f"{said}</script><!-- {NASTY}")
    filled = page('{% extends "layout.html" %}', script_words={"here": "All here"})
    [block] = re.findall(r'<script type="application/json" id="words">(.*?)</script>', filled)
    assert "<" not in block
    assert json.loads(block) == {"here": f"All here</script><!-- {NASTY}"}


def test_a_script_s_sentences_keep_their_places_for_the_script_to_fill(words):
    assert words.table({"unit": SENTENCE}) == {"unit": SENTENCE}


def test_a_page_without_a_script_has_no_block(page):
    filled = page('{% extends "layout.html" %}')
    assert "<script" not in filled
    assert 'lang="en"' in filled
    assert Assets().url("page.css") in filled


def test_a_name_that_the_page_was_not_given_is_an_error(page):
    with pytest.raises(UndefinedError):
        page("{{ nobody_gave_this }}")
