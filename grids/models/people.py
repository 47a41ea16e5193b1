"""People, the bodies they belong to, and what they answer for."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.expressions import SearchGrams
from grids.models.areas import Zone
from grids.models.base import Dated, no_overlap, sound
from grids.models.grid import Grid
from grids.models.places import Named, Region, Stairwell
from grids.models.plant import Checkpoint


class PersonManager(BaseUserManager["Person"]):
    """Creates people with a usable or an unusable password."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "Person":
        """Create a person; without a password nobody can sign in as them."""
        person = self.model(username=self.model.normalize_username(username), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "Person":
        """Create a person who may do everything."""
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)


class Person(Named, AbstractBaseUser, PermissionsMixin):
    """Somebody who works with the system (人员): tombstoned when they leave, never deleted."""

    username = models.CharField(_("user name"), max_length=60, unique=True, validators=[UnicodeUsernameValidator()])
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    party_member = models.BooleanField(_("party member"), default=False)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("may use the administration"), default=False)
    invented = models.BooleanField(_("invented for a demonstration"), db_default=False, default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    tombstoned_at = models.DateTimeField(_("left"), null=True, blank=True)

    objects: ClassVar[PersonManager] = PersonManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(
                name="person_quiet_hours_whole",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="person_list"),
            GinIndex(SearchGrams("name"), name="person_words"),
        ]

    def __str__(self) -> str:
        return self.local_name or self.username


class Team(Named):
    """A team of volunteers in a tree of teams (队伍)."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("above it"), null=True, blank=True, related_name="children"
    )
    level = models.PositiveSmallIntegerField(_("level"))
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), related_name="teams")

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")


class OrganisationKind(models.TextChoices):
    """Kind of a body that has powers or duties."""

    URBAN_MANAGEMENT = "urban_management", _("urban management squad")
    MARKET_SUPERVISION = "market_supervision", _("market supervision office")
    TRAFFIC_POLICE = "traffic_police", _("traffic police")
    PROPERTY = "property", _("property company")
    RESIDENTS_COMMITTEE = "residents_committee", _("residents' committee")
    SANITATION = "sanitation", _("sanitation")
    MUNICIPAL = "municipal", _("municipal works")
    FIRE = "fire", _("fire brigade")
    GREENING = "greening", _("greening")
    CONTRACTED_UNIT = "contracted_unit", _("contracted unit")


class Organisation(Named, Dated):
    """A body that answers for kinds of problems within its jurisdiction (单位)."""

    code = models.CharField(_("code"), max_length=40)
    kind = models.CharField(_("kind"), max_length=24, choices=OrganisationKind)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), related_name="organisations")
    jurisdiction = models.MultiPolygonField(_("jurisdiction"), srid=4326, spatial_index=False)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [sound("organisation", "jurisdiction"), no_overlap("organisation", ["code"])]
        indexes = [GistIndex(fields=["jurisdiction"], name="organisation_jurisdiction")]


class Role(models.TextChoices):
    """What a membership lets a person do in its region."""

    LEADER = "leader", _("grid leader")
    STEWARD = "steward", _("stairwell steward")
    VOLUNTEER = "volunteer", _("volunteer")
    DISPATCHER = "dispatcher", _("dispatcher")
    PLANNER = "planner", _("planner")
    INSPECTOR = "inspector", _("inspector")
    ADMIN = "admin", _("administrator")
    STAFF = "staff", _("staff of a body")


class Membership(Dated):
    """A person's role in a region, in a team or in a body, for a time (任职)."""

    person = models.ForeignKey(Person, models.PROTECT, verbose_name=_("person"), related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), related_name="memberships")
    team = models.ForeignKey(
        Team, models.PROTECT, verbose_name=_("team"), null=True, blank=True, related_name="memberships"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name=_("organisation"), null=True, blank=True, related_name="memberships"
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            no_overlap("membership", ["person", "role", "region"]),
            models.CheckConstraint(
                name="membership_staff_has_organisation",
                condition=~Q(role=Role.STAFF) | Q(organisation__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_role_display()}"


def exactly_one(name: str, fields: list[str]) -> models.CheckConstraint:
    """Return the constraint that exactly one of the foreign keys is set."""
    condition = Q()
    for chosen in fields:
        condition |= Q(**{f"{field}__isnull": field != chosen for field in fields})
    return models.CheckConstraint(name=name, condition=condition)


class AssignmentRole(models.TextChoices):
    """How somebody answers for a place."""

    OWNER = "owner", _("owner")
    DEPUTY = "deputy", _("deputy")
    MEMBER = "member", _("member")


class Assignment(Dated):
    """Who answers for a grid, a checkpoint, a stairwell or a zone, and when (责任分工)."""

    person = models.ForeignKey(
        Person, models.PROTECT, verbose_name=_("person"), null=True, blank=True, related_name="assignments"
    )
    team = models.ForeignKey(
        Team, models.PROTECT, verbose_name=_("team"), null=True, blank=True, related_name="assignments"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name=_("organisation"), null=True, blank=True, related_name="assignments"
    )
    grid = models.ForeignKey(
        Grid, models.PROTECT, verbose_name=_("grid"), null=True, blank=True, related_name="assignments"
    )
    checkpoint = models.ForeignKey(
        Checkpoint, models.PROTECT, verbose_name=_("checkpoint"), null=True, blank=True, related_name="assignments"
    )
    stairwell = models.ForeignKey(
        Stairwell, models.PROTECT, verbose_name=_("stairwell"), null=True, blank=True, related_name="assignments"
    )
    zone = models.ForeignKey(
        Zone, models.PROTECT, verbose_name=_("zone"), null=True, blank=True, related_name="assignments"
    )
    role = models.CharField(_("role"), max_length=8, choices=AssignmentRole)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            exactly_one("assignment_one_holder", ["person", "team", "organisation"]),
            exactly_one("assignment_one_place", ["grid", "checkpoint", "stairwell", "zone"]),
            *(
                no_overlap(f"assignment_{place}_owner", [place], Q(role=AssignmentRole.OWNER))
                for place in ("grid", "checkpoint", "stairwell", "zone")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} · {self.get_role_display()}"

    @property
    def holder(self) -> Person | Team | Organisation:
        """Whoever answers."""
        holder = self.person or self.team or self.organisation
        assert holder is not None
        return holder


class Pairing(Dated):
    """A body paired with a community (结对共建, 包联)."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name=_("organisation"), related_name="pairings"
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), related_name="pairings")

    class Meta:
        verbose_name = _("pairing")
        verbose_name_plural = _("pairings")
        constraints = [no_overlap("pairing", ["organisation", "region"])]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.region}"


class HonourStatus(models.TextChoices):
    """Where an honour stands."""

    CREATED = "created", _("created")
    REEVALUATED = "reevaluated", _("re-evaluated")
    REVOKED = "revoked", _("revoked")


class Honour(Dated):
    """An honour of a unit such as civilised unit (荣誉): revoked leaves the totals, not the history."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name=_("organisation"), related_name="honours"
    )
    title = models.CharField(_("title"), max_length=120)
    status = models.CharField(_("status"), max_length=12, choices=HonourStatus)

    class Meta:
        verbose_name = _("honour")
        verbose_name_plural = _("honours")
        constraints = [no_overlap("honour", ["organisation", "title"])]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.title}"


class Skill(models.Model):
    """Something a volunteer can do, such as first aid (技能)."""

    person = models.ForeignKey(Person, models.CASCADE, verbose_name=_("person"), related_name="skills")
    code = models.SlugField(_("skill"), max_length=40)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        constraints = [models.UniqueConstraint(fields=["person", "code"], name="skill_once")]

    def __str__(self) -> str:
        return self.code


class Availability(models.Model):
    """When in the week a volunteer can be asked (可服务时间)."""

    person = models.ForeignKey(Person, models.CASCADE, verbose_name=_("person"), related_name="availabilities")
    weekday = models.PositiveSmallIntegerField(_("day of the week, Monday is 1"))
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))

    class Meta:
        verbose_name = _("availability")
        verbose_name_plural = _("availabilities")
        constraints = [
            models.CheckConstraint(name="availability_weekday", condition=Q(weekday__gte=1, weekday__lte=7)),
            models.CheckConstraint(name="availability_order", condition=Q(starts__lt=models.F("ends"))),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts:%H:%M}-{self.ends:%H:%M}"
