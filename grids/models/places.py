"""Places as the city knows them: regions, streets, buildings, stairwells and names."""

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db.models import Q
from django.db.models.lookups import In
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from grids.expressions import GeometryType
from grids.models.base import Dated, Sourced, no_overlap, sound, unique_source


class Named(models.Model):
    """A thing with a Chinese name and, where known, an English one."""

    name = models.CharField(_("name"), max_length=120, blank=True)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.local_name

    @property
    def local_name(self) -> str:
        """The name in the reader's language."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class RegionLevel(models.TextChoices):
    """Level of an administrative region; the code has 6, 9 or 12 digits."""

    DISTRICT = "district", _("district")
    SUBDISTRICT = "subdistrict", _("subdistrict")
    COMMUNITY = "community", _("community")


class Region(Named, Dated, Sourced):
    """An administrative region (区域): district, subdistrict or community; the code's prefix is its ancestry."""

    code = models.CharField(_("code"), max_length=12, db_index=True)
    level = models.CharField(_("level"), max_length=12, choices=RegionLevel)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("above it"), null=True, blank=True, related_name="children"
    )
    geom = models.MultiPolygonField(_("boundary"), srid=4326, spatial_index=False)

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        constraints = [
            unique_source("region"),
            sound("region"),
            no_overlap("region", ["code"]),
            models.CheckConstraint(
                name="region_code_fits_level",
                condition=Q(level="district", code__regex=r"^\d{6}$")
                | Q(level="subdistrict", code__regex=r"^\d{9}$")
                | Q(level="community", code__regex=r"^\d{12}$"),
            ),
        ]
        indexes = [GistIndex(fields=["geom"], name="region_geom")]


class StreetKind(models.TextChoices):
    """Class of a line on the ground, from the widest road to water."""

    TRUNK = "trunk", _("trunk road")
    PRIMARY = "primary", _("main road")
    SECONDARY = "secondary", _("secondary road")
    TERTIARY = "tertiary", _("branch road")
    RESIDENTIAL = "residential", _("residential street")
    ALLEY = "alley", _("alley")
    PATH = "path", _("path")
    RAIL = "rail", _("railway")
    SUBWAY = "subway", _("subway or tram")
    WATER = "water", _("waterway")
    STREAM = "stream", _("brook or ditch")


# What nobody walks along and no address names.
NO_STREETS = (StreetKind.RAIL, StreetKind.SUBWAY, StreetKind.WATER, StreetKind.STREAM)


class Street(Named, Sourced):
    """A street, path, railway or waterway as a line (街巷); what runs under the ground divides nobody."""

    kind = models.CharField(_("kind"), max_length=12, choices=StreetKind)
    tunnel = models.BooleanField(_("under the ground"), default=False, db_default=False)
    geom = models.LineStringField(_("line"), srid=4326, spatial_index=False)

    class Meta:
        verbose_name = _("street")
        verbose_name_plural = _("streets")
        constraints = [unique_source("street"), sound("street")]
        indexes = [GistIndex(fields=["geom"], name="street_geom")]


class BuildingKind(models.TextChoices):
    """Use of a building."""

    RESIDENTIAL = "residential", _("residential building")
    COMMERCIAL = "commercial", _("commercial building")
    PUBLIC = "public", _("public building")
    SCHOOL = "school", _("school building")
    MARKET = "market", _("market hall")
    INDUSTRIAL = "industrial", _("industrial building")
    GATE = "gate", _("gatehouse")
    OTHER = "other", _("other building")


class Building(Named, Sourced):
    """A building with its households (楼栋)."""

    kind = models.CharField(_("kind"), max_length=12, choices=BuildingKind, default=BuildingKind.OTHER)
    households = models.PositiveIntegerField(_("households"), null=True, blank=True)
    floors = models.PositiveSmallIntegerField(_("floors"), null=True, blank=True)
    estate = models.CharField(_("estate"), max_length=120, blank=True)
    region = models.ForeignKey(
        Region, models.PROTECT, verbose_name=_("region"), null=True, blank=True, related_name="buildings"
    )
    geom = models.GeometryField(_("outline"), srid=4326, spatial_index=False)

    class Meta:
        verbose_name = _("building")
        verbose_name_plural = _("buildings")
        constraints = [
            unique_source("building"),
            sound("building"),
            models.CheckConstraint(
                name="building_is_area", condition=In(GeometryType("geom"), ["POLYGON", "MULTIPOLYGON"])
            ),
        ]
        indexes = [GistIndex(fields=["geom"], name="building_geom")]


class Stairwell(Sourced):
    """A stairwell of a building, the smallest place somebody answers for (单元楼道)."""

    building = models.ForeignKey(Building, models.CASCADE, verbose_name=_("building"), related_name="stairwells")
    label = models.CharField(_("label"), max_length=40)
    households = models.PositiveIntegerField(_("households"), null=True, blank=True)
    geom = models.PointField(_("door"), srid=4326, spatial_index=False)

    class Meta:
        verbose_name = _("stairwell")
        verbose_name_plural = _("stairwells")
        constraints = [
            unique_source("stairwell"),
            sound("stairwell"),
            models.UniqueConstraint(fields=["building", "label"], name="stairwell_label"),
        ]
        indexes = [GistIndex(fields=["geom"], name="stairwell_geom")]

    def __str__(self) -> str:
        return f"{self.building}{self.label}"


class PlaceKind(models.TextChoices):
    """What a named place is."""

    ESTATE = "estate", _("estate")
    MARKET = "market", _("market")
    SCHOOL = "school", _("school")
    PARK = "park", _("park")
    SQUARE = "square", _("square")
    WATER = "water", _("water")
    HOSPITAL = "hospital", _("hospital")
    OFFICE = "office", _("office")
    SHOP = "shop", _("shop")
    STATION = "station", _("station")
    TOILET = "toilet", _("public toilet")
    OTHER = "other", _("other place")


class Place(Named, Sourced):
    """A named place that people search for, with its other names (地名)."""

    aliases = ArrayField(models.CharField(max_length=120), verbose_name=_("other names"), default=list, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=PlaceKind)
    geom = models.GeometryField(_("place"), srid=4326, spatial_index=False)

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = [unique_source("place"), sound("place")]
        indexes = [GistIndex(fields=["geom"], name="place_geom")]
