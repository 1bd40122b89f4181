"""The count of a school as one would do it with pencil and paper: written from the rules, not from Muster's code.

Words are plain strings, a class is a list of heads. `hear` takes what is said in order; `figures` counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ABOUT_ALL = ("all", "rest", "number")
SEEN = (*ABOUT_ALL, "with_me")
NOT_LOST = ("all", "with_me", "left", "absent")
HELP = ("help", "help_over")
BECOMES = {
    "with_me": "present",
    "missing": "missing",
    "injured": "injured",
    "left": "left",
    "absent": "absent",
}


@dataclass
class PlainPupil:
    """`by`, `where`: who said what holds, and for which class. `opinions`: what each person said last."""

    home: str
    state: str = "unknown"
    by: str = ""
    where: str = ""
    opinions: dict[str, str] = field(default_factory=dict)
    was_lost: bool = False
    was_absent: bool = False
    is_away: bool = False
    came_back: int = 0

    def hear(self, by: str, said_for: str, said: str, *, is_office: bool, at: int) -> None:
        """Somebody names this very pupil. `at`: as the how manyth thing said."""
        if said != "with_me" or said_for != self.home:
            self.is_away, self.came_back = True, 0
        elif (self.is_away or self.was_absent) and not self.came_back:
            self.came_back = at
        self.was_lost |= said == "missing"
        if is_office:
            self.opinions = {}
        else:
            self.opinions[by] = said
            if self.is_known_better(by, said_for, said):
                return
        self.state, self.by, self.where = BECOMES[said], by, said_for

    def is_known_better(self, by: str, said_for: str, said: str) -> bool:
        """Who is hurt or elsewhere is not lost; who is hurt or lost has not gone home because somebody thinks so."""
        if said == "missing":
            is_elsewhere = self.state == "present" and self.where not in (self.home, said_for)
            return by != self.by and (is_elsewhere or self.state == "injured")
        if said in ("left", "absent"):
            return self.state == "injured" or (self.state == "missing" and by != self.by)
        return False

    def walk(self) -> None:
        """Off to the assembly point: who was seen before has to be seen again."""
        self.opinions = {by: said for by, said in self.opinions.items() if said not in SEEN}
        if self.state == "present":
            self.state, self.by, self.where = "unknown", "", ""

    @property
    def host(self) -> str | None:
        """The class that has them, when it is not their own."""
        return self.where if self.state == "present" and self.where != self.home else None

    @property
    def is_disputed(self) -> bool:
        """They are missing, and another person says that they are not."""
        return self.state == "missing" and any(
            said in NOT_LOST for by, said in self.opinions.items() if by != self.by
        )


@dataclass
class PlainClass:
    """`unlisted`: how many are enrolled without a name. `words`: each person's last word on all of it."""

    name: str
    grade: str
    pupils: list[PlainPupil]
    told_absent: int = 0
    unlisted: int = 0
    words: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    is_settled: bool = False
    is_heard: bool = False
    is_heard_for_good: bool = False
    wants_help: bool = False
    is_paper: bool = False
    said_by: str | None = None

    def hear(self, by: str, said: str, number: int, *, is_office: bool, at: int) -> None:
        """Somebody speaks about the whole class."""
        if said in HELP:
            self.wants_help = said == "help"
            return
        if said != "number" and not (self.pupils or self.unlisted or self.name.startswith("*")):
            return
        if is_office or self.is_settled:
            self.words = {}
        self.is_settled = is_office
        self.words[by] = (said, number, at)
        if not is_office:
            for pupil in self.pupils:
                pupil.opinions[by] = said

    def walk(self) -> None:
        """Off to the assembly point: nobody has counted there yet."""
        self.words, self.is_settled, self.is_paper, self.said_by = {}, False, False, None
        self.is_heard = self.is_heard_for_good

    def line(self) -> tuple[int, int, int]:
        """Whom nobody named: (how many are due, how many are away); and of the named how many stand here."""
        nameless = self.unlisted + sum(p.state == "unknown" for p in self.pupils)
        absent = sum(p.state == "absent" or p.was_absent for p in self.pupils)
        away = max(0, min(nameless, self.told_absent - absent))
        return nameless - away, away, sum(p.state == "present" and p.host is None for p in self.pupils)

    def walks(self, guests: int) -> list[tuple[int, int]]:
        """What each person saw."""
        return [self.pass_along(word, guests, *self.line()) for word in self.words.values()]

    def count(self, guests: int) -> dict[str, int]:
        """Head by head; `guests` are pupils of other classes who are here."""
        figures = {state: sum(p.state == state for p in self.pupils) for state in BECOMES.values()}
        due, away, _ = self.line()
        unknown = unnamed_missing = too_many = 0
        if not (self.pupils or self.unlisted):
            figures["present"] = max(
                (max(0, number - guests) for _, number, _ in self.words.values()), default=0
            )
        elif self.words:
            came, too_many = min(self.walks(guests))
            # Who came back since may be one more than were counted, or one of them.
            walks = zip(self.words.values(), self.walks(guests), strict=True)
            worst = [at for (_, _, at), walk in walks if walk == (came, too_many)]
            back = [p.came_back for p in self.pupils if p.state == "present" and p.host is None]
            unknown = min(max(0, due - came), *(sum(one > at for one in back) for at in worst))
            unnamed_missing = max(0, due - came) - unknown
            away -= max(0, came - due)
            figures["present"] += came
            figures["missing"] += unnamed_missing
        else:
            unknown = due
        figures["absent"] += away
        return figures | {
            "enrolled": sum(figures.values()) + unknown,
            "unknown": unknown,
            "extra": guests + too_many,
            "unnamed_missing": unnamed_missing,
            "unnamed_extra": too_many,
        }

    def is_disputed(self, guests: int) -> bool:
        """Two people disagree about one pupil or about how many there are."""
        return len(set(self.walks(guests))) > 1 or any(pupil.is_disputed for pupil in self.pupils)

    @staticmethod
    def pass_along(
        word: tuple[str, int, int], guests: int, due: int, away: int, named_here: int
    ) -> tuple[int, int]:
        """Along the line: (how many of the class whom nobody named stand there, heads that nobody can explain)."""
        said, number, _ = word
        if said != "number":
            return due, 0
        came = too_many = 0
        for _ in range(number - named_here):
            if came < due:
                came += 1
            elif guests:
                guests -= 1
            elif came < due + away:
                came += 1
            else:
                too_many += 1
        return came, too_many

    def state(self, guests: int) -> str:
        """The colour on the board."""
        figures = self.count(guests)
        if self.is_disputed(guests):
            return "disputed"
        if not self.is_heard:
            return "silent"
        is_unsaid = not (self.pupils or self.unlisted or self.words)
        if is_unsaid or figures["unknown"] or figures["unnamed_extra"]:
            return "counting"
        return "short" if figures["missing"] else "complete"


@dataclass
class PlainCount:
    """One roll call: the classes by name, the pupils by student number, and `record`: who said what, in order."""

    classes: dict[str, PlainClass] = field(default_factory=dict)
    pupils: dict[str, PlainPupil] = field(default_factory=dict)
    record: list[tuple[str, str, str, int, bool]] = field(default_factory=list)

    def hear(
        self, by: str, said_for: str, said: str, *, pupil: str = "", number: int = 0, is_office: bool
    ) -> None:
        """One statement, accepted."""
        self.record.append((by, said_for, said, number, is_office))
        self.classes[said_for].is_heard = True
        self.classes[said_for].is_heard_for_good |= said not in SEEN
        self.classes[said_for].said_by = by
        if pupil:
            self.pupils[pupil].hear(by, said_for, said, is_office=is_office, at=len(self.record))
        else:
            self.classes[said_for].hear(by, said, number, is_office=is_office, at=len(self.record))

    def walk(self) -> None:
        """Counted where they were, all are told to gather."""
        for one in (*self.classes.values(), *self.pupils.values()):
            one.walk()

    def guests(self, name: str) -> int:
        """How many pupils of other classes this one has."""
        return sum(pupil.host == name for pupil in self.pupils.values())

    def figures(self, name: str) -> dict[str, int]:
        """One class."""
        return self.classes[name].count(self.guests(name))

    def state(self, name: str) -> str:
        """One class."""
        return self.classes[name].state(self.guests(name))

    def school(self) -> dict[str, int]:
        """All classes together."""
        each = [self.figures(name) for name in self.classes]
        return {key: sum(one[key] for one in each) for key in each[0]} if each else {}

    @property
    def is_complete(self) -> bool:
        """Everybody is accounted for."""
        return all(self.state(name) == "complete" for name in self.classes)
