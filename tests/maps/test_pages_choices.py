"""What the filters offer: within the person's reach, and not too much of it."""

import pytest
from django.utils import translation

from maps.pages import choices
from tests.town import LITTER, Town


@pytest.fixture(autouse=True)
def _fresh() -> None:
    choices.forget()


def test_only_grids_within_reach_are_offered(town: Town) -> None:
    assert [code for code, _name in choices.grids_of(town.scope("alice"))] == [town.grids[5].code]
    assert [code for code, _name in choices.grids_of(town.scope("charlie"))] == [town.far_grid.code]
    assert len(choices.grids_of(town.scope("dora"))) == 9


def test_too_many_grids_are_no_choice(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "MOST_GRIDS", 8)
    assert choices.grids_of(town.scope("dora")) == []


def test_categories_are_named_in_the_readers_language(town: Town) -> None:
    with translation.override("zh-hans"):
        assert (LITTER, "暴露垃圾") in choices.categories()["测试"]
    with translation.override("en"):
        assert (LITTER, f"Category {LITTER}") in choices.categories()["测试"]


def test_a_retired_category_is_not_offered(town: Town) -> None:
    town.litter.active = False
    town.litter.save(update_fields=["active"])
    codes = [code for rows in choices.categories().values() for code, _name in rows]
    assert LITTER not in codes
    assert codes
