"""Prepared statements: the same rows, counted as any other, and still there after what makes the driver forget them."""

import pytest
from django.db import DataError, connection, transaction
from django.db.models import Value
from django.db.models.functions import Cast
from django.test.utils import CaptureQueriesContext

from grids.models import Membership, Person
from grids.models.people import Role
from grids.prepared import prepared, statement_of
from tests.town import Town


def test_it_gives_what_the_query_gives_and_is_counted(town: Town) -> None:
    rows = Person.objects.filter(is_active=True).order_by("username").values("pk", "username")
    for _time in range(7):
        with CaptureQueriesContext(connection) as asked:
            found = prepared(rows)
        assert found == list(rows)
        assert len(asked) == 1
    with connection.cursor() as cursor:
        cursor.execute("select generic_plans > 0 from pg_prepared_statements where statement like '%%username%%'")
        assert cursor.fetchall() == [(True,)]
    assert [row["username"] for row in prepared(rows.filter(username=town.bob.username))] == [town.bob.username]


def test_states_stand_in_the_statement_and_what_varies_does_not(town: Town) -> None:
    rows = Membership.objects.filter(role__in=[Role.LEADER, Role.STEWARD], person=town.bob).values("pk")
    statement, values = statement_of(rows.annotate(said=Value("100 %")))
    assert "IN ('leader', 'steward')" in statement
    assert list(values) == ["100 %", town.bob.pk]
    assert prepared(rows) == list(rows)


@pytest.mark.django_db(transaction=True)
def test_an_error_is_django_s_and_the_next_time_works_again(town: Town) -> None:
    rows = Person.objects.filter(username=town.bob.username).values("username")
    assert prepared(rows)
    with pytest.raises(DataError), transaction.atomic():
        prepared(rows.annotate(broken=Cast(Value("none"), output_field=Person._meta.get_field("quiet_from"))))
    assert prepared(rows) == [{"username": town.bob.username}]
