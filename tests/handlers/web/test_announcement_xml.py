"""CAP against the standard's own schema, and back through the parser that reads other people's CAP."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from zoneinfo import ZoneInfo

import feedparser
import pytest
from lxml import etree

from bot.domain.alert import AlertState, Nature
from bot.domain.announcement import Text
from bot.domain.cap import CapSeverity, CapStatus, MsgType
from bot.domain.incident import Kind, Mode, Severity
from bot.domain.response import ResponseAction
from bot.i18n import Language
from bot.services.public_page import Posted, Standing
from handlers.web.announcement_xml import CAP, CATEGORIES, RESPONSES, STATUSES, Site, cap_of, feed_of
from tests.integrations.alert_formats.samples import DATA, needs_samples, read
from tests.integrations.channels.bulletins import HOSTILE
from tests.support.published import AT, EN, FIRST, SECOND, ZH, correction, published

CHINA = ZoneInfo("Asia/Shanghai")
LANGUAGES = [Language("zh_Hans", CHINA), Language("en", CHINA)]
SITE = Site("https://muster.school.example", "muster.school.example", CHINA)
BOTH = {"zh_Hans": ZH, "en": EN}
TYPES = [MsgType.ALERT, MsgType.UPDATE, MsgType.CANCEL]
BAD = "bell\x07 null\x00 surrogate\ud800 nonchar\ufffe escape\x1b vertical\x0b end"


@pytest.fixture(scope="module")
def schema():
    return etree.XMLSchema(etree.parse(DATA / "cap" / "cap12.xsd"))


def revision(msg_type: MsgType, **changes):
    return published(**changes) if msg_type is MsgType.ALERT else correction(msg_type=msg_type, **changes)


def first(document: bytes, name: str) -> str | None:
    return etree.fromstring(document).findtext(f".//{{{CAP}}}{name}")


@needs_samples
@pytest.mark.parametrize("texts", [BOTH, {"zh_Hans": ZH}, {"en": EN}], ids=["both", "zh", "en"])
@pytest.mark.parametrize(("mode", "msg_type"), [*product(Mode, TYPES)])
def test_it_is_valid_in_every_mode_type_and_language(schema, mode, msg_type, texts):
    document = cap_of(revision(msg_type, mode=mode, texts=texts), LANGUAGES, SITE)
    schema.assertValid(etree.fromstring(document))
    root = etree.fromstring(document)
    assert root.findtext(f"{{{CAP}}}status") == STATUSES[mode].value
    assert root.findtext(f"{{{CAP}}}msgType") == msg_type.value
    languages = [one.text for one in root.iter(f"{{{CAP}}}language")]
    assert languages == [{"zh_Hans": "zh-CN", "en": "en"}[one] for one in texts]
    references = root.findtext(f"{{{CAP}}}references")
    assert (references is None) == (msg_type is MsgType.ALERT)
    is_marked = all(one.text.startswith(("【", "[")) for one in root.iter(f"{{{CAP}}}headline"))
    assert is_marked == (mode is not Mode.REAL)


@needs_samples
@pytest.mark.parametrize("msg_type", TYPES)
@pytest.mark.parametrize("kind", [None, *Kind])
def test_it_is_valid_for_every_kind_action_and_grade(schema, kind, msg_type):
    for action, severity in product([None, *ResponseAction], [None, *Severity]):
        one = revision(msg_type, kind=kind, action=action, severity=severity, is_urgent=True)
        document = cap_of(one, LANGUAGES, SITE)
        schema.assertValid(etree.fromstring(document))
        assert first(document, "category") == CATEGORIES[kind].value
        said = [each.text for each in etree.fromstring(document).iter(f"{{{CAP}}}responseType")]
        assert said == ([] if msg_type is MsgType.CANCEL else [*RESPONSES[action] * 2])


@needs_samples
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "America/St_Johns", "Asia/Kathmandu"])
def test_its_times_are_the_standard_s_in_every_time_zone(schema, zone):
    site = Site("https://a.example", "a.example", ZoneInfo(zone))
    late = published(published_at=AT.replace(microsecond=123456), expires_at=None)
    schema.assertValid(etree.fromstring(cap_of(late, LANGUAGES, site)))


@needs_samples
def test_what_is_for_staff_only_says_so(schema):
    document = cap_of(published(is_public=False), LANGUAGES, SITE)
    schema.assertValid(etree.fromstring(document))
    assert (first(document, "scope"), first(document, "web")) == ("Restricted", None)
    assert first(document, "restriction") == "school staff"


@needs_samples
@pytest.mark.parametrize("said", [*HOSTILE.values(), BAD], ids=[*HOSTILE, "bad characters"])
def test_no_text_breaks_it_or_becomes_markup(schema, said):
    texts = {"zh_Hans": Text(said, said[:80]), "en": Text(said)}
    document = cap_of(published(texts=texts), LANGUAGES, SITE)
    root = etree.fromstring(document)
    schema.assertValid(root)
    assert len(list(root.iter())) == len(list(etree.fromstring(cap_of(published(), LANGUAGES, SITE)).iter()))
    if said is not BAD:
        assert root.findtext(f".//{{{CAP}}}description") == said.replace("\r\n", "\n")


@pytest.mark.parametrize(("mode", "msg_type"), [*product(Mode, TYPES)])
def test_the_parser_of_other_people_s_cap_reads_back_what_was_meant(mode, msg_type):
    one = revision(
        msg_type, mode=mode, kind=Kind.FIRE, severity=Severity.SEVERE, action=ResponseAction.EVACUATE
    )
    [alert] = read("cap", cap_of(one, LANGUAGES, SITE), at=AT + timedelta(seconds=1), timezone=CHINA)
    assert alert.status is STATUSES[mode]
    assert alert.msg_type is msg_type
    assert alert.state is (AlertState.RESOLVED if msg_type is MsgType.CANCEL else AlertState.FIRING)
    assert alert.nature is Nature.ALARM
    assert alert.identifier == f"2026-A012-r{one.revision}"
    assert alert.sender == "announcements@muster.school.example"
    assert alert.sent_at == AT
    assert alert.severity is CapSeverity.SEVERE
    assert [text.language for text in alert.texts] == ["zh-CN", "en"]
    mark = {Mode.REAL: "", Mode.DRILL: "【演练】", Mode.TEST: "【测试】"}[mode]
    assert alert.texts[0].headline == f"{mark}{ZH.title}"
    assert alert.texts[1].issuer == "Qingcheng Middle School, Emergency Command Centre"
    if msg_type is not MsgType.CANCEL:
        assert [text.description for text in alert.texts] == [ZH.body, EN.body]
        assert alert.expires_at == one.expires_at
    assert [(each.identifier, each.sent_at) for each in alert.references] == [
        (f"{each.number}-r{each.revision}", each.published_at)
        for each in ((FIRST, SECOND) if one.revision == 3 else ())
    ]


def test_a_drill_is_an_exercise_that_pages_nobody_who_reads_it():
    [alert] = read("cap", cap_of(published(mode=Mode.DRILL), LANGUAGES, SITE), at=AT)
    assert alert.status is CapStatus.EXERCISE


# ── Atom ───────────────────────────────────────────────────────────────────────────────────────────────────
def feed(*posts: Posted, language: Language = LANGUAGES[0]):
    document = feed_of(posts, language, SITE, title="青城中学 · 通知公告", began=AT)
    found = feedparser.parse(document)
    assert found.bozo == 0, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


def test_the_feed_is_valid_and_says_what_the_page_says():
    found = feed(
        Posted(correction(), Standing.HOLDS),
        Posted(published(number="2026-A011", expires_at=AT), Standing.EXPIRED, AT),
    )
    assert found.feed.title == "青城中学 · 通知公告"
    assert found.feed.id == "https://muster.school.example/announcements.atom"
    newest, older = found.entries
    assert newest.title == "[更正] 明日停课"
    assert newest.id == "https://muster.school.example/announcements/2026-A012"
    assert newest.published == FIRST.published_at.isoformat()
    assert newest.updated == AT.isoformat()
    assert ZH.body in newest.content[0].value
    assert newest.content[0].type == "text/plain"
    assert newest.author == "青城中学 应急指挥中心"
    assert {link.rel: link.type for link in newest.links} == {
        "alternate": "text/html",
        "related": "application/cap+xml",
    }
    assert older.content[0].value.startswith("已于 ")


def test_an_empty_feed_is_valid_too():
    assert feed().entries == []
    assert feed(language=LANGUAGES[1]).feed.updated == AT.isoformat()


@pytest.mark.parametrize("said", [*HOSTILE.values(), BAD], ids=[*HOSTILE, "bad characters"])
def test_hostile_words_stay_words_in_the_feed(said):
    texts = {"zh_Hans": Text(said, said.splitlines()[0][:80])}
    [entry] = feed(Posted(published(texts=texts), Standing.HOLDS)).entries
    assert entry.content[0].type == "text/plain"
    if said is not BAD:
        assert said.replace("\r\n", "\n").strip() in entry.content[0].value
