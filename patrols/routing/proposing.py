"""What the rules say of a report, worked out and stored with it when it is filed and whenever that may change."""

import json
from datetime import datetime
from typing import Any

from django.contrib.gis.db.backends.postgis.adapter import PostGISAdapter
from django.db import connection
from django.utils import timezone

from grids.models.catalogue import Kind
from patrols.models import Proposal, Report
from patrols.requirements import WITH_POWERS
from patrols.routing.statement import ASKED, IS_FOR, WHY, found, ranked
from patrols.workflow import WAITING_STATES

IN_FORCE = "edition.state = 'in_force'"
COLUMNS = "report_id, district, rule_id, person_id, team_id, organisation_id, passed, made_at"
# A report in whose regions no rules are in force has no proposal, which is another thing than that no rule fits.
STORE = f"""
    , asked as materialized ({ASKED})
    , rules as materialized ({ranked(IN_FORCE)})
    , found as materialized ({found("rules")})
    insert into patrols_proposal as kept ({COLUMNS})
    select asked.id, asked.district, asked.rule, asked.person, asked.team, asked.organisation,
        coalesce(passed.rules, '[]'), %(now)s
    from found as asked
    join grids_category as category on category.id = asked.category
    left join lateral (
        select jsonb_agg(
            jsonb_build_array(rule.id, {WHY}, rule.position, length(rule.region_code)) order by rule.rank
        ) as rules
        from rules as rule
        where {IS_FOR} and (asked.rank is null or rule.rank < asked.rank)
    ) as passed on true
    where exists (
        select from patrols_routingedition as edition
        where edition.district = %(district)s and edition.region_code = any(asked.regions) and {IN_FORCE}
    )
    on conflict (report_id) do update set
        rule_id = excluded.rule_id, person_id = excluded.person_id, team_id = excluded.team_id,
        organisation_id = excluded.organisation_id, passed = excluded.passed, made_at = excluded.made_at
    returning {COLUMNS}
"""  # noqa: S608 - composed of constants; every value is bound
ONE = f"""
    with said as (
        select %(report)s::uuid as id, %(district)s::text as district, %(region)s::text as region,
            %(category)s::bigint as category, %(grid)s::bigint as grid, %(anchor)s::geometry as anchor,
            %(moment)s at time zone %(zone)s as local
    ) {STORE}
"""
WAITING = f"""
    with said as (
        select id, district, region_code as region, category_id as category, grid_id as grid, anchor,
            recorded_at at time zone %(zone)s as local
        from patrols_report
        where district = %(district)s and region_code like %(region)s || '%%' and kind = 'problem'
            and state = any(%(states)s)
    ) {STORE}
"""  # noqa: S608


def propose(report: Report, moment: datetime | None = None) -> None:
    """Work out who gets a report by the rules in force, in one statement; the caller has opened the transaction.

    Rules that hold at certain times are asked for the moment, now without one. Requests and tasks have ways of
    their own: rules are for problems.
    """
    if report.kind != Kind.PROBLEM:
        return
    given = _given(
        report.district,
        report=report.pk,
        region=report.region_code,
        category=report.category_id,
        grid=report.grid_id,
        anchor=PostGISAdapter(report.anchor),
        moment=moment or timezone.now(),
    )
    with connection.cursor() as cursor:
        cursor.execute(ONE, given)
        row = cursor.fetchone()
    keep(report, _proposal(row) if row else None)


def propose_again(district: str, region: str) -> int:
    """Work out anew who gets what still waits for dispatch in a region (a code); return how many reports that are."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, _given(district, region=region, states=sorted(WAITING_STATES)))
        return int(cursor.rowcount)


def proposal_of(report: Report) -> Proposal | None:
    """Return what the rules said of a report, with the rule and whoever it names; reads it once."""
    if "proposed" not in report.__dict__:
        rows = Proposal.objects.select_related("rule", "person", "team", "organisation")
        keep(report, rows.defer("organisation__jurisdiction").filter(report=report).first())
    found: Proposal | None = report.__dict__["proposed"]
    return found


def keep(report: Report, proposal: Proposal | None) -> None:
    """Put what was read or worked out where `proposal_of` finds it."""
    report.__dict__["proposed"] = proposal


def needs_approval(report: Report) -> bool:
    """Whether the rule that fits a report wants it discussed before it goes out."""
    proposal = proposal_of(report)
    return bool(proposal and proposal.rule and proposal.rule.approval)


def _given(district: str, **more: Any) -> dict[str, Any]:
    now = timezone.now()
    return {
        "district": district,
        "now": now,
        "today": timezone.localdate(),
        "zone": timezone.get_default_timezone_name(),
        "powers": sorted(WITH_POWERS),
        **more,
    }


def _proposal(row: tuple[Any, ...]) -> Proposal:
    names = [name.strip() for name in COLUMNS.split(",")]
    values = dict(zip(names, row, strict=True))
    return Proposal(**{**values, "passed": json.loads(values["passed"])})
