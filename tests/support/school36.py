"""A whole school on the stage: 36 classes, 1,500 pupils, everybody who counts them, and a phone in each hand."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from bot.domain.headcount import CountedClass, CountedPupil, Said, Source, Tally
from bot.domain.place import Name
from bot.domain.roll_call import RollCall, total
from bot.domain.roster import Person, Pupil, Role, SchoolClass
from bot.domain.roster_diff import Roster
from bot.ports import utc_now
from bot.services.counting import Mark
from bot.services.importing import apply_roster
from bot.storage.database import Database
from integrations.telegram.simulator import Limits
from tests.support.cast import CENTRE, CHEN, EMILY, LI, SUN, WU, ZHAO, ZHENG
from tests.support.databases import place
from tests.support.stage import Stage

GRADES = ("7", "8", "9")
CLASSES_A_GRADE = 12
NAMES = tuple(f"{grade}-{n}" for grade in GRADES for n in range(1, CLASSES_A_GRADE + 1))
# From 36 to 48 pupils; in all 1,500.
SIZES = {name: 36 + at * 7 % 12 + (at < 6) for at, name in enumerate(NAMES)}
PUPILS = sum(SIZES.values())
# Stands in every pupil's name and in nothing else that is said.
NAMESAKE = "穆小"


def says_number(text: str, number: str) -> bool:
    """Whether a pupil's number stands there by itself: not the minute of a clock, a day or a part of a sum."""
    return re.search(rf"(?<!\d)(?<!\d[:-]){number}(?!\d|[:-]\d)", text) is not None


def _person(staff_id: str, number: int, zh: str, en: str, *roles: Role, **more: Any) -> Person:
    return Person(
        staff_id,
        Name(zh, en),
        roles=frozenset({Role.STAFF, *roles}),
        telegram_id=number,
        phone=f"8{number}",
        **more,
    )


def _lead(name: str, series: int, who: str) -> Person:
    at = NAMES.index(name)
    locale = "en" if at % 6 == 4 else "zh_Hans"
    return _person(
        f"{who}{name}",
        series + at,
        f"{'班主任' if who == 'L' else '副班主任'}{name}",
        f"{'Lead' if who == 'L' else 'Colead'} {name}",
        Role.CLASS_LEAD,
        classes=(name,),
        roster_locale=locale,
    )


LEADS = {name: _lead(name, 2101, "L") for name in NAMES}
CO_LEADS = {name: _lead(name, 2201, "K") for name in ("7-1", "7-2", "8-1", "8-2", "9-1", "9-2")}
GRADE_LEADS = {
    grade: _person(
        f"G{grade}", 2300 + int(grade), f"年级组长{grade}", f"Head {grade}", Role.GRADE_LEAD, classes=(grade,)
    )
    for grade in GRADES
}
SUBSTITUTES = tuple(
    _person(f"S{n}", 2401 + n, f"代课{n}", f"Substitute {n}", roster_locale="en" if n % 2 else "zh_Hans")
    for n in range(6)
)
# The command centre, the clinic and one who teaches no class of their own, each with a telephone.
OFFICE = tuple(
    replace(person, phone=f"8{person.telegram_id}") for person in (CHEN, LI, ZHAO, SUN, WU, ZHENG, EMILY)
)
STAFF = (*OFFICE, *LEADS.values(), *CO_LEADS.values(), *GRADE_LEADS.values(), *SUBSTITUTES)
ENGLISH = frozenset(person.staff_id for person in STAFF if person.roster_locale == "en")


def _roster() -> Roster:
    classes = {
        name: SchoolClass(name, name.partition("-")[0], "A3" if name.startswith("7-") else "gym", "field")
        for name in NAMES
    }
    pupils = {}
    for at, name in enumerate(NAMES):
        for n in range(1, SIZES[name] + 1):
            number = f"26{at:02}{n:02}"
            pupils[number] = Pupil(number, f"{NAMESAKE}{number}", name)
    return Roster({person.staff_id: person for person in STAFF}, classes, pupils)


def _fill(database: Database) -> None:
    database.write_now(apply_roster, _roster(), by="test", at=utc_now())


class School(Stage):
    """`begin` orders; `all_here` and `says_of` answer; `tally`, `cards` and `class_of` look."""

    thread: int

    @classmethod
    async def set(cls, folder: Path, limits: Limits | None = None) -> Self:
        """The whole school is there, Muster is not running yet."""
        school = await super().set(folder, limits)
        for person in STAFF:
            if person not in OFFICE:
                language = "en" if person.staff_id in ENGLISH else "zh-hans"
                school.simulator.add_user(
                    person.telegram_id, person.name.en, language_code=language, started=True
                )
        return school

    def fill_roster(self) -> None:
        """A copy of the filled database."""
        place(self.folder / "var" / "muster.db", _fill)

    async def disconnect(self, *people: Person) -> None:
        """As if they had never opened the chat with Muster."""
        assert self.muster is not None
        unknown = [replace(person, telegram_id=None) for person in people]
        await self.muster.database.write(lambda tx: tx.people.save(unknown))

    # Orders

    async def report(self, words: str = "/report fire A3") -> int:
        """Emily reports and Chen takes command; the topic's thread."""
        before = len(self.topics())
        await self.phone(EMILY).send(words)
        await self.until(lambda: len(self.topics()) > before)
        self.thread = self.phone(CHEN).topics(CENTRE)[-1].id
        await self.command("/command", "陈刚担任总指挥")
        return self.thread

    async def command(self, words: str, answer: str, *, by: Person = CHEN) -> dict[str, Any]:
        """In the topic; what is said there next."""
        said = await self.phone(by).send(words, chat=CENTRE, thread=self.thread)
        return await self.says(by, answer, chat=CENTRE, thread=self.thread, after=said["message_id"])

    async def order(self, words: str, asked: str, button: str) -> dict[str, Any]:
        """Asked and confirmed; everybody has heard and the questions are out. What was asked."""
        said = await self.phone(CHEN).send(words, chat=CENTRE, thread=self.thread)
        ask = await self.says(CHEN, asked, chat=CENTRE, thread=self.thread, after=said["message_id"])
        await self.press(CHEN, ask, button)
        await self.settle()
        return ask

    async def evacuate(self, words: str = "/evacuate") -> None:
        """Report, command, order."""
        await self.report()
        await self.order(words, "下达疏散指令", "确认疏散")

    async def all_clear(self, button: str = "确认解除警报") -> dict[str, Any]:
        """Given and confirmed; what was asked."""
        return await self.order("/allclear", "发布解除令", button)

    # Answers

    async def press(self, who: Person, message: dict[str, Any], label: str) -> str:
        """The notice shown for it."""
        pressed = await self.phone(who).press(message["message_id"], label, chat=message["chat"]["id"])
        return str((await self.phone(who).wait_answer(pressed))["text"])

    def question(self, who: Person, name: str) -> dict[str, Any]:
        """The newest question about this class on that phone."""
        heads = (f"清点人数 {name}\n", f"Headcount {name}\n")
        shown = [m for m in self.phone(who).messages() if any(head in m.get("text", "") for head in heads)]
        assert shown, f"{who.staff_id} has no question about {name}"
        return dict(shown[-1])

    async def all_here(self, name: str, who: Person | None = None) -> str:
        """One tap."""
        who = who or LEADS[name]
        question = self.question(who, name)
        (button,) = question["reply_markup"]["inline_keyboard"][0]
        assert button["text"].endswith(("here", "到齐", "）")), "all, or the others if somebody is named"
        return await self.press(who, question, button["text"])

    async def forge(self, who: Person | int, data: str) -> str:
        """The notice for a press that no button of that phone makes (any more)."""
        phone = self.phone(who)
        shown = [one for one in phone.messages() if one["from"]["is_bot"]] or [await phone.send("…")]
        pressed = self.simulator.world.ask_bot(phone.user, shown[-1], data)
        return str((await phone.wait_answer(pressed))["text"])

    async def everybody_here(self, *, without: tuple[str, ...] = ()) -> None:
        """Each lead's tap, except of these classes."""
        for name in NAMES:
            if name not in without:
                await self.all_here(name)
        await self.settle()

    async def miss(self, name: str, *numbers: str, who: Person | None = None) -> dict[str, Any]:
        """Some missing: the grid, and these numbers in it; the grid afterwards."""
        who = who or LEADS[name]
        is_english = who.staff_id in ENGLISH
        await self.press(who, self.question(who, name), "Some missing" if is_english else "有人未到")
        head = "press the number of each pupil" if is_english else "请点未到学生的学号"
        grid = await self.says(who, head)
        for number in numbers:
            await self.press(who, grid, number)
        await self.settle()
        return dict(self.phone(who).messages()[-1]) if not numbers else await self.says(who, head)

    async def says_of(
        self, who: Person, name: str, said: Said, *numbers: str, of: str = "", words: str = ""
    ) -> None:
        """As the list page does: marks about these pupils (`of`: their class, if it is another)."""
        ids = [pupil.id for pupil in await self.pupils(of or name) if pupil.student_no[-2:] in numbers]
        assert len(ids) == len(numbers)
        marks = [Mark(said, pupil, words=words) for pupil in ids]
        assert self.muster is not None
        class_id = (await self.class_of(name)).id
        pages = self.muster.services.list_page
        outcome = await pages.mark(who.staff_id, class_id, marks, Source.PAGE)
        assert outcome.refusal is None, outcome
        await self.settle()

    # Looking

    async def settle(self) -> None:
        """The answers so far are on the card, and nothing waits."""
        await self.quiet()
        await self.after(seconds=1)
        await self.quiet()

    async def until(self, is_so: Any) -> None:
        """Soon it is so."""
        await self.says(CHEN, lambda _: is_so(), chat=CENTRE)

    async def roll_calls(self) -> list[RollCall]:
        """All there ever were."""
        return [one for n in range(1, 9) if (one := await self.read(lambda tx, n=n: tx.roll_calls.get(n)))]

    async def classes(self, roll_call: int = 1) -> dict[str, CountedClass]:
        """Each class as counted."""
        found = await self.read(lambda tx: tx.headcounts.classes(roll_call))
        return {one.name: one for one in found}

    async def class_of(self, name: str, roll_call: int = 1) -> CountedClass:
        """One class as counted."""
        return (await self.classes(roll_call))[name]

    async def pupils(self, name: str, roll_call: int = 1) -> list[CountedPupil]:
        """Its pupils as counted."""
        found: list[CountedPupil] = await self.read(lambda tx: tx.headcounts.pupils(roll_call, name))
        return found

    async def tally(self, roll_call: int = 1) -> Tally:
        """The whole school, added up; nobody is counted twice and nobody vanishes."""
        sum_ = total((await self.classes(roll_call)).values())
        parts = sum_.present + sum_.missing + sum_.injured + sum_.left + sum_.absent + sum_.unknown
        assert sum_.enrolled == parts
        return sum_

    def cards(self, thread: int | None = None) -> list[str]:
        """The tally cards in the topic."""
        return [m["text"] for m in self.heard(CHEN, "📋 点名 ·", CENTRE, thread or self.thread)]

    def card(self, thread: int | None = None) -> dict[str, Any]:
        """The one tally card in the topic."""
        (found,) = self.heard(CHEN, "📋 点名 ·", CENTRE, thread or self.thread)
        return dict(found)

    def texts(self, who: Person) -> list[str]:
        """What that phone shows from Muster in private, oldest first."""
        return [m.get("text", "") for m in self.phone(who).messages() if m["from"]["is_bot"]]

    def card_calls(self) -> list[str]:
        """By which methods tally cards came to the command centre, first to last."""
        sent = [call for call in self.simulator.calls if call.chat_id == CENTRE]
        return [call.method for call in sent if "📋 <b>点名</b>" in str(call.params.get("text"))]

    def everything_sent(self) -> list[tuple[int, str]]:
        """(chat, all its words) of whatever was ever sent or edited, notices and topics' names included."""
        return [(call.chat_id or 0, repr(call.params)) for call in self.simulator.calls]

    def naming_pupils(self) -> list[tuple[int, str]]:
        """What of it has a pupil's name."""
        return [(chat, words) for chat, words in self.everything_sent() if NAMESAKE in words]

    async def events(self, incident: int = 1) -> list[str]:
        """The record."""
        return [entry.event.value for entry in await self.read(lambda tx: tx.timeline.all(incident))]


@asynccontextmanager
async def school36(folder: Path) -> AsyncIterator[School]:
    """The school with Muster running; everything is taken down at the end."""
    school = await School.set(folder)
    try:
        await school.start()
        yield school
    finally:
        await school.stop()
        await school.simulator.stop()
