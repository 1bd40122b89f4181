"""The board's routes: who may watch, what comes when, and that no screen holds up another or the end."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from bot.domain.headcount import Said
from bot.domain.incident import Kind, Mode, Severity
from bot.domain.outcome import Done, Outcome
from bot.domain.page import SESSION_LIFE, Page
from bot.domain.response import ResponseAction
from bot.domain.roster import Role
from bot.domain.timeline import Event
from bot.errors import Reason, Refusal, StorageError
from bot.messages.timeline import SENTENCES
from bot.services.counting import Mark, say
from bot.services.entering import make_link
from bot.services.opening import open_incident
from bot.services.responding import give_all_clear, order_action
from bot.services.turn import Turn
from handlers.web import live
from handlers.web.board import BoardRoutes
from handlers.web.board_words import WORDS
from tests.support.cast import BY_ROLE, CHEN, LI, SUN, WANG
from tests.support.door import open_door
from tests.support.pages import code, open_pages
from tests.support.stage import staged

DESK = {Role.PRINCIPAL, Role.DEPUTY, Role.COMMANDER, Role.SAFETY_OFFICE}
EVENTS = "/board/events"
# Whoever waited for the screens would wait a minute.
AT_ONCE_S = 20


class Wall:
    """A school behind its door, the board's routes, and browsers in front."""

    def __init__(self, door) -> None:
        self.door = door
        self.board: Any = door.services.board
        self.reads = 0

    def add(self, site, entrance) -> None:
        routes = BoardRoutes(self, entrance, self.door.languages, lambda: self.door.now)
        routes.install(site, self.door.database.listen)

    async def read(self, staff_id: str) -> Outcome:
        self.reads += 1
        return await self.board.read(staff_id)

    async def turn(self, who, unit) -> None:
        def whole(tx) -> None:
            turn = Turn(tx, self.door.school, self.door.now, asker=tx.people.get(who.staff_id))
            unit(turn)
            turn.finish()

        await self.door.database.write(whole)

    async def evacuate(self, mode: Mode = Mode.REAL) -> None:
        def order(turn: Turn) -> None:
            incident = open_incident(
                turn, mode=mode, severity=Severity.SEVERE, kind=Kind.FIRE, zone="A3", reporter_id=None
            )
            order_action(turn, incident, ResponseAction.EVACUATE, ())

        await self.turn(CHEN, order)

    async def miss(self, *numbers: str, words: str = "", who=WANG) -> None:
        """Of 7-3 these are missing."""

        def unit(turn: Turn) -> None:
            roll_call = turn.tx.roll_calls.list_running()[0]
            counted = turn.tx.headcounts.find_class(roll_call.id, "7-3")
            pupils = [
                one for one in turn.tx.headcounts.pupils(roll_call.id, "7-3") if one.student_no in numbers
            ]
            say(turn, roll_call, counted, [Mark(Said.MISSING, one.id, words=words) for one in pupils])

        await self.turn(who, unit)


@dataclass
class Told:
    """One server-sent event."""

    event: str
    data: dict[str, Any]
    id: str = ""
    retry: str = ""


class Screen:
    """One open stream."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def next(self, timeout: float = 20) -> Told | None:
        """The next event; None at the end of the stream."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(timeout):
            while line := (await self.answer.content.readline()).decode():
                if line == "\r\n" and fields:
                    return Told(
                        fields["event"],
                        json.loads(fields["data"]),
                        fields.get("id", ""),
                        fields.get("retry", ""),
                    )
                name, _, value = line.strip().partition(": ")
                fields[name] = value
        return None

    async def falls_silent(self) -> bool:
        """What was under way may still come; then nothing for longer than a beat."""
        try:
            while await self.next(timeout=0.7):
                pass
        except TimeoutError:
            return True
        return False

    async def state(self, timeout: float = 20) -> Told:
        """The next state, whatever beats before."""
        while told := await self.next(timeout):
            if told.event == "state":
                return told
        raise AssertionError("the stream ended")


@pytest.fixture
async def wall(tmp_path):
    async with open_door(tmp_path) as door:
        yield Wall(door)


@pytest.fixture
async def browser(wall):
    async with open_pages(wall.door, wall.add) as one:
        yield one


async def cookie(browser, wall, person=CHEN) -> dict[str, str]:
    link = f"/enter/{await code(wall.door, person, Page.BOARD)}"
    answer = await browser.get(link, allow_redirects=False)
    browser.session.cookie_jar.clear()
    return {"Cookie": f"muster_board={answer.cookies['muster_board'].value}"}


@asynccontextmanager
async def screen(browser, wall, person=CHEN, headers=None):
    held = await cookie(browser, wall, person) | (headers or {})
    async with browser.get(EVENTS, headers=held) as answer:
        assert answer.status == 200
        yield Screen(answer)


# ── who ────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("role", Role)
async def test_the_board_is_for_those_who_run_the_desk(browser, wall, role):
    if role not in DESK:
        link = f"/enter/{await code(wall.door, BY_ROLE[role], Page.BOARD)}"
        assert (await browser.get(link)).status == 410
        assert (await browser.get("/board")).status == 401
        return
    held = await cookie(browser, wall, BY_ROLE[role])
    for path, kind in (
        ("/board", "text/html"),
        ("/board/state", "application/json"),
        (EVENTS, "text/event-stream"),
    ):
        async with browser.get(path, headers=held) as answer:
            assert (answer.status, answer.content_type) == (200, kind)
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/board/state", EVENTS])
async def test_without_a_session_there_is_nothing_to_see(browser, path):
    answer = await browser.get(path)
    assert (answer.status, await answer.json()) == (401, {"error": "unauthorised"})


async def test_the_shell_has_all_words_and_no_data(browser, wall):
    await wall.evacuate()
    text = await (await browser.get("/board", headers=await cookie(browser, wall, SUN))).text()
    assert 'lang="en"' in text
    assert "学生" not in text
    assert "2026-0001" not in text
    words = json.loads(text.partition('id="words">')[2].partition("</script>")[0])
    assert set(words) == set(WORDS)


# ── what ───────────────────────────────────────────────────────────────────────────────────────────────────
async def test_each_reader_sees_it_in_their_language(browser, wall):
    await wall.evacuate(Mode.DRILL)
    await wall.miss("703002", words="楼梯口 <b>&")
    zh = await (await browser.get("/board/state", headers=await cookie(browser, wall, CHEN))).json()
    en = await (await browser.get("/board/state", headers=await cookie(browser, wall, SUN))).json()
    assert zh["now"] == wall.door.now.isoformat()
    assert (zh["board"]["school"], en["board"]["school"]) == ("青城中学", "Qingcheng Middle School")
    assert zh["board"]["incidents"][0]["mark"] == "【演练】"
    assert en["board"]["incidents"][0]["mark"] == "[DRILL]"
    incident = en["board"]["incidents"][0]
    assert (incident["kind"], incident["zone"], incident["action"]) == (
        "🔥 Fire",
        "Building A, floor 3",
        "🏃 EVACUATE",
    )
    lines = [line["text"] for line in incident["lines"]]
    assert "Chen Gang orders EVACUATE: whole school" in lines
    assert not any("7-3: " in line for line in lines), "the grid shows the counts"
    (missing,) = zh["board"]["roll_calls"][0]["missing"]
    assert (missing["class"], missing["name"], missing["words"]) == ("7-3", "学生2", "楼梯口 <b>&")
    assert (missing["by"], missing["at"]) == ("王芳", "10:00")
    assert en["board"]["roll_calls"][0]["missing"][0]["by"] == "Wang Fang"


async def test_after_the_all_clear_the_order_is_shown_as_lifted(browser, wall):
    await wall.evacuate()
    before = await (await browser.get("/board/state", headers=await cookie(browser, wall))).json()
    assert before["board"]["incidents"][0]["lifted_at"] is None
    await wall.turn(CHEN, lambda turn: give_all_clear(turn, turn.tx.incidents.get(1), ""))
    after = await (await browser.get("/board/state", headers=await cookie(browser, wall))).json()
    assert after["board"]["incidents"][0]["lifted_at"] == "10:00"


async def test_long_lists_are_cut_and_say_by_how_much(browser, wall, monkeypatch):
    monkeypatch.setattr("bot.services.board.PUPILS_SHOWN", 2)
    await wall.evacuate()
    await wall.miss("703001", "703002", "703003")
    said = await (await browser.get("/board/state", headers=await cookie(browser, wall))).json()
    roll_call = said["board"]["roll_calls"][0]
    assert (len(roll_call["missing"]), roll_call["missing_more"], roll_call["tally"]["missing"]) == (2, 1, 3)


def test_whatever_happens_has_a_sentence_for_the_board():
    assert set(SENTENCES) == set(Event)


# ── live ───────────────────────────────────────────────────────────────────────────────────────────────────
async def test_a_screen_is_greeted_and_told_of_each_change_soon(browser, wall):
    await wall.evacuate()
    async with screen(browser, wall) as one:
        hello = await one.next()
        assert (hello.event, hello.retry, hello.data) == ("hello", "1000", {"now": wall.door.now.isoformat()})
        first = await one.state()
        assert first.data["board"]["roll_calls"][0]["tally"]["missing"] == 0
        await wall.miss("703002")
        second = await one.state()
        assert second.data["board"]["roll_calls"][0]["missing"][0]["name"] == "学生2"
        assert first.id != second.id


async def test_many_screens_cost_one_look(browser, wall):
    await wall.evacuate()
    async with AsyncExitStack() as hall:
        screens = []
        for person in (CHEN, LI, SUN):
            screens.append(await hall.enter_async_context(screen(browser, wall, person)))
            await screens[-1].state()
        before = wall.reads
        await wall.miss("703001", "703002")
        told = await asyncio.gather(*[each.state() for each in screens])
        assert wall.reads == before + 1
        assert told[0].id == told[1].id != told[2].id


async def test_while_nobody_watches_nothing_is_read(browser, wall):
    await wall.evacuate()
    await wall.miss("703002")
    await asyncio.sleep(live.DEBOUNCE_S + 0.1)
    assert wall.reads == 0
    async with screen(browser, wall) as one:
        await one.state()
    await wall.miss("703003")
    before = wall.reads
    await asyncio.sleep(live.BEAT_S + 0.2)
    await wall.miss("703004")
    await asyncio.sleep(live.DEBOUNCE_S + 0.1)
    assert wall.reads <= before + 1, "the connection's end is noticed at the next beat"


async def test_a_storm_of_answers_makes_at_most_four_pictures_a_second(browser, wall):
    await wall.evacuate()
    async with screen(browser, wall) as one:
        await one.state()
        before, began = wall.reads, time.perf_counter()
        while (took_s := time.perf_counter() - began) < 1:
            for number in range(1, 6):
                await wall.miss(f"70300{number}", words=str(number))
        assert wall.reads - before <= 4 * took_s + 1


async def test_without_a_change_only_the_heart_beats(browser, wall, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.3)
    async with screen(browser, wall) as one:
        await one.state()
        assert [(await one.next()).event for _ in range(3)] == ["beat"] * 3


async def test_who_comes_back_with_the_newest_gets_a_beat_only(browser, wall):
    async with screen(browser, wall) as one, screen(browser, wall, LI) as two:
        newest = (await one.state()).id
        await two.state()
        async with screen(browser, wall, headers={"Last-Event-ID": newest}) as again:
            assert [(await again.next()).event for _ in range(2)] == ["hello", "beat"]
            await wall.evacuate()
            assert (await again.state()).id != newest


async def test_a_revoked_persons_stream_ends_and_the_others_go_on(browser, wall):
    async with screen(browser, wall, SUN) as revoked, screen(browser, wall) as other:
        await asyncio.gather(revoked.state(), other.state())
        await wall.door.send(LI, f"/revoke {SUN.staff_id}")
        await wall.evacuate()
        while told := await revoked.next():
            assert told.event == "beat", "nothing more is shown"
        assert (await other.state()).data["board"]["incidents"]


async def test_a_stream_ends_with_its_session_though_nothing_changes(browser, wall, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.2)
    async with screen(browser, wall) as one:
        await one.state()
        wall.door.now += SESSION_LIFE[Page.BOARD]
        while await one.next():
            pass


async def test_while_the_database_is_down_nobody_is_told_that_all_is_current(browser, wall, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.2)
    held = await cookie(browser, wall)
    async with screen(browser, wall) as one:
        await one.state()

        async def fail(*_: object) -> None:
            raise StorageError("disk full")

        with monkeypatch.context() as broken:
            broken.setattr(wall.door.database, "read", fail)
            assert (await browser.get("/board/state", headers=held)).status == 503
            assert await one.falls_silent()
        await wall.evacuate()
        assert (await one.state()).data["board"]["incidents"]


async def test_a_look_that_fails_is_tried_again(browser, wall, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.2)
    held = await cookie(browser, wall)
    good = wall.board

    async def fail(_: str) -> Outcome:
        raise StorageError("busy")

    wall.board = SimpleNamespace(read=fail)
    answer = await browser.get("/board/state", headers=held)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    async with screen(browser, wall) as one:
        assert (await one.next()).event == "hello"
        wall.board = good
        assert (await one.state()).data["board"]["incidents"] == []


async def test_who_comes_while_no_look_succeeds_is_not_shown_the_last_one_as_new(browser, wall, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.2)
    good = wall.board

    async def fail(_: str) -> Outcome:
        raise StorageError("busy")

    async with screen(browser, wall) as one:
        old = (await one.state()).id
        wall.board = SimpleNamespace(read=fail)
        assert await one.falls_silent()
        await wall.evacuate()
        for headers in ({}, {"Last-Event-ID": old}):
            async with screen(browser, wall, LI, headers) as again:
                assert (await again.next()).event == "hello"
                with pytest.raises(TimeoutError):
                    await again.next(timeout=0.7)
        async with screen(browser, wall, LI) as again:
            wall.board = good
            assert (await again.state()).data["board"]["incidents"]


async def test_a_right_lost_between_two_questions_shows_nothing(browser, wall):
    held = await cookie(browser, wall)

    async def refuse(_: str) -> Outcome:
        return Outcome(refusal=Refusal(Reason.NOT_ALLOWED))

    wall.board = SimpleNamespace(read=refuse)
    assert (await browser.get("/board/state", headers=held)).status == 503


# ── how many, how slow ─────────────────────────────────────────────────────────────────────────────────────
async def test_one_screen_too_many_is_asked_to_come_later(browser, wall, monkeypatch):
    monkeypatch.setattr(live, "MOST_VIEWERS", 2)
    monkeypatch.setattr(live, "BEAT_S", 0.2)
    async with screen(browser, wall) as one:
        await one.state()
        async with screen(browser, wall, LI) as two:
            await two.state()
            third = await browser.get(EVENTS, headers=await cookie(browser, wall, SUN))
            assert (third.status, third.headers["Retry-After"]) == (503, "5")
            assert await third.json() == {"error": "too many screens"}
        await one.next()
        await one.next()
        async with screen(browser, wall, SUN) as again:
            assert await again.state()


def heavy() -> Any:
    """A board of 2 MB that is another one each time."""
    count = 0

    async def read(_: str) -> Outcome:
        nonlocal count
        count += 1
        school = {"zh": f"{count}", "en": f"{count}"}
        board = {
            "now": "",
            "school": school,
            "incidents": [],
            "more": 0,
            "roll_calls": [],
            "pad": "x" * 2_000_000,
        }
        return Outcome(Done.NOTHING, {"board": board})

    return SimpleNamespace(read=read)


@asynccontextmanager
async def stuck(browser, held):
    """A screen that asks and then takes nothing."""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(line, (browser.host, browser.port))
        head = f"GET {EVENTS} HTTP/1.1\r\nHost: x\r\nCookie: {held['Cookie']}\r\n\r\n"
        await loop.sock_sendall(line, head.encode())
        yield


async def test_a_screen_that_takes_nothing_holds_up_neither_the_others_nor_the_end(wall, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.05)
    wall.board = heavy()
    async with open_pages(wall.door, wall.add) as browser:
        held = await cookie(browser, wall)
        async with stuck(browser, held), stuck(browser, held), browser.get(EVENTS, headers=held) as answer:
            taken = 0
            async with asyncio.timeout(10):
                while taken < 20_000_000:
                    taken += len(await answer.content.readany())
            async with asyncio.timeout(AT_ONCE_S):
                await browser.server.close()


async def test_muster_ends_at_once_with_screens_open(tmp_path):
    # By itself the client keeps no cookie of an address that is only a number.
    jar = aiohttp.CookieJar(unsafe=True)
    async with staged(tmp_path) as stage, aiohttp.ClientSession(cookie_jar=jar) as session:
        muster = stage.muster

        async def link() -> str:
            return await muster.database.write(
                lambda tx: make_link(Turn(tx, muster.school, stage.clock()), CHEN.staff_id, Page.BOARD)
            )

        await session.get(f"{muster.web_url}/enter/{await link()}")
        answers = [await session.get(f"{muster.web_url}{EVENTS}") for _ in range(5)]
        await asyncio.gather(*[Screen(answer).state() for answer in answers])
        async with asyncio.timeout(AT_ONCE_S):
            await stage.stop()
        for answer in answers:
            answer.close()
