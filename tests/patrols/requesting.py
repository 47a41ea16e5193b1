"""A wish in the small town: its category, two property companies that may take it, and a way to file it."""

from dataclasses import dataclass

from django.contrib.gis.geos import MultiPolygon

from grids.models import Category, Membership, Organisation, Person, Region
from grids.models.catalogue import Kind
from patrols.contacts import Details
from patrols.filing import Draft, file_report
from patrols.models import Report
from tests.town import NEAR, Town, at, box

WISH = "90084"
CONTACT = Details(name="乙女士", phone="13900001234", address="7号楼2单元501")
SECRETS = ("乙女士", "13900001234", "7号楼2单元501")


@dataclass
class Companies:
    """Two companies of the whole east community, each with somebody on its staff."""

    first: Organisation
    second: Organisation
    pei: Person
    qin: Person


def add_companies(town: Town) -> Companies:
    """Write the category and the companies."""
    Category.objects.create(
        code=WISH,
        version="test",
        name="其他诉求",
        name_en="Another wish",
        glyph="求",
        group="测试",
        limit_minutes=240,
        limit_unit="calendar",
        acts="volunteer",
        body="property",
        kind=Kind.REQUEST,
    )
    region = Region.objects.get(code=NEAR)
    bodies: list[Organisation] = []
    staff: list[Person] = []
    for code, name in (("first", "甲物业"), ("second", "乙物业")):
        body = Organisation.objects.create(
            code=code,
            name=name,
            name_en=f"Company {code}",
            kind="property",
            region=region,
            jurisdiction=MultiPolygon(box(0, 0, 3, 3), srid=4326),
            period=town.squad.period,
        )
        person = Person.objects.create_user(f"staff-{code}", "a-long-password", name=f"{name}员工")
        Membership.objects.create(
            person=person, role="staff", region=region, organisation=body, period=town.squad.period
        )
        bodies.append(body)
        staff.append(person)
    return Companies(bodies[0], bodies[1], staff[0], staff[1])


def wish(town: Town, who: str = "bob", words: str = "想请人看看水龙头") -> Report:
    """File a wish in the middle grid."""
    point = at(1.5, 1.5)
    draft = Draft(
        category=WISH, geom=point, anchor=point, place="7号楼", description=words, kind=Kind.REQUEST, contact=CONTACT
    )
    return file_report(draft, town.scope(who))


def add_task_bodies(town: Town) -> Companies:
    """Write the category of tasks, and the companies, which do the parts of what the squad leads."""
    Category.objects.create(
        code="91080", version="test", name="专项任务", name_en="Task", glyph="任", group="测试", limit_minutes=240,
        limit_unit="working", acts="volunteer", body="property", kind=Kind.TASK,
    )  # fmt: skip
    return add_companies(town)
