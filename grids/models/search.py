"""The index of the search for places: one row for every way in which a place is called."""

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.utils.translation import gettext_lazy as _

from grids.expressions import OneElement, SearchGrams, SearchInitials, SearchSounds


class SearchSource(models.TextChoices):
    """Which table a name stands for."""

    REGION = "region", _("region")
    PLACE = "place", _("place")
    STREET = "street", _("street")
    BUILDING = "building", _("building")
    STAIRWELL = "stairwell", _("stairwell")
    GRID = "grid", _("grid")
    CHECKPOINT = "checkpoint", _("checkpoint")
    SERVICE_POINT = "service_point", _("service point")
    ORGANISATION = "organisation", _("organisation")


class SearchName(models.Model):
    """One name of one place in one reading (检索名称), derived from its source by `grids.search.index`, never edited.

    `text` is the name as written (the place's own, an alias, a code), `name` what the place is called. `key`, `pinyin`,
    `sounds` and `initials` are as `grids.search.spelling` makes them, syllables joined by spaces. `stamp` is a digest
    of what the source said when the row was made.
    """

    source = models.CharField(max_length=14, choices=SearchSource)
    source_key = models.BigIntegerField()
    kind = models.CharField(max_length=14)
    region_code = models.CharField(max_length=12, blank=True)
    name = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300, blank=True)
    text = models.CharField(max_length=300)
    # Compared byte by byte: so a plain index serves beginnings, in whatever collation the database was made.
    key = models.TextField(db_collation="C")
    pinyin = models.TextField(db_collation="C")
    sounds = models.TextField(db_collation="C")
    initials = models.TextField(db_collation="C")
    weight = models.PositiveSmallIntegerField()
    point = models.PointField(srid=4326, spatial_index=False)
    box = ArrayField(models.FloatField(), size=4)
    stamp = models.UUIDField()

    class Meta:
        verbose_name = _("searchable name")
        constraints = [
            models.UniqueConstraint(fields=["source", "source_key", "key", "pinyin"], name="search_name_once"),
        ]
        indexes = [
            GistIndex(fields=["point"], name="search_name_point"),
            models.Index(fields=["key"], name="search_name_key"),
            models.Index(fields=["sounds"], name="search_name_sounds"),
            models.Index(fields=["initials"], name="search_name_initials"),
            GinIndex(
                SearchGrams("key"),
                SearchSounds("sounds"),
                SearchInitials("initials"),
                OneElement("kind"),
                name="search_name_grams",
                # A search must not wade through rows that were only put aside.
                fastupdate=False,
            ),
        ]

    def __str__(self) -> str:
        return self.text
