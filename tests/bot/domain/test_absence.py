"""What class leads type in the morning, in either language and every careless way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.absence import name_in, read_absent, read_class
from bot.domain.roster import SchoolClass
from bot.errors import Reason, RefusedError

PUPILS = [f"202403{n:02}" for n in range(1, 44)]
CLASSES = {
    name: SchoolClass(name)
    for name in ("7-1", "7-12", "7-3", "高一（3）班", "Grade 7 A", "和平班", "701", "6")
}


def pupils(*short: int) -> frozenset[str]:
    return frozenset(f"202403{n:02}" for n in short)


@pytest.mark.parametrize("words", ["6", "６", "6人", "6 ", "缺6人", "缺勤6人", "6名", "请假6人", "6."])
def test_one_bare_number_is_how_many(words: str) -> None:
    assert read_absent(words, PUPILS) == 6


@pytest.mark.parametrize(
    "words", ["0", "none", "None.", "nobody", "no one", "NO  ONE", "无", "没有", "全到", "全部到齐", "0人"]
)
def test_nobody_is_a_number_too(words: str) -> None:
    assert read_absent(words, PUPILS) == 0


@pytest.mark.parametrize(
    "words",
    [
        "17 21",
        "17,21",
        "17，21",
        "17、21",
        "17号 21号",
        "17号21号",
        "17号和21号",
        "17 and 21",
        "17 & 21",
        "#17 #21",
        "#17#21",
        "No. 17, 21",
        "no.17 no.21",
        "№17 №21",
        "１７　２１",
        "20240317 20240321",
        "20240317 21",
        "17 21 17",
    ],
)
def test_several_numbers_are_pupils(words: str) -> None:
    assert read_absent(words, PUPILS) == pupils(17, 21)


@pytest.mark.parametrize("words", ["17号", "#17", "No. 17", "17 号", "17#", "20240317", "0317", "017"])
def test_one_number_with_a_sign_or_too_large_for_a_count_is_a_pupil(words: str) -> None:
    assert read_absent(words, PUPILS) == pupils(17)


def test_small_numbers_in_a_row_are_pupils_as_well() -> None:
    assert read_absent("7 9", PUPILS) == pupils(7, 9)
    assert read_absent("7号", PUPILS) == pupils(7)
    assert read_absent("07", PUPILS) == pupils(7)


def test_a_count_reaches_as_far_as_the_class() -> None:
    assert read_absent("43", PUPILS) == 43
    with pytest.raises(RefusedError) as refused:
        read_absent("44", PUPILS)
    assert refused.value.refusal.reason is Reason.UNKNOWN_PUPIL


@pytest.mark.parametrize("words", ["17 99", "王芳", "17-21", "44人", "-6", "6.5", "六", "17 x", "号", "#"])
def test_what_is_neither_is_refused_whole(words: str) -> None:
    with pytest.raises(RefusedError):
        read_absent(words, PUPILS)


def test_numbers_may_have_letters() -> None:
    assert read_absent("s0001 S0002", ["S0001", "S0002", "S0003"]) == {"S0001", "S0002"}
    assert read_absent("S0001", ["S0001", "S0002", "S0003"]) == {"S0001"}


@given(st.sets(st.sampled_from(PUPILS), min_size=2), st.sampled_from([" ", ",", "、", "号 ", "; "]))
def test_every_list_of_numbers_is_read_back(absent: set[str], between: str) -> None:
    assert read_absent(between.join(number[-2:] for number in absent), PUPILS) == absent


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_count_in_the_class_or_its_pupils_or_refused(words: str) -> None:
    try:
        who = read_absent(words, PUPILS)
    except RefusedError:
        return
    if isinstance(who, int):
        assert 0 <= who <= len(PUPILS)
    else:
        assert who <= set(PUPILS)
        assert who


@pytest.mark.parametrize(
    ("words", "name", "rest"),
    [
        ("7-3 6", "7-3", "6"),
        ("７－３　6", "7-3", "6"),
        ("7-3班 17、21", "7-3", "17 21"),
        ("7-3：6", "7-3", "6"),
        ("高一(3)班 无", "高一（3）班", "无"),
        ("和平班 17和21", "和平班", "17和21"),
        ("grade 7 a 6", "Grade 7 A", "6"),
        ("7-3", "7-3", ""),
        ("7-1 2", "7-1", "2"),
        ("7-12 2", "7-12", "2"),
        ("701 6", "701", "6"),
    ],
)
def test_the_class_stands_first(words: str, name: str, rest: str) -> None:
    assert read_class(words, CLASSES, {"7-3", "701"}) == (CLASSES[name], rest)


@pytest.mark.parametrize("words", ["6", "6 21", "17 21", "", "7-9 6", "701"])
def test_a_number_is_a_class_only_where_it_can_be_meant(words: str) -> None:
    assert read_class(words, CLASSES, {"701"}) == (None, words)


def test_a_number_alone_is_a_class_to_who_has_several() -> None:
    assert read_class("701", CLASSES, {"701", "6"}) == (CLASSES["701"], "")


def test_what_seems_to_be_a_class_is_told_from_numbers() -> None:
    assert name_in("7-9 6") == "7-9"
    assert name_in("王芳") == "王芳"
    for words in ("6", "6人", "17 21", "17号", "#17", "none", "无", "No one", ""):
        assert name_in(words) == ""
