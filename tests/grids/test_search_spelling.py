"""Names and queries in the form in which they are compared, and where in the text it comes from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids.search.readings import readings
from grids.search.spelling import spell


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("锦园小区三号楼", "锦园小区3号楼"),
        ("３＃楼", "3号楼"),
        ("12栋", "12号楼"),
        ("12幢", "12号楼"),
        ("A区3#", "a区3号楼"),
        ("第一中学", "第1中学"),
        ("二十三中", "23中"),
        ("一百零五号", "105号"),
        ("二〇二路", "202路"),
        ("百货大楼", "百货大楼"),
        ("十里铺", "10里铺"),
        ("Jinyuan Estate (West)", "jinyuan estate west"),
        ("锦天名邸·北区", "锦天名邸北区"),
        ("1-2号", "1 2号"),
        ("··", ""),
    ],
)
def test_a_text_is_compared_by_its_key(text: str, key: str) -> None:
    assert spell(text).key == key


@pytest.mark.parametrize(
    ("text", "pinyin"),
    [
        ("重庆路", "chong qing lu"),
        ("长安街", "chang an jie"),
        ("厦门路", "xia men lu"),
        ("和平大厦", "he ping da sha"),
        ("中国银行支行", "zhong guo yin hang zhi hang"),
        ("行政中心", "xing zheng zhong xin"),
        ("朝阳街", "chao yang jie"),
        ("曾家巷", "zeng jia xiang"),
        ("单家村", "shan jia cun"),
        ("解家营", "xie jia ying"),
        ("音乐厅", "yin yue ting"),
        ("十里堡", "10 li pu"),
        ("绿地", "lv di"),
        ("呼和浩特", "hu he hao te"),
    ],
)
def test_names_of_places_are_read_as_people_read_them(text: str, pinyin: str) -> None:
    assert " ".join(spell(text).pinyin) == pinyin


def test_a_number_in_characters_may_be_spoken() -> None:
    assert spell("三里屯").pinyin == ("3", "li", "tun")
    assert spell("三里屯", spoken=True).pinyin == ("san", "li", "tun")


def test_what_may_be_read_in_two_ways_is_found_in_both() -> None:
    assert {" ".join(reading) for reading in readings("长青路")} == {"chang qing lu", "zhang qing lu"}
    assert readings("1单元") == [["1", "dan", "yuan"]]


def test_initials_keep_numbers_whole() -> None:
    assert spell("锦园小区12号楼").initials == "jyxq12hn"


@given(st.text(max_size=80))
def test_whatever_is_written_can_be_spelt_and_shown_again(text: str) -> None:
    for spoken in (False, True):
        spelling = spell(text, spoken=spoken)
        assert len(spelling.key_spans) == len(spelling.key)
        assert len(spelling.sound_spans) == len(spelling.sounds)
        assert all(0 <= start < end <= len(text) for start, end in (*spelling.key_spans, *spelling.sound_spans))


@given(st.text("锦园小区号楼0123一二三十ABab ·", max_size=20))
def test_spelling_a_key_again_changes_nothing(text: str) -> None:
    key = spell(text).key
    assert spell(key).key == key
