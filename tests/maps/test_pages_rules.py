"""The pages of routing rules: read by dispatchers, written by planners."""

from typing import Any

from django.contrib.gis.geos import MultiPolygon

from grids.models import Region, Team, Zone
from patrols.models import RoutingEdition, RoutingRule
from patrols.models.routing import EditionState
from patrols.routing import keeping
from tests.patrols.routing.rules import in_force
from tests.town import DISTRICT, FAR, LITTER, NEAR, PARKING, Town, box

RULES = "/planner/rules/"
EN = {"accept-language": "en"}
FORM = {"target": "owner", "place": "any", "time": "any", "way": "hand"}


def page(client: Any, code: str = DISTRICT, path: str = RULES) -> str:
    answer = client.get(f"{path}?region={code}", headers=EN)
    assert answer.status_code == 200, answer
    return " ".join(answer.content.decode().split())


def test_a_planner_enters_orders_and_puts_rules_in_force(town: Town, as_person: Any) -> None:
    client = as_person("paula")
    assert "There are no rules here yet" in page(client)
    client.post(f"{RULES}new/?region={DISTRICT}", {**FORM, "categories": [LITTER]})
    client.post(f"{RULES}new/?region={DISTRICT}", {**FORM, "target": "body", "way": "approval"})
    text = page(client)
    assert "Category 06010: to the owner of the grid, or its deputy." in text
    assert "A draft with 2 changes: nothing of it holds yet" in text
    first, second = RoutingRule.objects.order_by("position")
    client.post(RULES, {"act": "move", "region": DISTRICT, "key": second.key, "position": 1})
    assert "It is asked only where rule 1 finds nobody." in page(client)
    client.post(RULES, {"act": "publish", "region": DISTRICT, "number": 1})
    text = page(client)
    assert "2 rules in use" in text
    assert "hole" in text
    assert [rule.key for rule in keeping.rules_of(keeping.edition_of(DISTRICT, EditionState.IN_FORCE))] == [
        second.key,
        first.key,
    ]


def test_a_rule_is_changed_switched_off_and_removed_in_the_draft(town: Town, as_person: Any) -> None:
    [rule] = in_force({"target": "owner"})
    client = as_person("paula")
    assert 'value="owner" checked' in page(client, path=f"{RULES}{rule.key}/")
    client.post(f"{RULES}{rule.key}/?region={DISTRICT}", {**FORM, "target": "body", "categories": [PARKING]})
    client.post(RULES, {"act": "switch", "region": DISTRICT, "key": rule.key, "active": "0"})
    draft = RoutingRule.objects.get(edition__state=EditionState.DRAFT)
    assert (draft.target, draft.active, draft.categories) == ("body", False, [PARKING])
    client.post(RULES, {"act": "remove", "region": DISTRICT, "key": rule.key})
    assert "removed" in page(client)
    client.post(RULES, {"act": "discard", "region": DISTRICT})
    assert RoutingEdition.objects.count() == 1


def test_what_is_wrong_is_said_and_the_form_keeps_what_was_given(town: Town, as_person: Any) -> None:
    answer = as_person("paula").post(
        f"{RULES}new/?region={DISTRICT}", {**FORM, "time": "weekly", "starts": "08:00"}, headers=EN
    )
    assert answer.status_code == 422
    assert "Choose the days of the week." in answer.content.decode()
    assert 'value="08:00"' in answer.content.decode()
    assert not RoutingRule.objects.exists()


def test_what_is_wrong_stands_at_its_field_which_has_the_focus(town: Town, as_person: Any) -> None:
    form = {**FORM, "time": "dates", "first_day": "2026-05-02", "last_day": "2026-05-01"}
    answer = as_person("paula").post(f"{RULES}new/?region={DISTRICT}", form, headers=EN)
    text = " ".join(answer.content.decode().split())
    assert text.count("The last day lies before the first.") == 1
    assert 'value="2026-05-01" aria-invalid="true" aria-describedby="problem-last_day" autofocus' in text
    assert 'id="problem-last_day">The last day lies before the first.' in text


def test_a_dispatcher_reads_the_rules_of_their_region_and_above_and_changes_none(town: Town, as_person: Any) -> None:
    [rule] = in_force({"target": "owner"})
    client = as_person("dora")
    text = page(client)
    assert "Every problem: to the owner of the grid" in text
    assert 'value="switch"' not in text
    assert "rule 1 of the district" in page(client, NEAR)
    assert client.get(f"{RULES}?region={FAR}").status_code == 404
    body = {"act": "switch", "region": DISTRICT, "key": rule.key, "active": "0"}
    assert client.post(RULES, body).status_code == 403
    assert client.get(f"{RULES}new/?region={NEAR}").status_code == 403


def test_holes_are_a_list_with_hectares_and_a_map(town: Town, as_person: Any) -> None:
    in_force({"target": "body"})
    text = page(as_person("dora"), NEAR, f"{RULES}holes/")
    assert "9.00 ha without anybody, 100 % of the community" in text
    assert "Category 06010, Category 01002" in text or "Category 01002, Category 06010" in text or "hole" in text
    assert '"MultiPolygon"' in text


def test_others_find_none_of_it(town: Town, as_person: Any) -> None:
    for path in (RULES, f"{RULES}new/", f"{RULES}holes/"):
        assert as_person("bob").get(path).status_code == 404


def test_the_page_takes_at_most_twelve_queries(town: Town, as_person: Any, django_assert_max_num_queries: Any) -> None:
    """With all there can be: a draft, bodies of elsewhere, people and teams, a zone, and a trial."""
    team = Team.objects.create(name="突击队", level=1, region=Region.objects.get(code=NEAR))
    zone = Zone.objects.create(
        name="老街",
        kind="duty",
        source_id="z1",
        region=town.grids[5].region,
        geom=MultiPolygon(box(0, 0, 2, 2), srid=4326),
    )
    in_force(
        {"target": "owner"},
        {"target": "body"},
        {"target": "organisation", "organisation": town.squad},
        {"target": "team", "team": team, "place": "zone", "zone": zone},
    )
    keeping.add(town.scope("paula"), DISTRICT, {"target": "owner"})
    client = as_person("paula")
    client.post(RULES, {"act": "trial", "region": DISTRICT, "days": "30"})
    client.get(f"{RULES}?region={DISTRICT}")
    with django_assert_max_num_queries(12):
        text = page(client)
    assert "A draft with 1 change" in text
