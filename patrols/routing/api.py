"""The API of routing rules under /api/v1/: those in force, a draft, and what was in force before."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from grids.endpoints.fields import RegionField
from grids.rest import ListView, OneView, Query
from grids.scope import Scope
from patrols.models import RoutingRule
from patrols.models.routing import EditionState, RulePlace, RuleTarget, RuleTime
from patrols.routing.reach import readable
from patrols.routing.reading import Names, sentence

Shape = serializers.Serializer[Any]


class RuleQuery(Query):
    """The filters of routing rules."""

    region = RegionField()
    state = serializers.ChoiceField(
        EditionState.values, default=EditionState.IN_FORCE, help_text="Of the edition that the rules stand in."
    )


class RoutingRuleShape(Shape):
    """A rule that says who gets which problems; hours in the site's time zone."""

    id = serializers.IntegerField()
    key = serializers.UUIDField(help_text="The same over all editions.")
    region = serializers.CharField(source="region_code", help_text="Whose rule it is: a region's code.")
    edition = serializers.IntegerField(source="edition.number")
    state = serializers.ChoiceField(EditionState.values, source="edition.state")
    since = serializers.DateTimeField(source="edition.since", allow_null=True)
    until = serializers.DateTimeField(source="edition.until", allow_null=True)
    position = serializers.IntegerField(help_text="Its number: the first that finds somebody wins.")
    active = serializers.BooleanField()
    categories = serializers.ListField(child=serializers.CharField(), help_text="Codes; none here and in groups: all.")
    groups = serializers.ListField(child=serializers.CharField())
    place = serializers.ChoiceField(RulePlace.values)
    zone = serializers.IntegerField(source="zone_id", allow_null=True)
    time = serializers.ChoiceField(RuleTime.values)
    weekdays = serializers.ListField(child=serializers.IntegerField(), help_text="Monday is 1.")
    starts = serializers.TimeField(allow_null=True)
    ends = serializers.TimeField(allow_null=True, help_text="Before `starts`: on the next day.")
    first_day = serializers.DateField(allow_null=True)
    last_day = serializers.DateField(allow_null=True, help_text="Included.")
    target = serializers.ChoiceField(RuleTarget.values)
    organisation = serializers.IntegerField(source="organisation_id", allow_null=True)
    team = serializers.IntegerField(source="team_id", allow_null=True)
    approval = serializers.BooleanField(help_text="Discussed before it goes out.")
    automatic = serializers.BooleanField(help_text="Goes out by itself once accepted.")
    words = serializers.SerializerMethodField(help_text="The rule in plain words.")

    @extend_schema_field(serializers.CharField())
    def get_words(self, rule: RoutingRule) -> str:
        """Read the rule back; the catalogue is read once for a page."""
        page: Any = self.parent or self
        if not hasattr(page, "names"):
            page.names = Names.read()
        return sentence(rule, page.names)


class RoutingRuleList(ListView):
    """Routing rules of the caller's regions and of those above."""

    query = RuleQuery
    shape = RoutingRuleShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[RoutingRule]:
        """Return those of the editions in a state."""
        rows = rules_visible_to(scope).filter(edition__state=asked["state"])
        return rows.filter(region_code__startswith=asked["region"]) if asked.get("region") else rows


class RoutingRuleDetail(OneView):
    """One rule as it stood in one edition."""

    shape = RoutingRuleShape

    def rows(self, scope: Scope) -> QuerySet[RoutingRule]:
        """Return those that somebody may read."""
        return rules_visible_to(scope)


def rules_visible_to(scope: Scope) -> QuerySet[RoutingRule]:
    """Return the rules that somebody may read, of any edition, with whom and what they name."""
    rows = RoutingRule.objects.filter(readable(scope)).select_related("edition", "zone", "organisation", "team")
    return rows.defer("zone__geom", "organisation__jurisdiction")


urlpatterns = [
    path("routing-rules", RoutingRuleList.as_view(), name="api-routing-rules"),
    path("routing-rules/<int:identity>", RoutingRuleDetail.as_view(), name="api-routing-rule"),
]
