"""Statements composed once: other values, other rows; and the reach of a person reads by index."""

import pytest
from django.db.models import BigIntegerField, CharField

from grids.composed import Composed, Parameter
from grids.models import Person, Region
from grids.scope import _reach, scope_of
from tests.town import FAR, NEAR, Town


def codes(town: Town) -> Composed:
    chosen = Region.objects.filter(code__startswith=Parameter("prefix", CharField()), level="community")
    return Composed(*chosen.order_by("code").values_list("code").query.sql_with_params())


def test_the_same_statement_runs_with_other_values(town: Town) -> None:
    statement = codes(town)
    assert [code for (code,) in statement.rows({"prefix": NEAR})] == [f"{NEAR}001"]
    assert [code for (code,) in statement.rows({"prefix": FAR})] == [f"{FAR}001"]
    assert statement.rows({"prefix": "9"}) == []


def test_a_parameter_without_a_value_is_an_error(town: Town) -> None:
    with pytest.raises(KeyError, match="prefix"):
        codes(town).rows({})


def test_a_parameter_stands_for_one_value_wherever_it_is_named(town: Town) -> None:
    number = Parameter("id", BigIntegerField())
    statement = Composed(*Person.objects.filter(pk=number, id=number).values_list("pk").query.sql_with_params())
    assert len(statement.values) == 2
    assert statement.rows({"id": 1}) == []


def test_the_reach_of_one_is_not_that_of_another(town: Town) -> None:
    reached = {name: scope_of(Person.objects.get(username=name)).grids for name in ("alice", "bob", "charlie")}
    assert reached["alice"] == reached["bob"] == {town.grids[5].pk}
    assert reached["charlie"] == {town.far_grid.pk}


def test_no_subquery_is_tried_on_every_assignment(town: Town) -> None:
    statement = _reach()
    explained = Composed(f"explain {statement.sql}", statement.values)
    plan = "\n".join(line for (line,) in explained.rows({"person": town.alice.pk, "today": "2026-11-21"}))
    assert "SubPlan" not in plan
