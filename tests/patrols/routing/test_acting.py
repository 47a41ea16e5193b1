"""What the rules change: who comes first, what goes out by itself, what is discussed before."""

from typing import Any
from uuid import uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone, translation

from grids.models import Region, Team
from grids.problems import NotAllowed
from patrols.authority import available
from patrols.candidates import candidates
from patrols.models import Event, Report
from patrols.transitions import Move, transition
from patrols.workflow import State
from tests.patrols.routing.rules import in_force
from tests.patrols.routing.test_proposing import body, file
from tests.town import FAR, NEAR, PARKING, Town


def verbs(report: Report, town: Town, who: str = "dora") -> set[str]:
    fresh = Report.objects.for_list().get(pk=report.pk)
    return {row.verb for row in available(fresh, town.scope(who))}


def test_whom_the_rules_propose_comes_first_with_the_rule_as_the_reason(town: Town) -> None:
    team = Team.objects.create(code="t", name="突击队", level=1, region=Region.objects.get(code=NEAR))
    in_force({"target": "team", "team": team})
    with translation.override("en"):
        answer = candidates(file(town, 1.5, 1.5))
    first = answer["results"][0]
    assert (first["kind"], first["id"], first["fits"]) == ("team", team.pk, True)
    assert first["why"] == "By rule 1 of the district: named by the rule, and at home here"
    assert answer["approval"] is False
    assert [row["name"] for row in answer["results"][1:]] == ["Alice", "Bob", "Urban management squad"]


def test_a_candidate_that_is_proposed_is_not_listed_twice(town: Town) -> None:
    in_force({"target": "owner"})
    with translation.override("en"):
        rows = candidates(file(town, 1.5, 1.5))["results"]
    assert [row["name"] for row in rows].count("Alice") == 1
    assert rows[0]["why"].startswith("By rule 1 of the district: owner of this grid · ")


def test_who_sent_it_back_is_no_longer_put_first(town: Town) -> None:
    street = body("street", "urban_management", 1, 1, 2, 2)
    in_force({"target": "body"})
    report = file(town, 1.5, 1.5, PARKING)
    dora = town.scope("dora")
    transition(report.pk, "accept", dora)
    transition(report.pk, "dispatch", dora, Move(holder=street))
    transition(report.pk, "send_back", dora, Move(reason="不归我们"))
    rows = candidates(Report.objects.get(pk=report.pk))["results"]
    assert not any("rule" in row["why"] or "规则" in row["why"] for row in rows)


def test_a_body_that_ended_since_is_not_proposed(town: Town) -> None:
    in_force({"target": "body"})
    report = file(town, 1.5, 1.5, PARKING)
    town.squad.period = DateRange(town.squad.period.lower, timezone.localdate())
    town.squad.save(update_fields=["period"])
    assert candidates(report)["results"] == []


def test_what_goes_out_by_itself_is_dispatched_when_it_is_accepted_and_the_event_says_by_which_rule(town: Town) -> None:
    [rule] = in_force({"target": "body", "automatic": True})
    report = transition(file(town, 1.5, 1.5, PARKING).pk, "accept", town.scope("dora"))
    assert report.state == State.DISPATCHED
    assert report.due_at is not None
    event = Event.objects.get(report=report, verb="dispatch")
    assert (event.actor, event.organisation, event.data["rule"]["id"]) == (None, town.squad, rule.pk)


def test_whoever_accepts_to_dispatch_by_hand_is_not_forestalled(town: Town) -> None:
    in_force({"target": "body", "automatic": True})
    report = transition(file(town, 1.5, 1.5, PARKING).pk, "accept", town.scope("dora"), Move(by_hand=True))
    assert report.state == State.ACCEPTED


def test_what_a_rule_can_no_longer_send_out_stays_accepted(town: Town) -> None:
    in_force({"target": "body", "automatic": True})
    report = file(town, 1.5, 1.5, PARKING)
    town.squad.period = DateRange(town.squad.period.lower, timezone.localdate())
    town.squad.save(update_fields=["period"])
    assert transition(report.pk, "accept", town.scope("dora")).state == State.ACCEPTED


def test_what_is_discussed_first_is_not_sent_by_hand_but_by_approval_of_another(town: Town) -> None:
    in_force({"target": "body", "approval": True})
    report = file(town, 1.5, 1.5, PARKING)
    dora = town.scope("dora")
    assert candidates(report)["approval"] is True
    transition(report.pk, "accept", dora)
    assert "dispatch" not in verbs(report, town)
    assert "request_approval" in verbs(report, town)
    with pytest.raises(NotAllowed, match=r"approval|审批"):
        transition(report.pk, "dispatch", dora, Move(holder=town.squad))
    transition(report.pk, "request_approval", dora, Move(holder=town.squad))
    assert transition(report.pk, "approve", town.scope("paula")).state == State.DISPATCHED
    transition(report.pk, "send_back", dora, Move(reason="不归我们"))
    assert "dispatch" not in verbs(report, town)
    assert "request_approval" in verbs(report, town)


def test_a_reopened_report_asks_the_rules_of_today(town: Town) -> None:
    report = file(town, 1.5, 1.5, PARKING)
    dora = town.scope("dora")
    transition(report.pk, "reject", dora, Move(reason="看不清"))
    in_force({"target": "body", "automatic": True})
    transition(report.pk, "reopen", dora, Move(reason="看清了"))
    assert transition(report.pk, "accept", dora).state == State.DISPATCHED


def test_the_page_says_what_the_rules_say_and_only_to_who_dispatches_or_plans(town: Town, as_person: Any) -> None:
    in_force({"target": "owner"}, {"target": "body", "approval": True})
    report = file(town, 0.5, 2.5, PARKING)
    page = as_person("dora").get(f"/reports/{report.pk}/", headers={"accept-language": "en"}).content.decode()
    text = " ".join(page.split())
    assert 'Urban management squad <span class="soft">· by rule 2 of the district: responsible' in text
    assert "Rule 1 of the district found nobody: only a body with powers may act on this" in text
    assert "discussed before it goes out" in text
    bob = as_person("bob").get(f"/reports/{report.pk}/", headers={"accept-language": "en"}).content.decode()
    assert 'id="report-proposal"' not in bob


def test_the_page_takes_no_query_more(town: Town, as_person: Any, django_assert_max_num_queries: Any) -> None:
    in_force({"target": "body"})
    report = file(town, 1.5, 1.5, PARKING)
    client = as_person("dora")
    with django_assert_max_num_queries(12):
        client.get(f"/reports/{report.pk}/")


def test_accepting_over_the_api_says_that_it_is_by_hand(town: Town, as_person: Any) -> None:
    in_force({"target": "body", "automatic": True})
    by_hand, by_rule = file(town, 1.5, 1.5, PARKING), file(town, 1.5, 1.5, PARKING)
    client = as_person("dora")
    assert _accept(client, by_hand, by_hand=True)["state"] == "accepted"
    after = _accept(client, by_rule)
    assert after["state"] == "dispatched"
    assert after["events"][-1]["reason"] == "By rule 1 of the district"


def test_an_outsider_is_told_nothing(town: Town, as_person: Any) -> None:
    in_force({"target": "owner"}, region=FAR)
    report = file(town, 1.5, 1.5)
    assert as_person("olaf").get(f"/api/v1/reports/{report.pk}/candidates").status_code == 404
    assert candidates(report)["approval"] is False


def _accept(client: Client, report: Report, **more: Any) -> Any:
    answer = client.post(
        f"/api/v1/reports/{report.pk}/transitions",
        {"verb": "accept", **more},
        content_type="application/json",
        headers={"idempotency-key": str(uuid4()), "accept-language": "en"},
    )
    assert answer.status_code == 200, answer.content
    return answer.json()
