"""A roll call in full swing, without a tap for each pupil: 36 classes of 42 in every state that there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from bot.domain.headcount import Said, Source
from bot.domain.page import Page
from bot.domain.place import Name
from bot.domain.roll_call import CheckInState
from bot.domain.roster import Person, Pupil, SchoolClass
from bot.domain.roster_diff import Roster
from bot.ports import utc_now
from bot.services.checking_in import check_in
from bot.services.counting import Mark, say
from bot.services.entering import make_link
from bot.services.importing import apply_roster
from bot.services.turn import Turn
from bot.storage.database import Database
from tests.support.cast import CENTRE, CHEN, EMILY, LI
from tests.support.databases import place
from tests.support.school36 import CO_LEADS, LEADS, NAMES, OFFICE, STAFF, SUBSTITUTES, School

A_CLASS = 42
_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = (
    *("伟", "芳", "娜", "秀英", "敏", "静", "丽", "强", "磊", "洋", "艳", "勇", "军", "杰", "涛", "明", "超"),
    *("霞", "平", "刚", "桂英", "子涵", "浩然", "欣怡", "宇轩", "诗涵", "俊杰"),
)
_FAMILY_EN = (
    *("Wang", "Li", "Zhang", "Liu", "Chen", "Yang", "Zhao", "Huang", "Zhou", "Wu"),
    *("Xu", "Sun", "Hu", "Zhu", "Gao", "Lin", "He", "Guo", "Ma", "Luo"),
)
_GIVEN_EN = {"芳": "Fang", "伟": "Wei", "静": "Jing", "磊": "Lei", "敏": "Min", "涛": "Tao", "霞": "Xia"}

Marks = dict[str, list[tuple[Said, Sequence[int], str]]]
# By class: what, about whom (number in class), and the words for it. Whoever is not here: all are.
_SAID: Marks = {
    "7-3": [
        (Said.REST, (), ""),
        (Said.MISSING, (7, 21), "最后在三楼楼梯口，红色外套"),
        (Said.INJURED, (30,), "操场南门，脚踝扭伤"),
    ],
    "7-8": [(Said.REST, (), ""), (Said.MISSING, (12,), "说去医务室了")],
    "8-2": [(Said.REST, (), ""), (Said.MISSING, (5,), ""), (Said.INJURED, (9,), "手臂擦伤，在校医处")],
    "8-7": [(Said.MISSING, (3, 17), "实验楼二层")],
    "8-11": [(Said.MISSING, (40,), ""), (Said.ABSENT, (1,), "")],
    "9-4": [(Said.NUMBER, (40,), "")],
    "9-9": [(Said.REST, (), ""), (Said.MISSING, (18,), "上节课在体育馆")],
}
_SILENT = ("7-11", "8-5", "8-12", "9-2", "9-12")
# This class has two pupils of its neighbour; the co-lead of that one says that somebody is missing.
_GUESTS = ("7-5", "7-6", (11, 12))
_DISPUTED = ("8-1", (14,))
_HELP = "9-7"


def _fill(database: Database) -> None:
    database.write_now(apply_roster, _roster(), by="test", at=utc_now())


class FullSchool(School):
    """`fill` after `evacuate` or `drill`; `link` opens a page."""

    def fill_roster(self) -> None:
        """As `muster roster import` does, with names that read like names."""
        place(self.folder / "var" / "muster.db", _fill)

    async def drill(self) -> None:
        """The same as `evacuate`, and nothing is burning."""
        await self.phone(LI).send("/drill fire A3", chat=CENTRE)
        await self.until(self.topics)
        self.thread = self.phone(CHEN).topics(CENTRE)[-1].id
        await self.command("/command", "陈刚担任总指挥")
        await self.order("/evacuate", "下达疏散指令", "确认疏散")

    async def fill(self, *, seconds: float = 98) -> None:
        """Everybody answers within this time, or does not."""
        answering = [name for name in NAMES if name not in _SILENT]
        for at, name in enumerate(answering):
            if at % 8 == 0:
                self.clock.ahead += timedelta(seconds=seconds / 4)
            await self.turn(LEADS[name], partial(_answer, name=name))
        there, home, numbers = _GUESTS
        await self.turn(
            LEADS[there], lambda turn: say_of(turn, there, Said.WITH_ME, of=home, numbers=numbers)
        )
        name, lost = _DISPUTED
        await self.turn(
            CO_LEADS[name],
            lambda turn: say_of(turn, name, Said.MISSING, of=name, numbers=lost, words="没看到他上操场"),
        )
        await self.turn(
            LEADS[_HELP], lambda turn: say_of(turn, _HELP, Said.HELP, words="三楼西侧楼梯有烟，走不了")
        )
        await self.turn(
            SUBSTITUTES[0], lambda turn: check_in(turn, CheckInState.NEEDS_HELP, "被困在化学准备室")
        )
        for person in (CHEN, LI, EMILY, *SUBSTITUTES[1:4]):
            await self.turn(person, lambda turn: check_in(turn, CheckInState.SAFE, ""))

    async def turn(self, who: Person, unit: Callable[[Turn], Any]) -> None:
        """That person's turn, as if by a page."""
        muster = self.muster
        assert muster is not None

        def whole(tx: Any) -> None:
            turn = Turn(tx, muster.school, self.clock(), asker=tx.people.get(who.staff_id))
            unit(turn)
            turn.finish()

        await muster.database.write(whole)

    @staticmethod
    def seconds(number: float) -> timedelta:
        """For `clock.ahead`."""
        return timedelta(seconds=number)

    def keep_port(self) -> None:
        """The next start listens where this one does."""
        assert self.muster is not None
        settings = self.folder / "school.toml"
        port = urlsplit(self.muster.web_url).port
        text = settings.read_text("utf-8").replace('listen = "127.0.0.1:0"', f'listen = "127.0.0.1:{port}"')
        settings.write_text(text, "utf-8")

    async def link(self, who: Person) -> str:
        """The address that lets this person in to the board, once."""
        assert self.muster is not None
        school, now = self.muster.school, self.clock()
        code = await self.muster.database.write(
            lambda tx: make_link(Turn(tx, school, now), who.staff_id, Page.BOARD)
        )
        return f"{self.muster.web_url}/enter/{code}"


def _roster() -> Roster:
    classes = {
        name: SchoolClass(
            name, f"{name.partition('-')[0]}年级", "A3" if name.startswith("7-") else "gym", "field"
        )
        for name in NAMES
    }
    people = [
        one if one in OFFICE else replace(one, name=_staff_name(at), phone=f"1380000{one.telegram_id}")
        for at, one in enumerate(STAFF)
    ]
    pupils = {}
    for at, name in enumerate(NAMES):
        for n in range(1, A_CLASS + 1):
            number, key = f"26{at:02}{n:02}", at * A_CLASS + n
            called = _FAMILY[key * 7 % len(_FAMILY)] + _GIVEN[key * 11 % len(_GIVEN)]
            pupils[number] = Pupil(number, called, name)
    return Roster({one.staff_id: one for one in people}, classes, pupils)


def _staff_name(at: int) -> Name:
    family, given = at * 7 % len(_FAMILY), list(_GIVEN_EN)[at * 3 % len(_GIVEN_EN)]
    return Name(_FAMILY[family] + given, f"{_FAMILY_EN[family]} {_GIVEN_EN[given]}")


def _answer(turn: Turn, name: str) -> None:
    for said, numbers, words in _SAID.get(name, [(Said.ALL, (), "")]):
        say_of(turn, name, said, of=name, numbers=numbers, words=words)


def say_of(
    turn: Turn, name: str, said: Said, *, of: str = "", numbers: Sequence[int] = (), words: str = ""
) -> None:
    roll_call = turn.tx.roll_calls.list_running()[0]
    counted = turn.tx.headcounts.find_class(roll_call.id, name)
    assert counted is not None
    if said is Said.NUMBER:
        marks = [Mark(said, number=numbers[0])]
    elif not numbers:
        marks = [Mark(said, words=words)]
    else:
        found = [
            one for one in turn.tx.headcounts.pupils(roll_call.id, of) if int(one.student_no[-2:]) in numbers
        ]
        marks = [Mark(said, one.id, words=words) for one in found]
    say(turn, roll_call, counted, marks, Source.PAGE)
