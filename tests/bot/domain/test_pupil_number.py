from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.pupil_number import SHORTEST, find_pupil, short_numbers

USUAL = [f"202403{n:02}" for n in range(1, 44)]
NUMBERS = st.sets(st.text("0123456789AB", min_size=1, max_size=6), min_size=1, max_size=12)


def test_the_start_that_a_class_shares_is_left_out() -> None:
    assert short_numbers(USUAL)["20240317"] == "17"
    assert short_numbers(["S0001", "S0002"]) == {"S0001": "01", "S0002": "02"}


def test_a_pupil_from_another_school_makes_the_numbers_longer_and_no_two_alike() -> None:
    assert short_numbers(["20240301", "20240302", "20230102"]) == {
        "20240301": "40301",
        "20240302": "40302",
        "20230102": "30102",
    }


def test_two_characters_stay() -> None:
    assert short_numbers(["20240317"]) == {"20240317": "17"}
    assert short_numbers(["7", "8"]) == {"7": "7", "8": "8"}
    assert short_numbers([]) == {}


@given(NUMBERS)
@example({"1111", "111"})
@example({"12", "12A"})
def test_short_numbers_are_ends_of_the_numbers_and_unique(numbers: set[str]) -> None:
    short = short_numbers(numbers)
    assert short.keys() == numbers
    assert len(set(short.values())) == len(numbers)
    for number, end in short.items():
        assert number.endswith(end)
        assert len(end) >= min(SHORTEST, len(number))


@given(NUMBERS)
@example({"1111", "111"})
@example({"01", "001", "1"})
def test_everybody_is_found_by_the_short_and_by_the_whole_number(numbers: set[str]) -> None:
    for number, end in short_numbers(numbers).items():
        assert find_pupil(number, numbers) == number
        assert find_pupil(end, numbers) == number


@given(NUMBERS, st.text("0123456789ABａ１ ", max_size=8))
def test_who_is_found_has_a_number_that_ends_as_was_said(numbers: set[str], word: str) -> None:
    found = find_pupil(word, numbers)
    if found is not None:
        said = word.strip().translate(str.maketrans("１ａ", "1A")).upper()
        assert found.endswith(said.lstrip("0"))


@pytest.mark.parametrize("word", ["17", "１７", "0317", "20240317", " 17 "])
def test_a_number_is_understood_as_people_type_it(word: str) -> None:
    assert find_pupil(word, USUAL) == "20240317"


def test_a_zero_in_front_may_be_left_out() -> None:
    assert find_pupil("7", USUAL) == "20240307"
    assert find_pupil("007", USUAL) == "20240307"


def test_letters_may_be_small() -> None:
    assert find_pupil("s0002", ["S0001", "S0002"]) == "S0002"


@pytest.mark.parametrize("word", ["", " ", "0", "99", "20240399", "王芳", "-17"])
def test_what_is_nobodys_number_finds_nobody(word: str) -> None:
    assert find_pupil(word, USUAL) is None


def test_an_end_that_several_share_finds_nobody() -> None:
    assert find_pupil("301", ["20240301", "20230301"]) is None
