"""Who counts which class, and which class somebody means: the only place that knows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping

from bot.domain.permission import Right, has_right
from bot.domain.roster import Person, Role, SchoolClass

# Hyphens and dashes of all kinds, and the minus; NFKC leaves these apart.
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_BRACKETS = re.compile(r"[()\[\]〔〕【】{}]")


def classes_of(
    person: Person, classes: Mapping[str, SchoolClass], covered: Collection[str] = ()
) -> frozenset[str]:
    """The names of all classes that this person may count; `covered`: those they stand in for today.

    The safety office counts every class, a grade lead the grade, a class lead their own; DESIGN's table of rights.
    """
    if not person.is_active:
        return frozenset()
    if has_right(person, Right.COUNT_ALL):
        return frozenset(classes)
    return frozenset(
        name
        for name, school_class in classes.items()
        if name in covered or _is_lead_of(person, name) or _is_grade_lead_of(person, school_class, classes)
    )


def leads_of(school_class: str, people: Iterable[Person]) -> list[Person]:
    """The class's own leads, in the order of `people`; heads of grade are not among them."""
    return [person for person in people if _is_lead_of(person, school_class)]


def grade_leads_of(
    school_class: str, people: Iterable[Person], classes: Mapping[str, SchoolClass]
) -> list[Person]:
    """The heads of the class's grade, in the order of `people`; nobody for a class that is not in `classes`."""
    found = classes.get(school_class)
    return [person for person in people if found is not None and _is_grade_lead_of(person, found, classes)]


def find_class(word: str, classes: Mapping[str, SchoolClass]) -> SchoolClass | None:
    """The class that `word` means: `７－３` is 7-3, `高一3` is 高一（3）班. None when none or several fit."""
    if word in classes:
        return classes[word]
    for read in (_plain, _bare):
        said = read(word)
        hits = [found for name, found in classes.items() if said and read(name) == said]
        if hits:
            return hits[0] if len(hits) == 1 else None
    return None


def unknown_classes(person: Person, classes: Mapping[str, SchoolClass]) -> list[str]:
    """What the roster lists for this person that is no class nor, for a head of grade, a grade."""
    is_head = Role.GRADE_LEAD in person.roles
    grades = {_plain(item.grade) for item in classes.values() if item.grade} if is_head else set()
    return [name for name in person.classes if name not in classes and _plain(name) not in grades]


def _is_lead_of(person: Person, school_class: str) -> bool:
    return has_right(person, Right.COUNT_CLASS) and school_class in person.classes


def _is_grade_lead_of(person: Person, school_class: SchoolClass, classes: Mapping[str, SchoolClass]) -> bool:
    """The roster lists the grade's classes, one of them, or the grade itself."""
    if not has_right(person, Right.COUNT_GRADE):
        return False
    if school_class.name in person.classes:
        return True
    grades = {_plain(classes[name].grade if name in classes else name) for name in person.classes}
    return bool(school_class.grade) and _plain(school_class.grade) in grades


def _plain(word: str) -> str:
    """Without width, case, blanks and kinds of dashes."""
    narrow = unicodedata.normalize("NFKC", word).casefold()
    return _DASHES.sub("-", "".join(narrow.split()))


def _bare(word: str) -> str:
    """Also without brackets and the word for class."""
    return _BRACKETS.sub("", _plain(word)).removesuffix("班")
