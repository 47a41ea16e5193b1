"""Syllables as they are typed: which there are, what sounds alike, what a slip of a finger makes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin.constants import PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

from grids.search.syllables import (
    SYLLABLES,
    beginning_with,
    fold,
    meant_by,
    numbers_of,
    split,
    split_mixed,
    split_wrong,
)

# Interjections, dialect, and what nobody types.
ODD = {"m", "n", "ng", "hm", "hng", "ê", "bong", "biang", "din", "len", "wong"}


def test_the_table_has_the_syllables_that_characters_are_read_with() -> None:
    read = {to_normal(reading) for readings in PINYIN_DICT.values() for reading in readings.split(",")}
    assert read - SYLLABLES == ODD
    assert read >= SYLLABLES


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("zhang", "zan"), ("chu", "cu"), ("shi", "si"), ("lin", "ling"), ("nan", "lan"), ("fu", "hu"),
        ("feng", "hen"), ("huang", "huan"),
    ],
)  # fmt: skip
def test_what_is_often_confused_folds_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("jin", "qin"), ("ba", "pa"), ("mu", "mo"), ("xi", "si"), ("3", "san")])
def test_what_nobody_confuses_stays_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("letters", "path"),
    [
        ("jinyuan", ("jin", "yuan")),
        ("zhongyang", ("zhong", "yang")),
        ("jinyu", ("jin", "yu")),
        ("xiaoq", None),
        ("lvdi", ("lv", "di")),
    ],
)
def test_letters_are_cut_into_syllables(letters: str, path: tuple[str, ...] | None) -> None:
    ways = split(letters)
    assert ways[0] == path if path else not ways


def test_a_string_that_can_be_cut_in_two_ways_is() -> None:
    assert set(split("xian")) == {("xian",), ("xi", "an")}
    assert set(split("fangan")) == {("fang", "an"), ("fan", "gan")}


def test_initials_and_syllables_may_be_mixed() -> None:
    assert split_mixed("jyuan")[0] == ("j", "yuan")
    assert split_mixed("jinyxq")[0] == ("jin", "y", "x", "q")


@pytest.mark.parametrize(("wrong", "right"), [("yaun", "yuan"), ("jni", "jin"), ("xaio", "xiao"), ("xio", "xiao")])
def test_a_slip_leads_to_the_syllable_that_was_meant(wrong: str, right: str) -> None:
    assert right in meant_by(wrong)


def test_misspelt_letters_are_cut_where_they_are_right() -> None:
    assert split_wrong("jinyaun")[0] == ("jin", "yaun")


def test_an_unfinished_syllable_stands_for_all_it_may_become() -> None:
    assert beginning_with("yua") == {"yuan"}
    assert {"yu", "yuan", "yue", "yun"} == beginning_with("yu")


def test_a_number_is_heard_in_its_syllable() -> None:
    assert numbers_of("san") == {"3"}
    assert not numbers_of("shan")


@given(st.lists(st.sampled_from(sorted(SYLLABLES - {"a", "o", "e"})), min_size=1, max_size=6))
def test_joined_syllables_can_always_be_cut(syllables: list[str]) -> None:
    letters = "".join(syllables)
    ways = split(letters)
    assert ways
    assert all("".join(way) == letters for way in ways)


@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=60))
def test_no_letters_take_long(letters: str) -> None:
    for cut in (split, split_mixed, split_wrong):
        assert all("".join(way) == letters for way in cut(letters))
