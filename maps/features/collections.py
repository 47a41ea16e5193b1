"""The registry of collections: the layers of the maps that others read as features, under the layers' names."""

from collections.abc import Callable
from typing import Any

from django.db.models import DateField, F, Func, Q, TextChoices
from django.db.models.expressions import Combinable
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grids.models import Building, Grid, Place, Region, Street
from grids.models.areas import ZoneKind
from grids.models.base import PeriodQuerySet
from grids.models.grid import GridKind
from grids.models.places import BuildingKind, PlaceKind, RegionLevel, StreetKind
from grids.scope import Scope
from grids.seen import checkpoints_ever, zones_ever
from maps.features.collection import Collection, Rows, Wanted
from maps.features.coverage import COVERAGE
from maps.features.properties import Kind, Property
from maps.features.reports import REPORTS
from maps.features.spans import Span
from maps.tiles.layers import LAYERS, OWNERS

NAMES = (Property("name", pgettext_lazy("of a thing", "Name"), lookup="name"), Property("name_en", _("English name")))
COMMUNITY = Property("region", _("Region code"), value=lambda: F("region__code"), lookup="region__code")
FIRST, LAST = "lower(%(expressions)s)", "(upper(%(expressions)s) - 1)"


def _day(template: str) -> Callable[[], Combinable]:
    return lambda: Func(F("period"), template=template, output_field=DateField())


PERIOD = (
    Property("since", _("First day"), Kind.DAY, _day(FIRST)),
    Property("last_day", _("Last day"), Kind.DAY, _day(LAST)),
)


def _of(name: str, title: str | Promise, choices: type[TextChoices]) -> Property:
    return Property(name, title, lookup=name, choices=dict(choices.choices))


def _drawn(name: str, title: str | Promise, kind: Kind) -> Property:
    """A property that the tiles of checkpoints carry too, with the same value."""
    return Property(name, title, kind, lambda: LAYERS["checkpoints"].columns()[name])


def _in_time(rows: PeriodQuerySet, wanted: Wanted) -> Rows:
    """Keep what holds in the time that is wanted, today without one."""
    if wanted.span is None:
        return rows.current()
    return rows if wanted.span == Span() else rows.filter(period__overlap=wanted.span.days())


def _service_grids(_scope: Scope, wanted: Wanted) -> Rows:
    return _in_time(Grid.objects.filter(kind=GridKind.SERVICE), wanted)


def _owned_grids(scope: Scope, wanted: Wanted) -> Rows:
    seen = scope.within("region__code") | Q(pk__in=scope.grids)
    return _in_time(Grid.objects.filter(seen, kind=GridKind.SERVICE), wanted)


def _layer(
    name: str, description: str | Promise, rows: Callable[[Scope, Wanted], Rows], *properties: Property, **more: Any
) -> Collection:
    """Return the collection of a layer, of its name, title and audience."""
    layer = LAYERS[name]
    return Collection(name, layer.title, description, layer.public, rows, properties, geometry=layer.geometry, **more)


COLLECTIONS: dict[str, Collection] = {
    collection.name: collection
    for collection in (
        _layer(
            "regions",
            _("Districts, subdistricts and communities with their boundaries."),
            lambda _scope, wanted: _in_time(Region.objects.all(), wanted),
            Property("code", _("Code"), lookup="code"),
            *NAMES,
            _of("level", _("Level"), RegionLevel),
            *PERIOD,
            shape="MultiPolygon",
            timed=True,
        ),
        _layer(
            "grids",
            _("The patches that communities are split into."),
            _service_grids,
            Property("code", _("Code"), lookup="code"),
            NAMES[0],
            COMMUNITY,
            *PERIOD,
            shape="Polygon",
            timed=True,
        ),
        _layer(
            "streets",
            _("Streets, paths, railways and waterways."),
            lambda _scope, _wanted: Street.objects.all(),
            *NAMES,
            _of("kind", _("Kind"), StreetKind),
            Property("tunnel", _("Under the ground"), Kind.FLAG, lookup="tunnel"),
            shape="LineString",
        ),
        _layer(
            "buildings",
            _("Buildings with their outlines."),
            lambda _scope, _wanted: Building.objects.all(),
            NAMES[0],
            _of("kind", _("Kind"), BuildingKind),
            Property("floors", _("Floors"), Kind.WHOLE, lookup="floors"),
            shape="MultiPolygon",
        ),
        _layer(
            "places",
            _("Estates, parks, schools, markets, water and other named places."),
            lambda _scope, _wanted: Place.objects.all(),
            *NAMES,
            _of("kind", _("Kind"), PlaceKind),
        ),
        Collection(
            name="grid_owners",
            title=OWNERS.title,
            description=_("The grids of your reach: their households, and whether somebody answers for them."),
            public=False,
            rows=_owned_grids,
            shape="Polygon",
            timed=True,
            properties=(
                Property("code", _("Code"), lookup="code"),
                NAMES[0],
                COMMUNITY,
                Property("households", _("Households"), Kind.WHOLE),
                Property("owner", _("Has an owner"), Kind.FLAG, lambda: OWNERS.columns()["owner"]),
                *PERIOD,
            ),
        ),
        _layer(
            "checkpoints",
            _("The places that are inspected, with how they stand."),
            lambda scope, wanted: _in_time(checkpoints_ever(scope), wanted),
            *NAMES,
            Property("type", _("Type code"), value=lambda: F("type__code"), lookup="type__code"),
            Property("type_name", _("Type"), value=lambda: F("type__name")),
            COMMUNITY,
            _drawn("status", _("Status"), Kind.TEXT),
            _drawn("zero", _("Zero-deduction point"), Kind.FLAG),
            *PERIOD,
            timed=True,
        ),
        Collection(
            name="zones",
            title=_("Zones"),
            description=_("Areas and stretches with rules of their own: duty, core and campaign areas, exemptions."),
            public=False,
            rows=lambda scope, wanted: _in_time(zones_ever(scope), wanted),
            timed=True,
            properties=(*NAMES, _of("kind", _("Kind"), ZoneKind), COMMUNITY, *PERIOD),
        ),
        COVERAGE,
        REPORTS,
    )
}


def seen_by(scope: Scope) -> list[Collection]:
    """Return the collections that somebody has: a visitor the public ones."""
    return [one for one in COLLECTIONS.values() if one.public or scope.person]
