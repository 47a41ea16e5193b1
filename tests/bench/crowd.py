"""What the part "candidates" runs inside of a process of the site: `python -m tests.bench.crowd` prints it as JSON.

A hundred thousand volunteers on patrol in one subdistrict, in a transaction that is rolled back: with skills, work in
hand, offers in hand, hours they gave, and positions of which some are too old.
"""

import json
import sys
import time
import timeit
from dataclasses import astuple
from functools import partial
from typing import Any

import django

django.setup()

from django.contrib.gis.db.models.functions import GeometryDistance  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from grids.prepared import Preparing, prepared, statement_of  # noqa: E402
from patrols.models import LastPosition, Report  # noqa: E402
from patrols.offering.finding import on_patrol  # noqa: E402
from tests.bench.measure import compare  # noqa: E402

VOLUNTEERS, NEAREST = 100_000, 10
CROWD = """
insert into grids_person (username, name, name_en, email, phone, language, password, party_member, is_active, is_staff,
    is_superuser, created_at, invented)
select 'crowd-' || n, 'crowd ' || n, '', '', '', '', '!', false, n %% 50 > 0, false, false, now(), true
from generate_series(1, %(count)s) n;
create temporary table crowd on commit drop as
    select id, row_number() over (order by id) n from grids_person where username like 'crowd-%%';
insert into grids_membership (person_id, role, region_id, period)
select c.id, 'volunteer', r.id, daterange(current_date - 9, null) from crowd c, grids_region r
where r.code = %(code)s and upper_inf(r.period);
insert into patrols_patrol (id, person_id, district, state, started_at, heard_at)
select md5('p' || n)::uuid, id, left(%(code)s, 6), 'active', now(), now() from crowd;
insert into patrols_lastposition (person_id, patrol_id, district, geom, accuracy, taken_at)
select id, md5('p' || n)::uuid, left(%(code)s, 6),
    st_setsrid(st_makepoint(%(lon)s + 0.05 * (random() - 0.5), %(lat)s + 0.05 * (random() - 0.5)), 4326), 5,
    now() - make_interval(secs => 360 * random()) from crowd;
insert into grids_skill (person_id, code) select id, 'first-aid' from crowd where n %% 3 > 0;
insert into grids_availability (person_id, weekday, starts, ends)
select id, d, '00:00', '23:59:59' from crowd, generate_series(1, 7) d where n %% 5 = 0;
insert into patrols_party (report_id, district, role, state, person_id, since, report_recorded_at)
select %(report)s, left(%(code)s, 6), 'responsible', 'asked', id, now(), now() from crowd where n %% 4 = 0;
"""


def fill(report: Report, code: str) -> None:
    """Write the crowd around a report."""
    given: dict[str, Any] = {
        "count": VOLUNTEERS,
        "code": code,
        "lon": report.anchor.x,
        "lat": report.anchor.y,
        "report": report.pk,
    }
    with connection.cursor() as cursor:
        for one in CROWD.strip().removesuffix(";").split(";\n"):
            cursor.execute(one, given)
        cursor.execute("analyze patrols_lastposition, patrols_patrol, grids_person, grids_membership, grids_skill")
        cursor.execute("analyze grids_availability, patrols_party")


def seconds(statement: str, values: Any, *, prepare: bool) -> float:
    """Run a statement and return how long it took, rows fetched; `prepare`: as `grids.prepared` does."""
    began = time.perf_counter()
    if prepare:
        with connection._prepare_cursor(Preparing(connection.connection)) as cursor:  # type: ignore[attr-defined]
            cursor.execute(statement, values)
            cursor.fetchall()
    else:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            cursor.fetchall()
    return time.perf_counter() - began


def explained(rows: Any) -> str:
    """Return how PostgreSQL runs a queryset, with its values in place."""
    return str(rows.explain(analyze=True, buffers=True))


def composing(rows: Any) -> float:
    """Return how many seconds Django takes to write a queryset's statement."""
    return min(timeit.repeat(partial(statement_of, rows), number=1, repeat=20))


def main() -> None:
    """Print the ratios, prepared and planned each time, and how long Django takes to write the statement."""
    report = Report.objects.filter(state="in_progress").select_related("category").order_by("id").first()
    assert report
    report.category.skills = ["first-aid"]
    report.category.hazard = False
    with transaction.atomic():
        fill(report, report.region_code[:9])
        now = timezone.now()
        whole = on_patrol(report, now, NEAREST)
        nearest: Any = LastPosition.objects.annotate(away=GeometryDistance("geom", report.anchor)).order_by("away")
        nearest = nearest.values("person", "away")[:NEAREST]
        bare = partial(seconds, *nearest.query.sql_with_params(), prepare=False)
        found = [row["person"] for row in prepared(whole)]
        everybody = [row["person"] for row in on_patrol(report, now, VOLUNTEERS)]
        assert found == everybody[:NEAREST], "the nearest are not the first of all"
        ratios = {
            "prepared": compare(partial(seconds, *statement_of(whole), prepare=True), bare),
            "planned": compare(partial(seconds, *whole.query.sql_with_params(), prepare=False), bare),
        }
        if "explain" in sys.argv:
            print(explained(whole), explained(nearest), sep="\n", file=sys.stderr)
        transaction.set_rollback(True)
    print(
        json.dumps(
            {
                "able": len(everybody),
                "composing": composing(whole),
                **{name: astuple(ratio) for name, ratio in ratios.items()},
            }
        )
    )


if __name__ == "__main__":
    main()
