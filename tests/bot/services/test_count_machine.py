"""Any order of reports, corrections, covers, orders and crashes: the tally is what a plain count would be."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain.headcount import ABOUT_PUPIL, VISITORS, ClassState, Said, Source
from bot.domain.incident import Kind
from bot.domain.outcome import Done
from bot.domain.response import ResponseAction
from bot.domain.roll_call import COUNTED, GATHERING, CloseReason
from bot.domain.roster import Role
from bot.domain.sender import IncidentRef, Sender
from bot.domain.timeline import Event
from bot.errors import Reason
from bot.services import Services
from bot.services.counting import Mark, say_of_class
from bot.services.list_page import mark_class
from bot.services.reporting import Told
from bot.services.turn import Turns
from bot.storage.database import Database
from tests.support.cast import CHEN, EMILY
from tests.support.counted_school import (
    ALL_NUMBERS,
    AWAY_BY_NAME,
    AWAY_BY_NUMBER,
    DAY,
    LEADS,
    NUMBERS,
    OFFICE,
    SCHOOL,
    STAFF,
    counted_school,
    fill,
)
from tests.support.databases import place
from tests.support.door import MONDAY
from tests.support.plain_count import PlainClass, PlainCount, PlainPupil

RIGHTFUL = [(who, name) for who, own in LEADS.items() for name in own]
RIGHTFUL += [("G7", "7-1"), ("G7", "7-2")]
OFFICIAL = [(OFFICE, name) for name in (*SCHOOL, VISITORS)]
names = st.sampled_from((*SCHOOL, VISITORS))
# Mostly who may, for the class they may; now and then anybody for any class.
speakers = st.one_of(
    st.sampled_from(RIGHTFUL),
    st.sampled_from(RIGHTFUL + OFFICIAL),
    st.tuples(st.sampled_from(sorted(STAFF)), names),
)
about_class = st.sampled_from([Said.ALL, Said.ALL, Said.REST, Said.HELP, Said.HELP_OVER])
about_pupil = st.sampled_from(
    [Said.WITH_ME, Said.MISSING, Said.WITH_ME, Said.MISSING, Said.INJURED, Said.LEFT, Said.ABSENT]
)
# Each class's own leads first, then the office, then somebody of another class.
VOICES = {
    "7-1": ["W1", "W2", "G7", OFFICE, "Y"],
    "7-2": ["W2", "Z", "G7", OFFICE, "X1"],
    "8-1": ["X1", "X2", OFFICE, "W1"],
    "8-2": ["Y", OFFICE, "X1"],
    "club": ["Z", "X2", OFFICE],
    VISITORS: [OFFICE],
}
HOME_OF = {"Y": "8-2", "X1": "8-1", "W1": "7-1"}
# The first pupil of one's own class most often: people must speak about the same one to contradict each other.
nths = st.one_of(st.just(0), st.integers(0, 7))
heads = st.one_of(st.integers(0, 10), st.sampled_from([-1, 10_000]))
marks = st.lists(
    st.tuples(
        st.one_of(about_pupil, about_class, st.just(Said.NUMBER)),
        st.one_of(nths, nths, st.sampled_from(ALL_NUMBERS)),
        st.integers(0, 9),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=4,
)
zones = st.sampled_from([(), (), ("A3",), ("gym",), ("A3", "gym"), ("dorm",)])
actions = st.sampled_from([*ResponseAction, *sorted(COUNTED)])
REPORTS = (
    Told(Kind.FIRE, "A3", "smoke"),
    Told(Kind.UTILITY, "gym", "gas"),
    Told(Kind.TRAFFIC, "dorm", "bus"),
)


class BrokenOffError(Exception):
    """The program dies between its writes and the commit."""


class Count(RuleBasedStateMachine):
    """The services on a real database, and beside them the `plain` count of each roll call by its id."""

    def __init__(self):
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "school.db"
        place(self.path, fill)
        self.now = MONDAY
        self.keys = itertools.count(1)
        self.orders = 0
        self.visitors = 0
        self.plain = {}
        self.running = None
        self.counted_for = {}
        self.covers = {}
        self.used = set()
        self.sent = []
        self.open()
        self.seen = self.look()

    def open(self):
        self.database = Database(f"sqlite:///{self.path}", clock=lambda: self.now)
        self.turns = Turns(self.database, counted_school(), lambda: self.now)
        self.services = Services.of(self.turns)
        self.runner.run(self.database.open())

    def teardown(self):
        try:
            self.end_everything()
            assert self.read(lambda tx: tx.audit.first_broken()) is None
        finally:
            self.runner.run(self.database.close())
            self.runner.close()
            self.folder.cleanup()

    def read(self, fn, *args):
        return self.runner.run(self.database.read(fn, *args))

    def look(self):
        return self.read(_everything)

    def do(self, who, method, *args, **kwargs):
        """One person's turn in chat."""
        key = str(next(self.keys))

        async def turn():
            await self.database.write(lambda tx: tx.inbox.add_many("telegram", [(key, "x", "{}")], self.now))
            return await method(self.sender(who, key), *args, **kwargs)

        return self.took(self.runner.run(turn()))

    @staticmethod
    def sender(who, key):
        return Sender(STAFF[who].telegram_id, ("telegram", key), "en", True, True, 1)

    def took(self, outcome):
        """A refusal changes nothing but the audit log."""
        if outcome.refusal is not None:
            assert self.look() == self.seen
        return outcome

    # ── who may, and what they mean ────────────────────────────────────────────────────────────────────────
    @property
    def count(self):
        return self.plain.get(self.running)

    def may_count(self, who, name):
        person = STAFF[who]
        if Role.SAFETY_OFFICE in person.roles:
            return True
        if name == VISITORS:
            return False
        is_head = Role.GRADE_LEAD in person.roles and SCHOOL[name][0] in person.classes
        is_lead = Role.CLASS_LEAD in person.roles and name in person.classes
        return is_head or is_lead or (name, who) in self.covers.values()

    def is_counted(self, name):
        return self.count is not None and name in self.count.classes

    def class_id(self, name):
        """Its button; the last roll call's when none runs."""
        calls = self.seen["roll_calls"]
        return self.seen["class_ids"].get((calls[-1].id, name), 10_000) if calls else 10_000

    def pupil_id(self, number):
        calls = self.seen["roll_calls"]
        return self.seen["pupil_ids"].get((calls[-1].id, number), 10_000) if calls else 10_000

    def is_sayable(self, name, said, number, heads_=0):
        """Whether these words can be kept, whoever says them."""
        if said in (Said.ALL, Said.REST, Said.HELP, Said.HELP_OVER):
            return True
        if said is Said.NUMBER:
            return 0 <= heads_ <= 9999
        if number is None or number not in self.count.pupils:
            return False
        is_own = self.count.pupils[number].home == name
        return is_own or said in (Said.WITH_ME, Said.MISSING, Said.INJURED)

    def heard(self, who, name, outcome, statements, *, is_paper=False):
        """What was said is in the count, on record, and nothing else changed."""
        assert outcome.refusal is None, outcome
        for said, number, heads_ in statements:
            self.count.hear(
                who,
                name,
                said.value,
                pupil=number or "",
                number=heads_,
                is_office=who == OFFICE and said not in (Said.HELP, Said.HELP_OVER),
            )
        if statements:
            self.count.classes[name].is_paper = is_paper
            self.expect_entry(who, name)

    def expect_entry(self, who, name):
        incident = next(one for one in self.seen["roll_calls"] if one.id == self.running).incident_id
        fresh = self.read(lambda tx: tx.timeline.all(incident))[len(self.seen["timelines"][incident]) :]
        counted = [one for one in fresh if one.event is Event.CLASS_COUNTED]
        assert (counted[0].actor_id, counted[0].params["school_class"]) == (who, name)
        figures = self.count.figures(name)
        for key in ("present", "missing", "injured", "unknown", "unnamed_extra"):
            assert counted[0].params[key] == figures[key]

    @staticmethod
    def own_number(name, nth):
        """The nth pupil of the class, or the very pupil."""
        if isinstance(nth, str):
            return nth
        own = NUMBERS.get(name)
        return own[nth % len(own)] if own else None

    # ── what leads say ─────────────────────────────────────────────────────────────────────────────────────
    @rule(speaker=speakers, said=about_class)
    def say_of_class(self, speaker, said):
        who, name = speaker
        outcome = self.do(who, self.services.headcounts.say, self.class_id(name), said)
        if self.is_counted(name) and self.may_count(who, name):
            self.heard(who, name, outcome, [(said, None, 0)])
        else:
            assert outcome.refusal is not None

    @rule(speaker=speakers, n=heads, is_paper=st.sampled_from([False, False, False, True]))
    def say_number(self, speaker, n, is_paper):
        who, name = speaker
        command = self.services.headcounts.command
        outcome = self.do(who, command, name, n, is_all=False, is_paper=is_paper)
        may = self.is_counted(name) and self.may_count(who, name) and 0 <= n <= 9999
        if may and (who == OFFICE or not is_paper):
            self.heard(who, name, outcome, [(Said.NUMBER, None, n)], is_paper=is_paper)
        else:
            assert outcome.refusal is not None

    @rule(n=st.integers(0, 9), name=names)
    def enter_paper(self, n, name):
        self.say_number((OFFICE, name), n, is_paper=True)

    @rule(speaker=speakers, said=about_pupil, nth=nths)
    def press_pupil(self, speaker, said, nth):
        who, name = speaker
        number = self.own_number(name, nth)
        press = self.services.headcounts.press_state
        outcome = self.do(who, press, self.class_id(name), self.pupil_id(number), said)
        if self.is_counted(name) and number and self.may_count(who, name):
            self.heard(who, name, outcome, [(said, number, 0)])
        else:
            assert outcome.refusal is not None

    @rule(
        name=st.sampled_from(["7-1", "8-1", "7-2", "8-2"]),
        nth=st.integers(0, 1),
        turns=st.lists(
            st.tuples(st.integers(0, 4), st.one_of(about_pupil, about_pupil, about_class)),
            min_size=3,
            max_size=8,
        ),
    )
    def argue(self, name, nth, turns):
        """Several people about the same pupil, one after the other."""
        if not self.is_counted(name):
            return
        for voice, said in turns:
            who = VOICES[name][voice % len(VOICES[name])]
            there = name if self.may_count(who, name) else HOME_OF[who]
            if said in ABOUT_PUPIL:
                self.send(who, there, [(said, self.own_number(name, nth), 0, "")])
            else:
                self.say_of_class((who, there), said)
            self.holds()

    @rule(
        home=st.sampled_from(["7-1", "7-2", "8-1"]),
        there=st.sampled_from(["8-2", "club"]),
        nth=st.integers(0, 7),
        turns=st.permutations([Said.MISSING, Said.WITH_ME, None]),
    )
    def reconcile(self, home, there, nth, turns):
        """Missing here and extra there, in either order, and the rest is here."""
        number = self.own_number(home, nth)
        for said in turns:
            if said is None:
                self.say_of_class((VOICES[home][0], home), Said.REST)
            else:
                name = home if said is Said.MISSING else there
                self.send(VOICES[name][0], name, [(said, number, 0, "")])
            self.holds()
        if self.is_counted(home) and self.is_counted(there):
            assert self.count.pupils[number].state == "present"

    @rule(
        name=names,
        turns=st.lists(st.tuples(st.integers(0, 2), st.integers(-2, 3)), min_size=2, max_size=5),
        guests=st.lists(st.sampled_from(ALL_NUMBERS), max_size=2),
    )
    def count_heads(self, name, turns, guests):
        """Numbers about as large as the class, with pupils of other classes among the heads."""
        if not self.is_counted(name):
            return
        for number in guests:
            self.send(VOICES[name][0], name, [(Said.WITH_ME, number, 0, "")])
            self.holds()
        for voice, more in turns:
            who = VOICES[name][voice % len(VOICES[name])]
            self.say_number((who, name), max(0, self.count.figures(name)["enrolled"] + more), is_paper=False)
            self.holds()

    @rule(speaker=speakers, nth=nths)
    def correct(self, speaker, nth):
        """The same person, one after the other: not there, oh yes."""
        for said in (Said.MISSING, Said.WITH_ME):
            self.press_pupil(speaker, said, nth)
            self.seen = self.look()

    @rule(speaker=speakers, drawn=marks, is_keyed=st.booleans())
    def mark_list(self, speaker, drawn, is_keyed):
        who, name = speaker
        sent = []
        for said, nth, n, key in drawn:
            number = self.own_number(name, nth) if said in ABOUT_PUPIL else None
            sent.append((said, number, n if said is Said.NUMBER else 0, f"k{key}" if is_keyed else ""))
        self.sent.append((who, name, sent))
        self.send(who, name, sent)

    @precondition(lambda self: self.sent)
    @rule(nth=st.integers(0, 99))
    def send_again(self, nth):
        """The line was gone when the answer came."""
        who, name, sent = self.sent[nth % len(self.sent)]
        self.send(who, name, sent)

    def send(self, who, name, sent):
        batch = [
            Mark(
                said,
                self.pupil_id(number) if said in ABOUT_PUPIL else None,
                n if said is Said.NUMBER else None,
                key=key,
            )
            for said, number, n, key in sent
        ]
        pages = self.services.list_page
        outcome = self.took(self.runner.run(pages.mark(who, self.class_id(name), batch, Source.PAGE)))
        if not self.is_counted(name) or not self.may_count(who, name):
            assert outcome.refusal is not None
            return
        fresh, used = [], set()
        for said, number, n, key in sent:
            if key and (self.running, key) in self.used | used:
                continue
            used |= {(self.running, key)} if key else set()
            fresh.append((said, number, n))
        if all(self.is_sayable(name, said, number, n) for said, number, n in fresh):
            self.used |= used
            self.heard(who, name, outcome, fresh)
        else:
            assert outcome.refusal is not None

    # ── covers ─────────────────────────────────────────────────────────────────────────────────────────────
    @rule(
        who=st.sampled_from(["S1", "S2", "Y", "T2"]), name=st.sampled_from(["7-1", "8-1", "8-2", "nowhere"])
    )
    def cover(self, who, name):
        outcome = self.do(who, self.services.covers.begin, name)
        if name == "nowhere" or (name, who) in self.covers.values():
            assert outcome.refusal is not None
        else:
            assert outcome.done is Done.COVERED
            self.covers[outcome.params["cover"]] = (name, who)

    @precondition(lambda self: self.covers)
    @rule(nth=st.integers(0, 9), said=about_pupil)
    def let_cover_speak(self, nth, said):
        name, who = list(self.covers.values())[nth % len(self.covers)]
        self.press_pupil((who, name), said, 0)

    @precondition(lambda self: self.covers)
    @rule(nth=st.integers(0, 9), who=st.sampled_from([OFFICE, "W1", "X1", "Y", "S1", "S2"]))
    def end_cover(self, nth, who):
        cover_id = list(self.covers)[nth % len(self.covers)]
        name, standing_in = self.covers[cover_id]
        outcome = self.do(who, self.services.covers.end, cover_id)
        if who in (OFFICE, standing_in) or name in STAFF[who].classes:
            assert outcome.done is Done.COVER_ENDED
            del self.covers[cover_id]
            for counted in self.look()["classes"].get(self.running, ()):
                is_lead = name in STAFF[standing_in].classes
                assert counted.name != name or is_lead or standing_in not in counted.asked
        else:
            assert outcome.refusal is not None

    # ── orders ─────────────────────────────────────────────────────────────────────────────────────────────
    @initialize(
        visitors=st.sampled_from([0, 0, 4]), where=zones, is_calm=st.sampled_from([False] * 7 + [True])
    )
    def begin(self, visitors, where, is_calm):
        self.visitors = visitors
        assert self.do("W1", self.services.check_ins.set_visitors, visitors).refusal is None
        if not is_calm:
            self.report()
            self.seen = self.look()
            self.order(0, ResponseAction.EVACUATE, where)

    @precondition(lambda self: len(self.seen["incidents"]) < len(REPORTS))
    @rule()
    def report(self):
        told = REPORTS[len(self.seen["incidents"])]
        assert self.do(EMILY.staff_id, self.services.reporting.report, told).refusal is None
        assert len(self.look()["incidents"]) == len(self.seen["incidents"]) + 1

    @precondition(lambda self: self.seen["incidents"])
    @rule(nth=st.integers(0, 2), action=actions, where=zones)
    def order(self, nth, action, where):
        """Begins the roll call, or widens and turns the one that runs, whichever incident it is of."""
        incident = self.nth_incident(nth)
        ref = IncidentRef(incident.id)
        asked = self.do(CHEN.staff_id, self.services.response.ask, ref, action, where)
        if not incident.is_in_force:
            assert asked.refusal is not None
            return
        self.orders += 1
        self.seen = self.look()
        assert self.do(CHEN.staff_id, self.services.response.confirm, self.orders).refusal is None
        self.counted_for[incident.id] = action
        if action in COUNTED:
            before = next((one.action for one in self.seen["roll_calls"] if one.is_open), action)
            if action in GATHERING and before not in GATHERING:
                self.count.walk()
            self.call(where)
            now = self.look()["roll_calls"]
            assert [one.action for one in now if one.is_open] == [action]
        else:
            assert self.look()["roll_calls"] == self.seen["roll_calls"]

    def nth_incident(self, nth):
        incidents = sorted(self.seen["incidents"].values(), key=lambda one: one.id)
        return incidents[nth % len(incidents)]

    def call(self, where):
        if self.running is None:
            self.running = len(self.plain) + 1
            self.plain[self.running] = PlainCount()
        there = [name for name, (_, zone, _) in SCHOOL.items() if zone in where]
        if not there:
            there = [*SCHOOL, *([VISITORS] if self.visitors else [])]
        for name in there:
            if name in self.count.classes:
                continue
            grade, _, _ = SCHOOL.get(name, ("", None, 0))
            own = {
                no: PlainPupil(name, "absent", was_absent=True) if no in AWAY_BY_NAME else PlainPupil(name)
                for no in NUMBERS.get(name, ())
            }
            self.count.pupils |= own
            self.count.classes[name] = PlainClass(
                name,
                grade,
                list(own.values()),
                told_absent=AWAY_BY_NUMBER.get(name, 0),
                unlisted=self.visitors if name == VISITORS else 0,
            )

    @precondition(lambda self: self.seen["incidents"])
    @rule(nth=st.integers(0, 2), is_meant=st.sampled_from([False] * 9 + [True]))
    def all_clear(self, nth, is_meant):
        incident = self.nth_incident(nth)
        asked = self.do(CHEN.staff_id, self.services.response.ask, IncidentRef(incident.id), None)
        if not incident.is_in_force:
            assert asked.refusal is not None
            return
        self.orders += 1
        self.seen = self.look()
        confirm = self.services.response.confirm
        ends_count = self.ends_count(incident)
        if ends_count and not self.count.is_complete:
            first = self.do(CHEN.staff_id, confirm, self.orders)
            assert first.refusal is not None
            assert first.refusal.reason is Reason.REASON_NEEDED
        if not is_meant:
            assert self.do(CHEN.staff_id, self.services.response.withdraw, self.orders).refusal is None
            return
        outcome = self.do(CHEN.staff_id, confirm, self.orders, CloseReason.BY_SIGHT)
        assert outcome.done is Done.ALL_CLEAR
        self.counted_for.pop(incident.id, None)
        if ends_count:
            self.check_result()
            self.running = None

    def ends_count(self, incident):
        """Unless another incident needs the school counted: then it goes on there."""
        running = next((one for one in self.seen["roll_calls"] if one.is_open), None)
        others = [action for key, action in self.counted_for.items() if key != incident.id]
        return running is not None and running.incident_id == incident.id and not COUNTED & set(others)

    def check_result(self):
        closed = next(one for one in self.look()["roll_calls"] if one.id == self.running)
        assert closed.closed_at == self.now
        is_complete = self.count.is_complete
        is_settled = is_complete and not any(one.wants_help for one in self.count.classes.values())
        assert closed.close_reason == ("" if is_settled else CloseReason.BY_SIGHT)
        result = closed.result
        expected = self.count.school()
        assert {key: result["tally"][key] for key in expected} == expected
        assert (result["all_s"] is not None) == is_complete
        lost = [pupil for pupil in self.count.pupils.values() if pupil.was_lost]
        searches = sorted((one["class"], one["found_s"] is None) for one in result["searches"])
        assert searches == sorted((pupil.home, pupil.state == "missing") for pupil in lost)
        assert all(number not in repr(result) for number in ALL_NUMBERS), "no pupil is kept for good"

    def end_everything(self):
        for nth in range(len(self.seen["incidents"])):
            if self.nth_incident(nth).is_in_force:
                self.all_clear(nth, is_meant=True)
                self.holds()
        assert self.running is None
        assert not [one for one in self.seen["roll_calls"] if one.is_open]
        for name in (*SCHOOL, VISITORS):
            self.say_of_class((OFFICE, name), Said.ALL)
        self.holds()

    # ── time and misfortune ────────────────────────────────────────────────────────────────────────────────
    @rule(seconds=st.sampled_from([1, 61, 121, 181]))
    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)
        self.runner.run(self.services.chasing.tick())

    @rule()
    def crash(self):
        """What is on the disk while nothing is closed is what the next start finds."""
        kept = [(path, path.with_name(f"kept{path.name}")) for path in self.path.parent.glob("school.db*")]
        for path, copy in kept:
            shutil.copyfile(path, copy)
        self.runner.run(self.database.close())
        for path in self.path.parent.glob("school.db*"):
            path.unlink()
        for path, copy in kept:
            copy.rename(path)
            if path.name.endswith("-shm"):
                path.unlink()
        self.open()
        assert self.look() == self.seen

    @rule(speaker=speakers, drawn=marks)
    def break_off(self, speaker, drawn):
        """A unit that fails after it wrote leaves nothing, and keeps no key of a mark."""
        who, name = speaker
        batch = [
            Mark(said, self.pupil_id(self.own_number(name, nth)), key=f"k{key}")
            for said, nth, _, key in drawn
            if said in ABOUT_PUPIL
        ]

        def unit(turn):
            say_of_class(turn, self.class_id(name), Mark(Said.ALL))
            mark_class(turn, self.class_id(name), batch, Source.PAGE)
            raise BrokenOffError

        with suppress(BrokenOffError):
            assert self.runner.run(self.turns.visit(who, unit)).refusal is not None
        assert self.look() == self.seen

    # ── what always holds ──────────────────────────────────────────────────────────────────────────────────
    @invariant()
    def holds(self):
        now = self.look()
        assert len(now["roll_calls"]) == len(self.plain)
        assert [one.id for one in now["roll_calls"] if one.is_open] == [self.running] * bool(self.running)
        for roll_call in now["roll_calls"]:
            plain = self.plain[roll_call.id]
            self.compare_classes(plain, {one.name: one for one in now["classes"][roll_call.id]})
            self.compare_pupils(plain, now["pupils"][roll_call.id])
            self.keep_times(roll_call, now)
            said = now["statements"][roll_call.id]
            before = self.seen["statements"].get(roll_call.id, [])
            record = [
                (one.said_by, one.school_class, one.said.value, one.number or 0, one.is_final) for one in said
            ]
            assert record == plain.record
            assert said[: len(before)] == before, "who said what stays"
            self.keep_lost(roll_call.id, now, said[len(before) :])
        for incident_id, entries in self.seen["timelines"].items():
            assert now["timelines"][incident_id][: len(entries)] == entries
        self.seen = now

    @staticmethod
    def compare_classes(plain, classes):
        assert classes.keys() == plain.classes.keys()
        for name, counted in classes.items():
            told, figures = plain.classes[name], plain.figures(name)
            tally = counted.count.tally
            assert {key: getattr(tally, key) for key in figures} == figures, name
            assert counted.count.state == plain.state(name), name
            assert counted.count.is_disputed == (plain.state(name) == "disputed")
            assert counted.count.needs_help == told.wants_help
            assert (counted.said_by, counted.is_paper) == (told.said_by, told.is_paper)
            assert min(figures.values()) >= 0
            parts = ("present", "missing", "injured", "left", "absent", "unknown")
            assert tally.enrolled == sum(figures[part] for part in parts), "everybody is in one place"
            if told.pupils:
                assert tally.enrolled == len(told.pupils), "nobody vanishes"

    @staticmethod
    def compare_pupils(plain, pupils):
        assert sorted(one.student_no for one in pupils) == sorted(plain.pupils), "each of them once"
        for one in pupils:
            told = plain.pupils[one.student_no]
            found = one.status.state.value, one.status.is_disputed, one.status.with_class
            assert found == (told.state, told.is_disputed, told.host), one.student_no
            assert (one.status.said_by or "") == told.by

    def keep_lost(self, roll_call_id, now, fresh):
        """Who was named missing or injured stays so until that very pupil is named again."""
        named = {one.pupil for one in fresh}
        states = {one.id: one.status.state for one in now["pupils"][roll_call_id]}
        for pupil in self.seen["pupils"].get(roll_call_id, ()):
            if pupil.status.state in ("missing", "injured") and pupil.id not in named:
                assert states[pupil.id] is pupil.status.state

    def keep_times(self, roll_call, now):
        before = {one.id: one for one in self.seen["classes"].get(roll_call.id, ())}
        if any(
            (one.recount_from, one.recount_after) != (roll_call.recount_from, roll_call.recount_after)
            for one in self.seen["roll_calls"]
            if one.id == roll_call.id
        ):
            before = {}
        for one in now["classes"][roll_call.id]:
            is_complete = one.count.state is ClassState.COMPLETE
            assert (one.complete_at is not None) == is_complete
            assert (one.first_at is None) == (one.said_by is None) == (one.last_at is None)
            assert one.joined_at >= roll_call.opened_at
            if one.first_at is not None:
                assert one.joined_at <= one.first_at <= one.last_at <= self.now
            if one.complete_at is not None:
                # Without an answer only whom everybody named before they walked.
                first_at = one.first_at or roll_call.recount_from
                assert first_at <= one.complete_at <= self.now
                assert one.complete_at >= roll_call.counted_from
            was = before.get(one.id)
            if was is not None:
                assert was.first_at in (None, one.first_at), "the first answer stays the first"
                if is_complete and was.complete_at is not None:
                    assert one.complete_at == was.complete_at
                elif is_complete:
                    assert one.complete_at == self.now


def _everything(tx):
    """All that a refusal must leave alone; Telegram's numbers are the courier's."""
    incidents = {one.id: replace(one, topic_id=None) for one in tx.incidents.list_recent(1000)}
    calls = list(itertools.takewhile(bool, map(tx.roll_calls.get, itertools.count(1))))
    classes = {call.id: tx.headcounts.classes(call.id) for call in calls}
    pupils = {
        call.id: [pupil for one in classes[call.id] for pupil in tx.headcounts.pupils(call.id, one.name)]
        for call in calls
    }
    return {
        "incidents": incidents,
        "timelines": {key: tx.timeline.all(key) for key in incidents},
        "roll_calls": calls,
        "classes": classes,
        "pupils": pupils,
        "statements": {call.id: tx.headcounts.said(call.id) for call in calls},
        "covers": tx.covers.on(DAY),
        "class_ids": {(one.roll_call_id, one.name): one.id for own in classes.values() for one in own},
        "pupil_ids": {(one.roll_call_id, one.student_no): one.id for own in pupils.values() for one in own},
    }


Count.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestCount = Count.TestCase
