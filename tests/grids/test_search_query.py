"""What was typed, read as parts with the ways in which names may fit them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids.search.query import LONGEST, Query, read_query


def read(text: str) -> Query:
    query = read_query(text)
    assert query
    return query


def keys(text: str) -> list[str]:
    return [part.ways[0].key for part in read(text).parts]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("锦园小区", ["锦园小区"]),
        ("锦园3号楼", ["锦园", "3号楼"]),
        ("锦园 三号楼", ["锦园", "3号楼"]),
        ("12-3-402", ["12号楼", "3单元"]),
        ("12-3", ["12号楼", "3单元"]),
        ("锦园１２号楼３单元４０２室", ["锦园", "12号楼", "3单元"]),
        ("jin yuan", ["jin yuan"]),
        ("jinyuan 3", ["jinyuan", "3"]),
        ("1-2号", ["1", "2号"]),
        ("150199001001005", ["150199001001005"]),
    ],
)
def test_a_query_is_cut_into_parts(text: str, parts: list[str]) -> None:
    assert keys(text) == parts


@pytest.mark.parametrize("text", ["", " ", "·", "（）", "--"])
def test_without_letters_there_is_nothing_to_look_for(text: str) -> None:
    assert read_query(text) is None


@pytest.mark.parametrize(
    ("text", "sounds"),
    [
        ("锦圆", "jin yuan"),
        ("jinyuan", "jin yuan"),
        ("jinyuanx", "jin yuan xiao"),
        ("jyxq", "jin yuan xiao qu"),
        ("jyuan", "jin yuan"),
        ("锦yuan", "jin yuan"),
        ("zongshan", "zon san"),
        ("sanhaolou", "3 hao nou"),
        ("shbdl", "san hua bei dai nu"),
    ],
)
def test_a_query_fits_what_it_may_mean(text: str, sounds: str) -> None:
    [part] = read(text).parts
    assert any(re.search(way.pattern, sounds) for way in part.ways if way.row)


@pytest.mark.parametrize(
    ("text", "sounds"),
    [
        ("jinyaun", "jin yuan xiao qu"),
        ("jniyuan", "jin yuan"),
        ("jinyan", "jin yuan"),
        ("绵园小区", "jin yuan xiao qu"),
        ("锦园区", "jin yuan xiao qu"),
        ("锦园小大区", "jin yuan xiao qu"),
    ],
)
def test_a_query_with_a_slip_fits_what_was_meant(text: str, sounds: str) -> None:
    [part] = read(text).parts
    assert not any(re.search(way.pattern, sounds) for way in part.ways if way.row)
    assert any(re.search(way.pattern, sounds) for way in part.slips)


def test_a_number_does_not_begin_inside_of_another() -> None:
    way = read("3号楼").parts[0].ways[0]
    assert re.search(way.pattern, "小区3号楼")
    assert not re.search(way.pattern, "小区13号楼")


@given(st.text(max_size=LONGEST * 2))
def test_anything_typed_is_read_in_short_and_valid_patterns(text: str) -> None:
    query = read_query(text)
    for part in query.parts if query else ():
        assert part.size > 0
        for way in (*part.ways, *part.slips):
            assert len(way.pattern) < 6_000
            re.compile(way.pattern)
