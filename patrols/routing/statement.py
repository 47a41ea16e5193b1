"""What the rules say of reports, as one statement over any number of them.

The nearest region's rules come first (community, subdistrict, district), within a region by their number. The first
rule that is for a report and gives it to somebody who may deal with it wins; one that finds nobody is passed over.
`tests/patrols/routing/plainly.py` says the same in plain Python, and the tests compare the two.
"""

from grids.worktime import HOURS

LINE_REACH = 30  # metres beside a zone that is a line
WORKED = " or ".join(f"(asked.clock >= '{opens}' and asked.clock < '{closes}')" for opens, closes in HOURS)

# `asked` has one row a report: id, district, region, category, grid, anchor, and the local day, clock, weekday and
# whether the day is worked. `today` decides who is there; the day and clock of the report only when a rule holds.
CLOCK = f"""
    select *, {WORKED} as in_hours
    from (
        select *, local::date as day, local::time as clock, extract(isodow from local)::int as weekday,
            array[left(region, 6), left(region, 9), left(region, 12)] as regions
        from said
    ) as asked
"""  # noqa: S608 - the hours are of this code
ASKED = f"""
    select asked.*, coalesce(known.working, asked.weekday < 6) and in_hours as in_work
    from ({CLOCK}) as asked
    left join grids_workingday as known on known.day = asked.day
"""  # noqa: S608

# A body with powers, or whoever a category lets act (`requirements.may_act`).
BODY_MAY = "(category.acts = 'volunteer' or body.kind = category.body or body.kind = any(%(powers)s))"
REACHES = "(asked.region like {0} || '%%' or {0} like left(asked.region, 9) || '%%')"

IS_FOR = f"""
    rule.region_code = any(asked.regions)
    and (
        cardinality(rule.categories) + cardinality(rule.groups) = 0
        or category.code = any(rule.categories)
        or category."group" = any(rule.groups)
    )
    and case rule."time"
        when 'any' then true
        when 'working' then asked.in_work
        when 'outside' then not asked.in_work
        when 'dates' then (rule.first_day is null or asked.day >= rule.first_day)
            and (rule.last_day is null or asked.day <= rule.last_day)
        when 'weekly' then case
            when rule.starts < rule.ends then asked.weekday = any(rule.weekdays)
                and asked.clock >= rule.starts and asked.clock < rule.ends
            else asked.weekday = any(rule.weekdays) and asked.clock >= rule.starts
                or (asked.weekday + 5) %% 7 + 1 = any(rule.weekdays) and asked.clock < rule.ends
        end
    end
    and case rule.place
        when 'any' then true
        when 'zone' then exists (
            select from grids_zone as zone
            where zone.id = rule.zone_id and zone.period @> %(today)s::date and (
                st_covers(zone.geom, asked.anchor)
                or st_dimension(zone.geom) = 1
                and st_dwithin(zone.geom::geography, asked.anchor::geography, {LINE_REACH})
            )
        )
        when 'jurisdiction' then case rule.target
            when 'body' then exists (
                select from grids_organisation as body
                where body.kind = category.body and body.period @> %(today)s::date
                    and st_covers(body.jurisdiction, asked.anchor)
            )
            when 'organisation' then exists (
                select from grids_organisation as body
                where body.id = rule.organisation_id and st_covers(body.jurisdiction, asked.anchor)
            )
            when 'team' then exists (
                select from grids_team as team join grids_region as home on home.id = team.region_id
                where team.id = rule.team_id and {REACHES.format("home.code")}
            )
        end
    end
"""  # noqa: S608 - composed of constants; every value is bound

# Who gets it, at most one row: of several bodies the one with the smallest jurisdiction, the owner before a deputy.
GETS = f"""
    (
        select null::bigint as person, null::bigint as team, body.id as organisation
        from grids_organisation as body
        where rule.target = 'body' and body.kind = category.body and body.period @> %(today)s::date
            and st_covers(body.jurisdiction, asked.anchor)
        order by st_area(body.jurisdiction), body.code
        limit 1
    )
    union all
    select null, null, body.id
    from grids_organisation as body
    where rule.target = 'organisation' and body.id = rule.organisation_id and body.period @> %(today)s::date
        and st_covers(body.jurisdiction, asked.anchor) and {BODY_MAY}
    union all
    select null, team.id, null
    from grids_team as team join grids_region as home on home.id = team.region_id
    where rule.target = 'team' and team.id = rule.team_id and category.acts = 'volunteer'
        and {REACHES.format("home.code")}
    union all
    (
        select answer.person_id, answer.team_id, answer.organisation_id
        from grids_assignment as answer
        left join grids_person as person on person.id = answer.person_id
        left join grids_team as team on team.id = answer.team_id
        left join grids_region as home on home.id = team.region_id
        left join grids_organisation as body on body.id = answer.organisation_id
        where rule.target = 'owner' and answer.grid_id = asked.grid and answer.role in ('owner', 'deputy')
            and answer.period @> %(today)s::date
            and case
                when body.id is not null then body.period @> %(today)s::date and {BODY_MAY}
                    and st_covers(body.jurisdiction, asked.anchor)
                when team.id is not null then category.acts = 'volunteer' and {REACHES.format("home.code")}
                else category.acts = 'volunteer' and person.is_active and person.tombstoned_at is null and exists (
                    select from grids_membership as held join grids_region as home on home.id = held.region_id
                    where held.person_id = person.id and held.period @> %(today)s::date
                        and {REACHES.format("home.code")}
                )
            end
        order by answer.role desc, answer.id
        limit 1
    )
"""  # noqa: S608

# Why a rule that is for a report found nobody.
WHY = f"""
    case rule.target
        when 'body' then 'no_body'
        when 'organisation' then (
            select case
                when not body.period @> %(today)s::date then 'ended'
                when not {BODY_MAY} then 'powers'
                else 'outside'
            end
            from grids_organisation as body where body.id = rule.organisation_id
        )
        when 'team' then case when category.acts <> 'volunteer' then 'powers' else 'outside' end
        else case when category.acts <> 'volunteer' then 'powers' else 'no_owner' end
    end
"""  # noqa: S608


def ranked(editions: str) -> str:
    """Return the rules in use of some editions (a condition on `edition`), in the order in which they are asked."""
    return f"""
        select rule.*, row_number() over (order by length(rule.region_code) desc, rule.position, rule.id) as rank
        from patrols_routingrule as rule join patrols_routingedition as edition on edition.id = rule.edition_id
        where rule.active and rule.district = %(district)s and {editions}
    """  # noqa: S608 - the condition is of this package's code


def found(rules: str) -> str:
    """Return a query of what some ranked rules (a name) say of each row of `asked`: the first that gives it away."""
    return f"""
        select asked.*, won.rank, won.rule, won.person, won.team, won.organisation
        from asked
        join grids_category as category on category.id = asked.category
        left join lateral (
            select rule.rank, rule.id as rule, gets.person, gets.team, gets.organisation
            from {rules} as rule cross join lateral ({GETS}) as gets
            where {IS_FOR}
            order by rule.rank
            limit 1
        ) as won on true
    """  # noqa: S608
