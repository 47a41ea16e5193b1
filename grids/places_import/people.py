"""People from a table: who they are by user name, and their role in a region, in a team or in a body."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from grids.places_import.cells import day, text, truth
from grids.places_import.outcome import Count, Outcome
from grids.places_import.rows import CODE, Context
from grids.places_import.vocabulary import ROLES
from grids.problems import BadInput

FIELDS = ("username", "name", "name_en", "party_member", "phone", "role", "region", "since", "team", "organisation")
_USERNAME = re.compile(r"[\w.@+-]{1,60}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{2,18}", re.ASCII)
_CREATE = """
    DROP TABLE IF EXISTS pg_temp.import_people;
    CREATE TEMP TABLE import_people (
        row int NOT NULL, username text NOT NULL, name text, name_en text, party_member bool, phone text, role text,
        region_code text, since date, team_code text, organisation_code text, password text NOT NULL,
        region_id bigint, team_id bigint, organisation_id bigint
    ) ON COMMIT DROP
"""
_LOOK_UPS = """
    UPDATE import_people s SET
        region_id = (SELECT id FROM grids_region WHERE code = s.region_code AND period @> %(today)s),
        team_id = (SELECT id FROM grids_team WHERE code = s.team_code),
        organisation_id = (SELECT id FROM grids_organisation WHERE code = s.organisation_code AND period @> %(today)s);
    CREATE INDEX ON import_people (username);
    ANALYZE import_people
"""
_CHECKS = (
    (
        "region_code IS NOT NULL AND region_id IS NULL",
        "region_code",
        gettext_noop("There is no region with the code %(detail)s."),
    ),
    (
        "team_code IS NOT NULL AND team_id IS NULL",
        "team_code",
        gettext_noop("There is no team with the code %(detail)s."),
    ),
    (
        "organisation_code IS NOT NULL AND organisation_id IS NULL",
        "organisation_code",
        gettext_noop("There is no organisation with the code %(detail)s."),
    ),
    ("role IS NOT NULL AND region_id IS NULL", "role", gettext_noop("The role %(detail)s needs a region.")),
    ("role = 'staff' AND organisation_id IS NULL", "role", gettext_noop("The role %(detail)s needs an organisation.")),
    (
        "EXISTS (SELECT FROM import_people f WHERE f.username = s.username AND f.row < s.row"
        " AND (f.role, f.region_id) IS NOT DISTINCT FROM (s.role, s.region_id))",
        "username",
        gettext_noop("The same person and role stand in an earlier row."),
    ),
    (
        "EXISTS (SELECT FROM import_people f WHERE f.username = s.username AND f.row < s.row"
        " AND (f.name, f.name_en, f.party_member, f.phone) IS DISTINCT FROM"
        " (s.name, s.name_en, s.party_member, s.phone))",
        "username",
        gettext_noop("An earlier row says something else of the same user name."),
    ),
)
_PERSON = """
    WITH merged AS (
        INSERT INTO grids_person AS t (username, password, name, name_en, party_member, phone, email, language,
                                       is_active, is_staff, is_superuser, created_at)
        SELECT username, password, name, name_en, party_member, phone, '', '', true, false, false, now()
        FROM (SELECT DISTINCT ON (username) * FROM import_people ORDER BY username, row) s ORDER BY s.row
        {merge}
        RETURNING (xmax = 0) AS fresh)
    SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh),
           (SELECT count(DISTINCT username) FROM import_people) FROM merged
"""
_KNOWN = """
    SELECT m.id AS membership, m.period, m.team_id AS old_team, m.organisation_id AS old_organisation, s.*
    FROM import_people s JOIN grids_person p ON p.username = s.username
    JOIN grids_membership m ON m.person_id = p.id AND m.role = s.role AND m.region_id = s.region_id
    WHERE (m.period @> %(today)s OR lower(m.period) > %(today)s)
"""
_NEW_MEMBERSHIPS = f"""
    INSERT INTO grids_membership (person_id, role, region_id, team_id, organisation_id, period)
    SELECT p.id, s.role, s.region_id, s.team_id, s.organisation_id,
           daterange(greatest(coalesce(s.since, %(today)s), coalesce(
               (SELECT max(upper(m.period)) FROM grids_membership m
                WHERE m.person_id = p.id AND m.role = s.role AND m.region_id = s.region_id), '-infinity')), NULL)
    FROM import_people s JOIN grids_person p ON p.username = s.username
    WHERE s.role IS NOT NULL AND NOT EXISTS (SELECT FROM ({_KNOWN}) k WHERE k.row = s.row)
    ORDER BY s.row
"""  # noqa: S608
_CHANGED_MEMBERSHIPS = f"""
    UPDATE grids_membership t SET
        team_id = coalesce(k.team_id, t.team_id), organisation_id = coalesce(k.organisation_id, t.organisation_id),
        period = daterange(coalesce(k.since, lower(t.period)), upper(t.period))
    FROM ({_KNOWN}) k WHERE k.membership = t.id
      AND (k.team_id <> coalesce(t.team_id, 0) OR k.organisation_id <> coalesce(t.organisation_id, 0)
           OR k.since <> lower(t.period))
"""  # noqa: S608


@dataclass(slots=True)
class PersonRow:
    """One row of the table, read but not yet looked up."""

    row: int
    username: str
    name: str
    name_en: str
    party_member: bool
    phone: str
    role: str | None
    region_code: str | None
    since: date | None
    team_code: str | None
    organisation_code: str | None
    password: str


def person_row(number: int, values: dict[str, object], context: Context) -> PersonRow:
    """Read a row; what cannot be read is refused with the reason."""
    username = text(values.get("username"), 60, "username")
    if not _USERNAME.fullmatch(username):
        raise BadInput(
            _("The user name “%(username)s” is not one word of letters, digits and @.+-_.") % {"username": username}
        )
    phone = text(values.get("phone"), 20, "phone")
    if phone and not _PHONE.fullmatch(phone):
        raise BadInput(_("“%(phone)s” is no telephone number.") % {"phone": phone})
    word = text(values.get("role"), 40, "role")
    if word and word.casefold() not in ROLES:
        shown = {"role": word, "roles": ", ".join(sorted(set(ROLES.values())))}
        raise BadInput(_("The role “%(role)s” is not one of %(roles)s.") % shown)
    region = text(values.get("region"), 40, "region") or context.region
    if region and not CODE.fullmatch(region):
        raise BadInput(_("The code “%(code)s” has neither 6, 9 nor 12 digits.") % {"code": region})
    return PersonRow(
        row=number,
        username=username,
        name=text(values.get("name"), 120, "name"),
        name_en=text(values.get("name_en"), 160, "name_en"),
        party_member=truth(values.get("party_member"), "party_member"),
        phone=phone,
        role=ROLES[word.casefold()] if word else None,
        region_code=region or None,
        since=day(values.get("since"), "since"),
        team_code=text(values.get("team"), 40, "team") or None,
        organisation_code=text(values.get("organisation"), 40, "organisation") or None,
        password=make_password(None),
    )


def fill(rows: Iterable[PersonRow]) -> None:
    """Create the staging table and stream rows into it."""
    names = [column.name for column in fields(PersonRow)]
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        with cursor.copy(f"COPY import_people ({', '.join(names)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([getattr(row, name) for name in names])


def check(outcome: Outcome) -> None:
    """Look up regions, teams and organisations; refuse rows that name none, repeat or contradict another."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UPS, {"today": timezone.localdate()})
        for condition, detail, sentence in _CHECKS:
            cursor.execute(f"DELETE FROM import_people s WHERE {condition} RETURNING row, username, {detail}")  # noqa: S608
            for row, username, value in sorted(cursor.fetchall()):
                outcome.refuse(row, username, _(sentence) % {"detail": value})


def merge(given: frozenset[str], outcome: Outcome) -> None:
    """Create and update people, nobody's password, and give them their memberships."""
    columns = [column for column in ("name", "name_en", "party_member", "phone") if column in given]
    update = "ON CONFLICT (username) DO NOTHING"
    if columns:
        update = f"""ON CONFLICT (username) DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in columns)}
            WHERE {" OR ".join(f"t.{c} IS DISTINCT FROM excluded.{c}" for c in columns)}"""
    today: dict[str, Any] = {"today": timezone.localdate()}
    with connection.cursor() as cursor:
        cursor.execute(_PERSON.format(merge=update))
        new, changed, everybody = cursor.fetchone()
        outcome.counts.append(Count("people", new, changed, everybody - new - changed))
        cursor.execute("SELECT count(*) FROM import_people WHERE role IS NOT NULL")
        (roles,) = cursor.fetchone()
        cursor.execute(_CHANGED_MEMBERSHIPS, today)
        changed = cursor.rowcount
        cursor.execute(_NEW_MEMBERSHIPS, today)
        outcome.counts.append(Count("memberships", cursor.rowcount, changed, roles - cursor.rowcount - changed))
