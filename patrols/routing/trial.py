"""A dry run (试算): where the reports of the last days go by a draft, beside where the rules in force send them."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from grids import jobs
from grids.jobs import Run
from grids.models import Job, Organisation, Team
from grids.models.catalogue import Kind
from grids.problems import BadInput, Conflict, NotFound
from grids.scope import Scope
from patrols.models import RoutingEdition
from patrols.models.routing import EditionState
from patrols.requirements import WITH_POWERS
from patrols.routing.proposing import IN_FORCE
from patrols.routing.reach import check_keeper, keeps
from patrols.routing.statement import ASKED, found, ranked

KIND = "routing-trial"
BATCH = 20_000
MOST_DAYS = 366
EXAMPLES = 3
MOST_PAIRS = 300
OWNER, NOBODY = "owner", "nobody"
DRAFTED = "(edition.id = %(draft)s or edition.state = 'in_force' and edition.region_code <> %(region)s)"


def _key(name: str) -> str:
    return f"""case
        when {name}.rule is null then 'nobody'
        when {name}_rule.target = 'owner' then 'owner'
        when {name}.team is not null then 'team:' || {name}.team
        else 'organisation:' || {name}.organisation
    end"""


# A grid of the past has no owner any more: whoever answers there today gets what lies there.
COMPARE = f"""
    with said as (
        select report.id, report.recorded_at, report.district, report.region_code as region,
            report.category_id as category, report.anchor,
            case when grid.period @> %(today)s::date then report.grid_id else (
                select present.id from grids_grid as present
                where present.kind = 'service' and present.period @> %(today)s::date
                    and st_covers(present.geom, report.anchor)
                order by present.code limit 1
            ) end as grid,
            report.recorded_at at time zone %(zone)s as local
        from patrols_report as report left join grids_grid as grid on grid.id = report.grid_id
        where report.district = %(district)s and report.region_code = %(community)s and report.kind = 'problem'
            and report.recorded_at >= %(since)s and (report.recorded_at, report.id) < (%(before)s, %(last)s::uuid)
        order by report.recorded_at desc, report.id desc
        limit %(batch)s
    ), asked as materialized ({ASKED})
    , old_rules as materialized ({ranked(IN_FORCE)})
    , new_rules as materialized ({ranked(DRAFTED)})
    , old as materialized ({found("old_rules")})
    , new as materialized ({found("new_rules")})
    , pairs as (
        select {_key("old")} as gives, {_key("new")} as would, old.id, old.recorded_at
        from old join new on new.id = old.id
        left join patrols_routingrule as old_rule on old_rule.id = old.rule
        left join patrols_routingrule as new_rule on new_rule.id = new.rule
    )
    select gives, would, count(*), (array_agg(id order by recorded_at desc))[1:{EXAMPLES}],
        (select recorded_at from said order by recorded_at, id limit 1),
        (select id from said order by recorded_at, id limit 1)
    from pairs group by gives, would
"""  # noqa: S608 - composed of constants; every value is bound


def begin(scope: Scope, code: str, days: int) -> Job:
    """Start a dry run of a region's draft over the reports of the last days."""
    check_keeper(scope, code)
    if not 1 <= days <= MOST_DAYS:
        raise BadInput(_("Give a number of days from 1 to %(most)s.") % {"most": MOST_DAYS})
    draft = RoutingEdition.objects.filter(district=code[:6], region_code=code, state=EditionState.DRAFT).first()
    if draft is None:
        raise Conflict(_("There is no draft to try out: change a rule first."))
    assert scope.person is not None
    given = {"region": code, "draft": draft.pk, "number": draft.number, "days": days}
    return jobs.start(KIND, scope.person, district=code[:6], **given)


@jobs.job(KIND, title=gettext_lazy("Dry run of routing rules"))
def try_out(run: Run, *, region: str, draft: int, number: int, days: int) -> dict[str, Any]:
    """Compare what the draft and the rules in force say of every report, in batches of a community's newest first."""
    if not keeps(run.scope, region):
        raise NotFound(_("There is no such region here."))
    if not RoutingEdition.objects.filter(pk=draft, state=EditionState.DRAFT).exists():
        raise Conflict(_("The draft was put in force or discarded meanwhile."))
    until = timezone.now()
    since = until - timedelta(days=days)
    todo = _todo(region, since, until)
    total = sum(todo.values())
    pairs: dict[tuple[str, str], dict[str, Any]] = {}
    done = 0
    for community, count in sorted(todo.items()):
        place = (until, "ffffffff-ffff-ffff-ffff-ffffffffffff")
        left = count
        while left > 0:
            run.step(_("%(done)s of %(total)s reports") % {"done": f"{done:,}", "total": f"{total:,}"}, done / total)
            rows = _compare(region, community, draft, since, place)
            if not rows:
                break
            size = sum(row[2] for row in rows)
            for gives, would, number_of, examples, *_place in rows:
                pair = pairs.setdefault((gives, would), {"count": 0, "examples": []})
                pair["count"] += number_of
                pair["examples"] = [*pair["examples"], *(str(one) for one in examples)][:EXAMPLES]
            place = (rows[0][4], str(rows[0][5]))
            done, left = done + size, left - size
    return _result(run, region, number, days, done, pairs)


def _todo(region: str, since: datetime, until: datetime) -> dict[str, int]:
    """Return how many reports each community has."""
    sql = """
        select region_code, count(*) from patrols_report
        where district = %s and region_code like %s and recorded_at >= %s and recorded_at < %s and kind = %s
        group by region_code
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [region[:6], f"{region}%", since, until, Kind.PROBLEM.value])
        return dict(cursor.fetchall())


def _compare(
    region: str, community: str, draft: int, since: datetime, place: tuple[datetime, str]
) -> list[tuple[Any, ...]]:
    given: dict[str, Any] = {
        "district": region[:6],
        "region": region,
        "community": community,
        "draft": draft,
        "since": since,
        "before": place[0],
        "last": place[1],
        "batch": BATCH,
        "today": timezone.localdate(),
        "zone": timezone.get_default_timezone_name(),
        "powers": sorted(WITH_POWERS),
    }
    with connection.cursor() as cursor:
        cursor.execute(COMPARE, given)
        found_rows: list[tuple[Any, ...]] = cursor.fetchall()
    return found_rows


def _result(
    run: Run, region: str, number: int, days: int, total: int, pairs: dict[tuple[str, str], dict[str, Any]]
) -> dict[str, Any]:
    elsewhere = {key: pair for key, pair in pairs.items() if key[0] != key[1]}
    count = sum(pair["count"] for pair in elsewhere.values())
    rows = sorted(elsewhere.items(), key=lambda item: (-item[1]["count"], item[0]))
    return {
        "url": f"/planner/rules/trials/{run.id}/",
        "summary": summary_of(count, total),
        "region": region,
        "number": number,
        "days": days,
        "total": total,
        "elsewhere": count,
        "nobody_now": sum(pair["count"] for (gives, _would), pair in pairs.items() if gives == NOBODY),
        "nobody_then": sum(pair["count"] for (_gives, would), pair in pairs.items() if would == NOBODY),
        "pairs": [{"from": gives, "to": would, **pair} for (gives, would), pair in rows[:MOST_PAIRS]],
        "more": max(0, len(rows) - MOST_PAIRS),
    }


def summary_of(elsewhere: int, total: int) -> str:
    """Return how many reports would go elsewhere, in the reader's language."""
    words = ngettext(
        "%(count)s of %(total)s reports would go elsewhere", "%(count)s of %(total)s reports would go elsewhere", total
    )
    return words % {"count": f"{elsewhere:,}", "total": f"{total:,}"}


def names_of(keys: set[str]) -> dict[str, str]:
    """Return whom the keys of a result mean, in the reader's language."""
    ids: dict[str, list[int]] = {"organisation": [], "team": []}
    for key in keys:
        kind, _colon, identity = key.partition(":")
        if kind in ids:
            ids[kind].append(int(identity))
    names = {OWNER: _("the owner of the grid"), NOBODY: _("nobody")}
    bodies = Organisation.objects.filter(pk__in=ids["organisation"]).defer("jurisdiction")
    names |= {f"organisation:{row.pk}": str(row) for row in bodies}
    return names | {f"team:{row.pk}": str(row) for row in Team.objects.filter(pk__in=ids["team"])}
