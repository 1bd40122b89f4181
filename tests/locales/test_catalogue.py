"""The catalogues say everything in both languages, and the check finds what does not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog
from jinja2 import TemplateSyntaxError

from bot.domain.incident import Kind, Severity, Status
from bot.domain.message import MessageKind
from bot.domain.outcome import Done
from bot.domain.response import ResponseAction
from bot.domain.roster import Role
from bot.domain.timeline import Event
from bot.errors import Reason
from bot.i18n import LOCALES, Language
from bot.messages import RENDERERS
from bot.messages.answers import DONE, REFUSALS
from bot.messages.labels import ACTIONS, KINDS, ROLES, SEVERITIES, STATUSES
from bot.messages.response import DIRECTIVES
from bot.messages.timeline import SENTENCES
from locales import catalogue
from tests.support.reading import COUNT

NUMBERED = "{number} is over; nothing can change any more."
TAGGED = "Commander: <b>{who}</b>"
COMMANDING = "{number}: first the all-clear (/allclear), then close."
# Answered by a renderer of its own, because it is in both languages at once.
BILINGUAL = {MessageKind.STRANGER}


def test_the_catalogues_are_in_order():
    assert sorted(catalogue.problems()) == []


@pytest.fixture
def spoil(tmp_path, monkeypatch):
    """Change one catalogue in a copy; the problems that the check then finds."""
    for locale in LOCALES:
        shutil.copytree(catalogue.FOLDER / locale, tmp_path / locale)
    shutil.copy(catalogue.FOLDER / "messages.pot", tmp_path)
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)

    def change(mistake: Callable[[Catalog], object]) -> list[str]:
        spoilt = catalogue.load("zh_Hans")
        mistake(spoilt)
        catalogue.path_of("zh_Hans").write_bytes(catalogue._bytes(spoilt))
        return sorted(catalogue.problems())

    return change


def replaced(catalog: Catalog, sentence: str, before: str, after: str) -> None:
    assert before in catalog[sentence].string
    catalog[sentence].string = catalog[sentence].string.replace(before, after)


def test_a_copy_without_a_mistake_is_in_order_too(spoil):
    assert spoil(lambda catalog: None) == []


def test_a_missing_entry_is_found(spoil):
    assert spoil(lambda catalog: catalog.delete(NUMBERED)) == [f"zh_Hans: missing: {NUMBERED}"]


def test_a_fuzzy_entry_is_found(spoil):
    assert spoil(lambda catalog: catalog[NUMBERED].flags.add("fuzzy")) == [f"zh_Hans: fuzzy: {NUMBERED}"]


def test_an_entry_that_nobody_says_any_more_is_found(spoil):
    assert spoil(lambda catalog: catalog.add("Ring the bell.", "敲钟。")) == [
        "zh_Hans: unused: Ring the bell."
    ]


def test_an_empty_translation_is_found(spoil):
    found = spoil(lambda catalog: setattr(catalog[NUMBERED], "string", ""))
    assert found == [f"zh_Hans: not translated: {NUMBERED}"]


@pytest.mark.parametrize(
    ("sentence", "before", "after"),
    [
        (NUMBERED, "{number}", "{numer}"),
        (NUMBERED, "{number}", ""),
        (TAGGED, "</b>", ""),
        (COMMANDING, "/allclear", "/all"),
    ],
)
def test_a_placeholder_tag_or_command_that_differs_is_found(spoil, sentence, before, after):
    found = spoil(lambda catalog: replaced(catalog, sentence, before, after))
    assert found == [f"zh_Hans: placeholders, tags or commands differ: {sentence}"]


def test_a_template_that_is_behind_the_code_is_found(spoil):
    template = catalogue.FOLDER / "messages.pot"
    template.write_text(template.read_text("utf-8") + "\n", "utf-8")
    assert spoil(lambda catalog: None) == ["messages.pot: out of date"]


TEMPLATE = """
<h1>{{ say("All here") }}</h1> {# say("a comment") #}
<p title="{{ say('{who} is here', who=name(person)) }}">{{ count("One pupil", "{n} pupils", number) }}</p>
{% if say(word) %}{{ sentence }}{% endif %}
"""


@pytest.fixture
def template(tmp_path, monkeypatch):
    """The sentences of one template, in a house where nothing else speaks."""
    monkeypatch.setattr(catalogue, "ROOT", tmp_path)
    folder = tmp_path / "handlers" / "web" / "templates" / "parts"
    folder.mkdir(parents=True)

    def extract(text: str) -> set[object]:
        (folder / "page.html").write_text(text, "utf-8")
        return {entry.id for entry in catalogue.extract() if entry.id}

    return extract


def test_the_sentences_of_templates_are_found(template):
    assert template(TEMPLATE) == {"All here", "{who} is here", ("One pupil", "{n} pupils")}


def test_a_template_that_cannot_be_read_is_an_error(template):
    with pytest.raises(TemplateSyntaxError):
        template('{{ say("All here" }}')


# ── nothing that can happen is without words ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("table", "members"),
    [
        (SENTENCES, Event),
        (KINDS, Kind),
        (STATUSES, Status),
        (SEVERITIES, Severity),
        (ACTIONS, ResponseAction),
        (DIRECTIVES, ResponseAction),
        (ROLES, Role),
        (DONE, Done),
        (REFUSALS, Reason),
    ],
)
def test_every_member_has_its_words(table, members):
    assert set(table) == set(members)


def test_every_message_has_its_renderer():
    assert set(RENDERERS) | BILINGUAL == set(MessageKind)


@pytest.fixture(params=LOCALES)
def language(request):
    return Language(request.param, ZoneInfo("Asia/Shanghai"))


NAME = {"zh": "陈刚", "en": "Chen Gang"}
PARAMS = {
    "number": "2026-0007",
    "numbers": ["2026-0007", "2026-0008"],
    "classes": ["7-3", "7-4"],
    "name": "7-3",
    "named": 2,
    "who": NAME,
    "actor": NAME,
    "to": NAME,
    "names": [NAME],
    "source": "fire-panel",
    "title": "手动报警按钮",
    "word": "<A9>",
    "words": "烟 <b>",
    "command": "note",
    "severity": 2,
    "before": 2,
    "after": 1,
    "n": 2,
    "kind": "fire",
    "zone": NAME,
    "zones": [],
    "action": "EVACUATE",
    "class": "7-3",
    "state": "safe",
    **dict.fromkeys(("present", "expected", "missing", "injured", "left", "unknown", "extra"), 2),
    "unnamed_missing": 1,
    "is_private": True,
    "at": "2026-11-29T02:42:00+00:00",
    "answer": "read",
    "limit": 10_000,
    "length": 10_001,
    "msg_type": "Alert",
    "headlines": {"zh_Hans": "烟 <b>"},
    "barrier": "no_right",
    "camera": NAME,
    "flaws": [{"key": "tasks.a.after", "flaw": "task_cycle", "values": {"other": "<b>"}}],
}


@pytest.mark.parametrize("done", [done for done in Done if done is not Done.NOTHING])
def test_what_was_done_is_said_in_both_languages(done, language):
    assert DONE[done](PARAMS, language)


@pytest.mark.parametrize("reason", Reason)
def test_why_not_is_said_in_both_languages(reason, language):
    said = REFUSALS[reason](PARAMS, language)
    assert said
    assert "<A9>" not in said


@pytest.mark.parametrize("event", Event)
def test_what_happened_is_said_in_both_languages(event, language):
    said = SENTENCES[event](PARAMS | {"number": 2, "waited_s": None} | COUNT.get(event, {}), language)
    assert said
    assert "烟 <b>" not in said
