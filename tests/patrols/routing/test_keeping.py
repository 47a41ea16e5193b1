"""Writing rules in a draft, and putting it in force."""

from datetime import time
from typing import Any
from uuid import uuid4

import pytest

from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from patrols.models import Proposal, RoutingEdition, RoutingRule
from patrols.models.routing import EditionState
from patrols.routing import keeping
from tests.patrols.routing.rules import in_force
from tests.patrols.routing.test_proposing import file
from tests.town import DISTRICT, FAR, LITTER, NEAR, PARKING, Town

OWNER: dict[str, Any] = {"target": "owner"}
BODY: dict[str, Any] = {"target": "body"}


def numbers(code: str = DISTRICT) -> list[str]:
    draft = keeping.edition_of(code, EditionState.DRAFT)
    return [rule.target for rule in keeping.rules_of(draft)]


def test_a_draft_begins_as_a_copy_and_changes_nothing_until_it_is_put_in_force(town: Town) -> None:
    [rule] = in_force(BODY)
    report = file(town, 1.5, 1.5)
    assert Proposal.objects.get(report=report).rule is None  # no sanitation here
    paula = town.scope("paula")
    added = keeping.add(paula, DISTRICT, OWNER)
    keeping.move(paula, DISTRICT, added.key, 1)
    assert numbers() == ["owner", "body"]
    assert Proposal.objects.get(report=report).rule is None
    edition, again = keeping.publish(paula, DISTRICT, 2)
    assert (edition.number, again) == (2, 1)
    assert Proposal.objects.get(report=report).person == town.alice
    rule.edition.refresh_from_db()
    assert (rule.edition.state, rule.edition.until) == (EditionState.OVER, edition.since)
    assert edition.rules.get(target="body").key == rule.key
    assert edition.published_by == town.paula


def test_what_was_proposed_by_rules_that_are_over_stays_explainable(town: Town) -> None:
    in_force(OWNER)
    report = file(town, 1.5, 1.5)
    rejected = Proposal.objects.get(report=report).rule
    type(report).objects.filter(pk=report.pk).update(state="closed")
    paula = town.scope("paula")
    key = keeping.rules_of(keeping.edition_of(DISTRICT, EditionState.IN_FORCE))[0].key
    keeping.change(paula, DISTRICT, key, {"categories": [PARKING]})
    keeping.publish(paula, DISTRICT)
    kept = Proposal.objects.get(report=report)
    assert kept.rule == rejected
    assert kept.rule is not None
    assert kept.rule.categories == []


def test_rules_are_moved_switched_off_removed_and_numbered_anew(town: Town) -> None:
    paula = town.scope("paula")
    first, second, third = (
        keeping.add(paula, NEAR, given) for given in (OWNER, BODY, {**BODY, "categories": [LITTER]})
    )
    keeping.move(paula, NEAR, third.key, 1)
    keeping.change(paula, NEAR, second.key, {"active": False})
    keeping.remove(paula, NEAR, first.key)
    draft = keeping.edition_of(NEAR, EditionState.DRAFT)
    rows = keeping.rules_of(draft)
    assert [(row.position, row.key, row.active) for row in rows] == [(1, third.key, True), (2, second.key, False)]
    keeping.move(paula, NEAR, third.key, 99)
    assert [row.key for row in keeping.rules_of(draft)] == [second.key, third.key]
    keeping.discard(paula, NEAR)
    assert not RoutingRule.objects.exists()


def test_what_differs_between_a_draft_and_what_is_in_force_is_named(town: Town) -> None:
    in_force(OWNER, BODY, {**BODY, "categories": [LITTER]}, {**BODY, "categories": [PARKING]})
    paula = town.scope("paula")
    before = keeping.rules_of(keeping.edition_of(DISTRICT, EditionState.IN_FORCE))
    new = keeping.add(paula, DISTRICT, {**OWNER, "categories": [LITTER]})
    keeping.move(paula, DISTRICT, new.key, 1)
    keeping.remove(paula, DISTRICT, before[0].key)
    keeping.change(paula, DISTRICT, before[1].key, {"approval": True})
    keeping.move(paula, DISTRICT, before[3].key, 3)
    found = keeping.changed(before, keeping.rules_of(keeping.edition_of(DISTRICT, EditionState.DRAFT)))
    keys = {name: [row.key for row in rows] for name, rows in found.items()}
    assert keys["added"] == [new.key]
    assert keys["removed"] == [before[0].key]
    assert keys["changed"] == [before[1].key]
    assert set(keys["moved"]) == {before[2].key, before[3].key}


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": "everybody"},
        {"target": "organisation"},
        {"target": "organisation", "organisation_id": 10**9},
        {"target": "body", "categories": ["99999"]},
        {"target": "body", "groups": ["没有"]},
        {"target": "body", "place": "zone"},
        {"target": "owner", "place": "jurisdiction"},
        {"target": "body", "time": "weekly", "weekdays": [1]},
        {"target": "body", "time": "weekly", "weekdays": [0], "starts": time(8), "ends": time(9)},
        {"target": "body", "time": "dates"},
        {"target": "body", "approval": True, "automatic": True},
    ],
)
def test_a_rule_that_cannot_be_is_refused_and_begins_no_draft(town: Town, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        keeping.add(town.scope("paula"), DISTRICT, wrong)
    assert not RoutingEdition.objects.exists()


def test_only_planners_of_the_region_write_and_who_reads_is_told_so(town: Town) -> None:
    with pytest.raises(NotAllowed):
        keeping.add(town.scope("dora"), NEAR, OWNER)
    with pytest.raises(NotFound):
        keeping.add(town.scope("dora"), FAR, OWNER)
    with pytest.raises(NotFound):
        keeping.add(town.scope("bob"), NEAR, OWNER)


def test_a_draft_that_somebody_else_put_in_force_meanwhile_is_not_put_in_force_again(town: Town) -> None:
    paula = town.scope("paula")
    keeping.add(paula, DISTRICT, OWNER)
    keeping.publish(paula, DISTRICT, 1)
    keeping.add(paula, DISTRICT, BODY)
    with pytest.raises(Conflict):
        keeping.publish(paula, DISTRICT, 1)
    with pytest.raises(NotFound):
        keeping.change(paula, DISTRICT, uuid4(), {"active": False})


def test_every_change_of_a_rule_is_in_its_history(town: Town) -> None:
    paula = town.scope("paula")
    rule = keeping.add(paula, DISTRICT, OWNER)
    keeping.change(paula, DISTRICT, rule.key, {"approval": True})
    history: Any = rule
    assert [row.approval for row in history.history.order_by("pgh_id")] == [False, True]
