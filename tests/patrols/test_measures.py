"""Measures: one for many reports, many for one; and of a set each report is answered or explicitly has none."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from patrols import measures
from patrols.filing import Draft, file_report
from patrols.measures import answers, link, make, move, say_none, unanswered
from patrols.models import Event, Measure, MeasureLink, NoMeasure, Report
from tests.town import DISTRICT, FAR, LITTER, NEAR, Town, at


def filed(town: Town, count: int = 1) -> list[Report]:
    point = at(1.5, 1.5)
    return [
        file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("alice")) for _turn in range(count)
    ]


def ids(reports: list[Report]) -> list[UUID]:
    return [report.pk for report in reports]


def test_one_measure_answers_many_reports_and_their_histories_say_so(town: Town) -> None:
    three = filed(town, 3)
    draft = measures.Draft("增设垃圾桶", "每两百米一个", town.squad.pk, timezone.localdate())
    measure = make(draft, ids(three), town.scope("paula"))
    assert (measure.region_code, measure.body, measure.state) == (f"{NEAR}001", town.squad, "planned")
    assert set(measure.reports.values_list("pk", flat=True)) == set(ids(three))
    said = Event.objects.filter(verb="measure_linked")
    assert {event.report_id for event in said} == set(ids(three))
    assert {event.reason for event in said} == {"增设垃圾桶"}


def test_one_report_has_many_measures_and_each_once(town: Town) -> None:
    (one,) = filed(town)
    scope = town.scope("dora")
    made = [make(measures.Draft(title), [one.pk], scope) for title in ("增设垃圾桶", "加密清运")]
    assert one.measures.count() == 2
    assert link(made[0], [one.pk], scope) == 0
    assert link(made[0], ids(filed(town, 2)), scope) == 2


def test_an_explicit_none_has_a_reason_and_gives_way_to_a_measure(town: Town) -> None:
    two, scope = filed(town, 2), town.scope("paula")
    with pytest.raises(BadInput):
        say_none(ids(two), " ", scope)
    assert say_none(ids(two), "个别现象", scope) == 2
    make(measures.Draft("增设垃圾桶"), [two[0].pk], scope)
    assert list(NoMeasure.objects.values_list("report", flat=True)) == [two[1].pk]
    with pytest.raises(Conflict):
        say_none([two[0].pk], "个别现象", scope)


def test_what_is_taken_out_says_why_and_is_open_again(town: Town) -> None:
    two, scope = filed(town, 2), town.scope("paula")
    first = make(measures.Draft("增设垃圾桶"), ids(two), scope)
    second = make(measures.Draft("加密清运"), [two[1].pk], scope)
    everything = Report.objects.filter(pk__in=ids(two))
    assert answers(everything)["open"] == 0
    with pytest.raises(BadInput):
        measures.unlink(first, [two[0].pk], " ", scope)
    with pytest.raises(NotAllowed):
        measures.unlink(first, [two[0].pk], "误选", town.scope("alice"))
    assert measures.unlink(first, ids(two), "误选", scope) == 2
    # One has another measure still, of the other the question is open again.
    assert list(unanswered(everything)) == [two[0]]
    assert answers(everything) == {"total": 2, "measures": 1, "none": 0, "open": 1}
    event = Event.objects.get(verb="measure_unlinked", report=two[0])
    assert (event.reason, event.actor, event.data) == ("增设垃圾桶 · 误选", town.paula, {"measure": str(first.pk)})
    with pytest.raises(Conflict):
        measures.unlink(first, [two[0].pk], "误选", scope)
    assert Event.objects.filter(verb="measure_unlinked").count() == 2
    say_none([two[0].pk], "个别现象", scope)
    assert answers(everything)["open"] == 0
    assert list(second.reports.all()) == [two[1]]


def test_a_measure_is_said_anew(town: Town) -> None:
    (one,) = filed(town)
    measure = make(measures.Draft("增设垃圾桶"), [one.pk], town.scope("dora"))
    day = timezone.localdate()
    measures.change(measure, measures.Draft("增设大垃圾桶", "两个", town.squad.pk, day), town.scope("paula"))
    measure.refresh_from_db()
    assert (measure.title, measure.description, measure.body, measure.due_on) == (
        "增设大垃圾桶",
        "两个",
        town.squad,
        day,
    )
    with pytest.raises(BadInput):
        measures.change(measure, measures.Draft(" "), town.scope("paula"))
    with pytest.raises(BadInput):
        measures.change(measure, measures.Draft("x", body=999_999), town.scope("paula"))
    with pytest.raises(NotAllowed):
        measures.change(measure, measures.Draft("x"), town.scope("alice"))
    assert measure.links.count() == 1


def test_of_558_reports_each_has_a_measure_or_an_explicit_none(town: Town) -> None:
    """The case of the branches that found 558 problems and took 135 measures; counted in one query."""
    (first,) = filed(town)
    copies = [
        Report(
            **{
                field.attname: getattr(first, field.attname)
                for field in Report._meta.concrete_fields
                if field.name not in {"id", "number", "public_number"}
            },
            number=f"n{place}",
            public_number=f"p{place}",
        )
        for place in range(557)
    ]
    Report.objects.bulk_create(copies)
    scope, everything = town.scope("paula"), [first, *copies]
    for place in range(135):
        make(measures.Draft(f"措施{place}"), ids(everything[place * 4 : place * 4 + 4]), scope)
    with CaptureQueriesContext(connection) as queries:
        assert answers(Report.objects.visible_to(scope)) == {"total": 558, "measures": 540, "none": 0, "open": 18}
    assert len(queries) == 1
    say_none(ids(list(unanswered(Report.objects.visible_to(scope)))), "个别现象", scope)
    assert answers(Report.objects.visible_to(scope)) == {"total": 558, "measures": 540, "none": 18, "open": 0}
    assert Measure.objects.count() == 135
    assert MeasureLink.objects.count() == 540


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_measures_are_kept_by_planners_and_dispatchers(town: Town, who: str) -> None:
    (one,) = filed(town)
    with pytest.raises(NotAllowed):
        make(measures.Draft("增设垃圾桶"), [one.pk], town.scope(who))
    with pytest.raises(NotAllowed):
        say_none([one.pk], "个别现象", town.scope(who))


def test_reports_of_others_are_not_found_and_nothing_is_written(town: Town) -> None:
    (one,) = filed(town)
    with pytest.raises(NotFound):
        make(measures.Draft("增设垃圾桶"), [one.pk], town.scope("olaf"))
    with pytest.raises(BadInput):
        make(measures.Draft(" "), [one.pk], town.scope("dora"))
    with pytest.raises(BadInput):
        make(measures.Draft("增设垃圾桶"), [], town.scope("dora"))
    with pytest.raises(BadInput):
        make(measures.Draft("增设垃圾桶", body=99999), [one.pk], town.scope("dora"))
    assert not Measure.objects.exists()


def test_over_two_subdistricts_a_measure_is_the_district_s_and_its_planner_s(town: Town) -> None:
    far = file_report(Draft(category=LITTER, geom=at(9.5, 1.5), anchor=at(9.5, 1.5)), town.scope("charlie"))
    measure = make(measures.Draft("增设垃圾桶"), [filed(town)[0].pk, far.pk], town.scope("paula"))
    assert measure.region_code == DISTRICT
    assert far.region_code.startswith(FAR)
    assert not measures.measures_of(town.scope("dora")).exists()
    with pytest.raises(NotAllowed):
        move(measure, "done", town.scope("dora"))
    assert move(measure, "done", town.scope("paula")).state == "done"
    with pytest.raises(BadInput):
        move(measure, "finished", town.scope("paula"))
