"""The list page's requests: only one's own classes, each mark once, every refusal in the reader's words."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.headcount import PupilState, Said
from bot.domain.incident import Kind, Mode, Severity
from bot.domain.page import Page
from bot.domain.response import ResponseAction
from bot.domain.roster import Pupil, SchoolClass
from bot.domain.roster_diff import Roster
from bot.errors import StorageError
from bot.i18n import LOCALES
from bot.services.calling_roll import close_roll_call
from bot.services.importing import apply_roster
from bot.services.opening import open_incident
from bot.services.responding import order_action
from bot.services.turn import Turn
from handlers.web import headcount as module
from handlers.web.headcount import HeadcountRoutes
from handlers.web.headcount_words import WORDS
from handlers.web.rendering import FOLDER
from tests.support import cast
from tests.support.cast import CHEN, EMILY, LI, WANG
from tests.support.door import MONDAY, open_door
from tests.support.pages import code, open_pages

OWN = {"X-Muster": "1"}
# Beside 7-3 so many classes that their lists come one by one.
OTHERS = tuple(f"8-{n}" for n in range(1, 8))


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as one:
        classes = {item.name: item for item in cast.CLASSES}
        classes |= {name: SchoolClass(name, "8", "gym", "field") for name in OTHERS}
        pupils = {item.student_no: item for item in cast.PUPILS}
        pupils |= {f"80{n}01": Pupil(f"80{n}01", f"同学{n}", f"8-{n}") for n in range(1, 8)}
        people = {person.staff_id: person for person in cast.CAST}
        roster = Roster(people, classes, pupils)
        await one.database.write(apply_roster, roster, by="test", at=MONDAY)
        yield one


async def order(door, action):
    """The commander orders it; the first order opens a drill."""

    def write(tx):
        turn = Turn(tx, door.school, door.now, asker=CHEN)
        drill = tx.incidents.get(1) or open_incident(
            turn, mode=Mode.DRILL, severity=Severity.MINOR, kind=Kind.FIRE, zone="A3", reporter_id=None
        )
        order_action(turn, drill, action, ())
        turn.finish()

    await door.database.write(write)


@pytest.fixture
async def begun(door):
    """A drill's evacuation: the roll call runs."""
    await order(door, ResponseAction.EVACUATE)
    return door


async def over(door):
    def close(tx):
        turn = Turn(tx, door.school, door.now, asker=CHEN)
        close_roll_call(turn, tx.incidents.get(1), "sight")

    await door.database.write(close)


class Reader:
    """One person's browser."""

    def __init__(self, browser):
        self.browser = browser

    async def data(self, class_id=None):
        answer = await self.browser.get("/headcount/data", params={"class_id": class_id} if class_id else {})
        assert answer.status == 200
        return await answer.json()

    async def send(self, *marks, class_id=1, headers=OWN, **more):
        body = {"class_id": class_id, "marks": list(marks), **more}
        answer = await self.browser.post("/headcount/marks", json=body, headers=headers)
        return answer.status, await answer.json()

    async def search(self, word, class_id=1):
        answer = await self.browser.get("/headcount/search", params={"class_id": class_id, "q": word})
        return answer.status, await answer.json()


@pytest.fixture
async def enter(door):
    """Opens the page for somebody."""
    readers = []

    async def entering(person=WANG):
        def add(site, entrance):
            site.add_routes(HeadcountRoutes(door.services.list_page, entrance, door.languages).routes())

        pages = open_pages(door, add)
        browser = await pages.__aenter__()
        readers.append(pages)
        await browser.get(f"/enter/{await code(door, person, Page.HEADCOUNT)}", allow_redirects=False)
        return Reader(browser)

    yield entering
    for pages in readers:
        await pages.__aexit__(None, None, None)


def mark(said, key="k1", **more):
    return {"key": key, "said": said, **more}


# ── the shell ──────────────────────────────────────────────────────────────────────────────────────────────
async def test_the_shell_is_the_same_for_everybody_and_has_no_datum(begun, enter):
    lead = await enter()
    mine = await lead.browser.get("/headcount")
    lead.browser.session.cookie_jar.clear()
    anybody = await lead.browser.get("/headcount")
    text = await mine.text()
    assert (mine.status, text) == (200, await anybody.text())
    assert not any(pupil.name in text or pupil.student_no in text for pupil in cast.PUPILS)
    assert "青城中学" not in text
    assert "请通过机器人发来的链接打开本页面" in text
    tables = json.loads(text.partition('id="words">')[2].partition("</script>")[0])
    assert len(tables) == len(LOCALES)
    assert all(set(table) == set(WORDS) for table in tables.values())


async def test_the_worker_keeps_the_shell_s_files_and_never_data(enter):
    browser = (await enter()).browser
    answer = await browser.get("/headcount/sw.js")
    text = await answer.text()
    assert answer.content_type == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/headcount"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    files = json.loads(text.partition("FILES = ")[2].partition(";")[0])
    assert len(files) == len(set(files))
    for file in files:
        assert (await browser.get(file)).status == 200
    assert {file for file in files if file.startswith("/headcount")} == {"/headcount"}
    own = {path.name for path in (FOLDER.parent / "static").glob("headcount*")}
    assert own <= {file.removeprefix("/static/").partition("?")[0] for file in files}


# ── reading ────────────────────────────────────────────────────────────────────────────────────────────────
async def test_a_lead_sees_her_own_class_only(begun, enter):
    data = await (await enter()).data()
    assert (data["mode"], data["action"], data["lang"]) == ("DRILL", "EVACUATE", "zh-Hans")
    assert [one["class"] for one in data["classes"]] == ["7-3"]
    assert [pupil["name"] for pupil in data["classes"][0]["pupils"]] == [p.name for p in cast.PUPILS]
    assert data["injured"] is None
    assert not data["may_enter_paper"]


async def test_before_a_roll_call_there_is_nothing_to_read(enter):
    data = await (await enter()).data()
    assert (data["is_open"], data["classes"]) == (False, [])


async def test_who_counts_the_school_gets_the_lists_one_by_one(begun, enter):
    office = await enter(LI)
    data = await office.data()
    assert len(data["classes"]) == 1 + len(OTHERS)
    assert all(one["pupils"] is None for one in data["classes"])
    wanted = data["classes"][2]["id"]
    one_by_one = await office.data(wanted)
    assert [one["id"] for one in one_by_one["classes"] if one["pupils"] is not None] == [wanted]
    assert data["may_enter_paper"]


async def test_without_a_session_nothing_is_told(begun, enter):
    reader = await enter()
    reader.browser.session.cookie_jar.clear()
    for path in ("/headcount/data", "/headcount/search?class_id=1&q=80"):
        assert (await reader.browser.get(path)).status == 401
    assert await reader.send(mark("all")) == (401, {"error": "unauthorised"})


# ── saying ─────────────────────────────────────────────────────────────────────────────────────────────────
async def test_marks_add_up_and_come_back_with_their_class(begun, enter):
    lead = await enter()
    first, second = [one["id"] for one in (await lead.data())["classes"][0]["pupils"][:2]]
    status, said = await lead.send(
        mark("missing", "a", pupil=first, words="楼梯口"),
        mark("injured", "b", pupil=second),
        mark("rest", "c"),
    )
    tally = said["class"]["tally"]
    assert status == 200
    assert (tally["missing"], tally["injured"], tally["present"], tally["unknown"]) == (1, 1, 3, 0)
    assert [one["words"] for one in said["class"]["pupils"][:2]] == ["楼梯口", ""]


async def test_a_mark_sent_again_counts_once(begun, enter):
    lead, again = await enter(), await enter()
    pupil = (await lead.data())["classes"][0]["pupils"][0]["id"]
    for reader in (lead, again, lead):
        assert (await reader.send(mark("with_me", "same", pupil=pupil)))[0] == 200
    await asyncio.gather(*[lead.send(mark("all", "one")) for _ in range(10)])
    said = await begun.read(lambda tx: [one.said for one in tx.headcounts.said(1)])
    assert said == [Said.WITH_ME, Said.ALL]


async def test_two_who_contradict_each_other_are_both_named(begun, enter):
    lead, deputy = await enter(), replace(EMILY, roles=WANG.roles, classes=WANG.classes)
    await begun.database.write(lambda tx: tx.people.save([deputy]))
    other = await enter(deputy)
    pupil = (await lead.data())["classes"][0]["pupils"][0]["id"]
    await lead.send(mark("missing", "a", pupil=pupil))
    _, said = await other.send(mark("all", "b"))
    disputed = said["class"]["pupils"][0]
    assert disputed["is_disputed"]
    assert disputed["by"] == WANG.name.to_params()
    assert disputed["against"] == [EMILY.name.to_params()]
    assert [(one["by"]["en"], one["said"]) for one in said["class"]["claims"]] == [("Emily Carter", "all")]


async def test_another_s_class_is_refused_with_a_sentence_and_on_record(begun, enter):
    lead = await enter()
    status, said = await lead.send(mark("all"), class_id=2)
    assert (status, said["error"]) == (403, "not_your_class")
    assert said["text"].startswith("【演练】")
    assert "8-1" in said["text"]
    assert ("T1", "headcount", "refused") in await begun.audited()
    assert (await lead.search("80", class_id=2))[0] == 403


async def test_english_readers_are_refused_in_english(begun, enter):
    status, said = await (await enter(EMILY)).send(mark("all"))
    assert status == 403
    assert said["text"].isascii()
    assert said["text"].startswith("[DRILL] ")


async def test_only_the_safety_office_enters_paper(begun, enter):
    status, said = await (await enter()).send(mark("all"), paper=True)
    assert (status, said["error"]) == (403, "paper_only_office")
    status, said = await (await enter(LI)).send(mark("all"), paper=True)
    assert (status, said["class"]["is_paper"]) == (200, True)


async def test_after_the_roll_call_nothing_can_be_said(begun, enter):
    lead = await enter()
    await over(begun)
    status, said = await lead.send(mark("all"))
    assert (status, said["error"]) == (410, "roll_call_over")
    assert said["text"].startswith("【演练】点名已结束")
    assert not (await lead.data())["is_open"]


async def test_words_that_come_late_make_no_found_pupil_missing_again(begun, enter):
    lead = await enter()
    pupil, hurt = [one["id"] for one in (await lead.data())["classes"][0]["pupils"][:2]]
    await lead.send(mark("missing", "a", pupil=pupil), mark("injured", "b", pupil=hurt))
    await lead.send(mark("with_me", "c", pupil=pupil))
    status, said = await lead.send(
        mark("missing", "d", pupil=pupil, words="楼梯口", adds_words=True),
        mark("injured", "e", pupil=hurt, words="操场", adds_words=True),
    )
    assert status == 200
    found = [(one["state"], one["words"]) for one in said["class"]["pupils"][:2]]
    assert found == [("present", ""), ("injured", "操场")]
    status, said = await lead.send(mark("missing", "f", pupil=pupil, words="楼梯口"))
    assert (status, said["class"]["pupils"][0]["state"]) == (200, "missing")
    assert (await lead.send(mark("all", "g", adds_words=True)))[0] == 200
    assert (await lead.send(mark("missing", "h", pupil=99, adds_words=True)))[0] == 404


async def test_what_was_seen_in_the_room_is_not_said_of_the_assembly_point(door, enter):
    await order(door, ResponseAction.LOCKDOWN)
    lead = await enter()
    data = await lead.data()
    pupil = data["classes"][0]["pupils"][0]["id"]
    door.now += timedelta(minutes=2)
    await order(door, ResponseAction.EVACUATE)
    then = {"counted_from": data["opened_at"]}
    seen = (mark("all"), mark("rest"), mark("number", number=4), mark("with_me", pupil=pupil))
    for one in seen:
        status, said = await lead.send(one, **then)
        assert (status, said["error"]) == (409, "counted_anew")
        assert said["text"].startswith("【演练】")
    trouble = (mark("missing", "a", pupil=pupil), mark("injured", "b", pupil=pupil), mark("help", "c"))
    assert (await lead.send(*trouble, **then))[0] == 200
    assert (await lead.send(mark("all"), counted_from=(await lead.data())["opened_at"]))[0] == 200
    assert (await lead.send(mark("all", "old page")))[0] == 200
    assert (await lead.send(mark("all"), counted_from="soon"))[0] == 400


async def test_a_refused_mark_takes_its_neighbours_along_and_all_may_come_again(begun, enter):
    lead = await enter()
    pupil = (await lead.data())["classes"][0]["pupils"][0]["id"]
    good, bad = mark("with_me", "good", pupil=pupil), mark("with_me", "bad", pupil=99)
    assert (await lead.send(good, bad))[0] >= 400
    assert (await lead.send(good))[0] == 200
    said = await begun.read(lambda tx: [one.said for one in tx.headcounts.said(1)])
    assert said == [Said.WITH_ME]


@pytest.mark.parametrize(
    "marks",
    [
        [{}],
        [5],
        "x",
        [mark("nothing")],
        [mark("all", key="")],
        [mark("all", key="x" * 65)],
        [mark("all", key=5)],
        [mark("with_me", pupil="1")],
        [mark("with_me", pupil=True)],
        [mark("with_me", pupil=2**60)],
        [mark("number", number=-1)],
        [mark("all", words=5)],
        [mark("all", adds_words=1)],
        [mark("all", words="\ud800")],
    ],
)
async def test_what_is_no_mark_changes_nothing(begun, enter, marks):
    lead = await enter()
    body = json.dumps({"class_id": 1, "marks": marks})
    answer = await lead.browser.post("/headcount/marks", data=body, headers=OWN)
    assert (answer.status, (await answer.json())["error"]) == (400, "unreadable")
    assert await begun.read(lambda tx: tx.headcounts.said(1)) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"5", b"\xff", b"[" * 20_000, b'{"class_id": 0, "marks": []}', b'{"class_id": 1}'],
)
async def test_what_is_no_json_of_that_shape_is_refused_in_words(begun, enter, body):
    answer = await (await enter()).browser.post("/headcount/marks", data=body, headers=OWN)
    assert answer.status == 400
    assert (await answer.json())["text"]


async def test_too_many_marks_and_too_large_bodies_are_refused(begun, enter):
    lead = await enter()
    status, said = await lead.send(*[mark("all", str(n)) for n in range(201)])
    assert (status, said["error"]) == (400, "not_a_count")
    answer = await lead.browser.post("/headcount/marks", data=b" " * (module.BODY_CAP + 1), headers=OWN)
    assert (answer.status, (await answer.json())["error"]) == (413, "too big")


async def test_a_body_that_never_ends_is_not_waited_for(begun, enter, monkeypatch):
    monkeypatch.setattr(module, "READ_WITHIN_S", 0.05)

    async def slow():
        yield b"{"
        await asyncio.sleep(1)

    answer = await (await enter()).browser.post("/headcount/marks", data=slow(), headers=OWN)
    assert answer.status == 408


@pytest.mark.parametrize(
    "headers", [{}, OWN | {"Origin": "https://evil.example"}, OWN | {"Sec-Fetch-Site": "cross-site"}]
)
async def test_at_another_site_s_bidding_nothing_is_said(begun, enter, headers):
    status, said = await (await enter()).send(mark("all"), headers=headers)
    assert (status, said) == (403, {"error": "not from this page"})
    assert await begun.read(lambda tx: tx.headcounts.said(1)) == []


async def test_while_the_database_does_not_answer_the_mark_may_come_again(begun, enter, monkeypatch):
    async def fail(*_, **__):
        raise StorageError("disk full")

    lead = await enter()
    with monkeypatch.context() as broken:
        broken.setattr(begun.database, "write", fail)
        status, said = await lead.send(mark("all"))
    assert (status, said["error"]) == (503, "not possible now, ask again")
    assert (await lead.send(mark("all")))[0] == 200


async def test_marks_of_who_had_the_phone_before_are_not_taken_in_another_name(begun, enter):
    lead = await enter()
    status, said = await lead.send(mark("all"), staff_id=LI.staff_id)
    assert (status, said) == (409, {"error": "another reader"})
    assert (await lead.data())["classes"][0]["said_by"] is None
    assert (await lead.send(mark("all"), staff_id=WANG.staff_id))[0] == 200


# ── pupils of other classes ────────────────────────────────────────────────────────────────────────────────
async def test_a_pupil_of_another_class_is_found_and_kept(begun, enter):
    lead = await enter()
    assert await lead.search("8") == (200, {"hits": []})
    status, said = await lead.search("同学2")
    assert (status, [one["class"] for one in said["hits"]]) == (200, ["8-2"])
    assert "state" not in said["hits"][0], "who of another class is injured is nobody's to know"
    await lead.send(mark("with_me", pupil=said["hits"][0]["id"]))
    guests = (await lead.data())["classes"][0]["guests"]
    assert [(one["class"], one["name"], one["state"]) for one in guests] == [
        ("8-2", "同学2", PupilState.PRESENT)
    ]


@pytest.mark.parametrize(
    "query", ["", "q=80", "class_id=x&q=80", "class_id=99999999999999999999&q=80", "class_id=1&q=%00%00"]
)
async def test_a_search_without_a_class_is_refused(begun, enter, query):
    answer = await (await enter()).browser.get(f"/headcount/search?{query}")
    assert (answer.status, (await answer.json())["error"]) == (400, "unreadable")


async def test_who_reads_the_whole_school_by_searching_is_held_up(begun, enter):
    lead = await enter()
    answers = [(await lead.search("80"))[0] for _ in range(61)]
    assert answers == [200] * 60 + [429]


async def test_wildcards_find_nobody(begun, enter):
    assert await (await enter()).search("%%") == (200, {"hits": []})
