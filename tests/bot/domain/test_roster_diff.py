from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.place import Name
from bot.domain.roster import Absence, DutyShift, Person, Pupil, Role, SchoolClass
from bot.domain.roster_diff import Change, Noun, NounDiff, Roster, RosterDiff, diff

CHEN = Person(
    "T4", Name("陈刚", "Chen Gang"), roles=frozenset({Role.STAFF, Role.COMMANDER}), telegram_id=1004
)
WANG = Person("T25", Name("王芳", "Wang Fang"), phone="8025")
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def staff(*people: Person) -> Roster:
    return Roster(people={person.staff_id: person for person in people})


def people_of(result: RosterDiff) -> NounDiff[Person]:
    assert result.people is not None
    return result.people


def test_a_noun_that_no_file_brought_is_left_untouched() -> None:
    current = Roster({"T4": CHEN}, {"7-3": SchoolClass("7-3")}, {"1": Pupil("1", "x", "7-3")}, ())
    result = diff(current, Roster())
    assert result == RosterDiff()
    assert result.is_empty


def test_the_same_again_changes_nothing() -> None:
    result = diff(staff(CHEN, WANG), staff(CHEN, WANG))
    assert result.is_empty
    assert people_of(result).unchanged == 2


def test_new_people_are_added_and_changes_name_their_fields() -> None:
    married = replace(WANG, phone="9999", department="语文组")
    result = people_of(diff(staff(WANG), staff(married, CHEN)))
    assert result.added == (CHEN,)
    assert result.changed == (Change(WANG, married, ("department", "phone")),)
    assert result.removed == ()


def test_removed_people_become_inactive_and_are_never_deleted() -> None:
    result = people_of(diff(staff(CHEN, WANG), staff(CHEN)))
    assert result.removed == (replace(WANG, is_active=False),)
    again = people_of(diff(staff(CHEN, replace(WANG, is_active=False)), staff(CHEN)))
    assert again.is_empty


def test_who_comes_back_is_active_again() -> None:
    result = people_of(diff(staff(replace(WANG, is_active=False)), staff(WANG)))
    assert result.changed == (Change(replace(WANG, is_active=False), WANG, ("is_active",)),)


def test_what_a_persons_own_phone_told_survives_an_import() -> None:
    bound = replace(WANG, telegram_id=7, chosen_locale="en", phone_locale="en", is_unreachable=True)
    assert diff(staff(bound), staff(WANG)).is_empty


def test_the_roster_may_still_give_another_telegram_id() -> None:
    result = people_of(diff(staff(CHEN), staff(replace(CHEN, telegram_id=9))))
    assert [change.fields for change in result.changed] == [("telegram_id",)]


def test_a_column_that_a_file_lacks_wipes_nothing() -> None:
    slim = Person("T4", Name("陈刚"))
    lacking = frozenset({"name_en", "roles", "department"})
    incoming = Roster({"T4": slim}, absent={(Noun.PEOPLE, "T4"): lacking})
    assert diff(staff(CHEN), incoming).is_empty
    emptied = people_of(diff(staff(WANG), staff(replace(WANG, phone=""))))
    assert [change.fields for change in emptied.changed] == [("phone",)]


def test_a_telegram_id_never_ends_up_with_two_people() -> None:
    new_number = Person("T99", Name("陈刚"), telegram_id=1004)
    gone = people_of(diff(staff(CHEN), staff(new_number)))
    assert gone.removed == (replace(CHEN, is_active=False, telegram_id=None),)
    stays = people_of(diff(staff(CHEN), staff(replace(CHEN, telegram_id=None), new_number)))
    assert [change.after.telegram_id for change in stays.changed] == [None]
    long_gone = replace(CHEN, is_active=False)
    freed = people_of(diff(staff(long_gone), staff(new_number)))
    assert [(change.fields, change.after.is_active) for change in freed.changed] == [
        (("telegram_id",), False)
    ]


def test_classes_and_pupils_are_compared_too() -> None:
    current = Roster(
        classes={"7-3": SchoolClass("7-3", zone="A3"), "7-4": SchoolClass("7-4")},
        pupils={"1": Pupil("1", "x", "7-3")},
    )
    incoming = Roster(
        classes={"7-3": SchoolClass("7-3", zone="A2"), "7-4": SchoolClass("7-4")},
        pupils={"1": Pupil("1", "x", ""), "2": Pupil("2", "y", "7-4")},
        absent={(Noun.PUPILS, "1"): frozenset({"school_class"})},
    )
    result = diff(current, incoming)
    assert result.classes is not None
    assert [change.fields for change in result.classes.changed] == [("zone",)]
    assert result.classes.unchanged == 1
    assert result.pupils is not None
    assert (result.pupils.changed, len(result.pupils.added)) == ((), 1)


def test_duty_is_replaced_shift_by_shift() -> None:
    shifts = [DutyShift(NOW, NOW + timedelta(hours=n), Role.COMMANDER, "T4") for n in (1, 2, 3)]
    result = diff(Roster(shifts=tuple(shifts[:2])), Roster(shifts=tuple(shifts[1:]))).shifts
    assert result is not None
    assert (result.added, result.removed, result.unchanged) == ((shifts[2],), (shifts[0],), 1)


def test_absences_are_replaced_on_the_days_of_the_file_only_and_never_drastically() -> None:
    monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)
    current = Roster(absences=(*(Absence(monday, n) for n in "1234"), Absence(tuesday, "1")))
    result = diff(
        current, Roster(absences=(Absence(monday, "4"), Absence(monday, "5"), Absence(monday, "5")))
    )
    assert result.absences is not None
    assert result.absences.added == (Absence(monday, "5"),)
    assert result.absences.removed == tuple(Absence(monday, n) for n in "123")
    assert result.absences.unchanged == 1
    assert not result.is_drastic
    assert not result.is_empty
    assert diff(current, Roster(absences=(Absence(tuesday, "1"),))).is_empty
    assert diff(current, Roster()).absences is None


def test_losing_more_than_half_of_a_noun_is_drastic() -> None:
    four = [Person(f"T{number}", Name("x")) for number in range(4)]
    assert not diff(staff(*four), staff(*four[:2])).is_drastic
    result = diff(staff(*four), staff(*four[:1]))
    assert result.is_drastic
    assert result.drastic == (Noun.PEOPLE,)
    assert not diff(Roster(), staff(*four)).is_drastic


ROSTERS = st.dictionaries(
    st.sampled_from("ABCD"),
    st.tuples(st.none() | st.integers(1, 3), st.booleans(), st.sampled_from(["", "8001"])),
).map(
    lambda rows: {
        key: Person(key, Name("x"), telegram_id=number, is_active=active, phone=phone)
        for key, (number, active, phone) in rows.items()
    }
)


def has_unique_ids(people: dict[str, Person]) -> bool:
    ids = [person.telegram_id for person in people.values() if person.telegram_id is not None]
    return len(ids) == len(set(ids))


@given(
    current=ROSTERS.filter(has_unique_ids),
    incoming=ROSTERS.map(
        lambda people: {key: replace(person, is_active=True) for key, person in people.items()}
    ).filter(has_unique_ids),
)
def test_applying_a_diff_twice_changes_nothing_more_and_keeps_ids_apart(
    current: dict[str, Person], incoming: dict[str, Person]
) -> None:
    part = people_of(diff(Roster(current), Roster(incoming)))
    after = dict(current)
    for person in (*part.added, *part.removed, *(change.after for change in part.changed)):
        after[person.staff_id] = person
    assert has_unique_ids(after)
    assert {key for key, person in after.items() if person.is_active} == incoming.keys()
    assert people_of(diff(Roster(after), Roster(incoming))).is_empty
