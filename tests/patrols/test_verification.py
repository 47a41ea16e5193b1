"""Who verifies a fix, and what closes by itself: a seeded sample, never hazards, never what was returned once."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.utils import timezone

from grids.models import Category
from grids.problems import BadInput, NotAllowed
from patrols.filing import Draft, file_report
from patrols.models import Event, Photo, Report
from patrols.presentation import report_detail_json
from patrols.settling import settle
from patrols.transitions import Move, transition
from patrols.verification import SETTLES_AFTER, drawn
from patrols.workflow import State
from tests.town import LITTER, MANHOLE, Town, at


@pytest.fixture(autouse=True)
def sampled(town: Town, settings: LazySettings) -> None:
    """Litter and manholes are verified by sample, of which nothing is drawn."""
    Category.objects.filter(code__in=(LITTER, MANHOLE)).update(verify="sample")
    settings.VERIFY_SAMPLE = 0


def handled(town: Town, category: str = LITTER) -> Report:
    point = at(1.5, 1.5)
    report = file_report(Draft(category=category, geom=point, anchor=point), town.scope("alice"))
    holder = town.bob if category == LITTER else town.squad
    who = "bob" if category == LITTER else "squad_member"
    for actor, verb, move in (
        ("dora", "accept", Move()),
        ("dora", "dispatch", Move(holder=holder)),
        (who, "start", Move()),
        (who, "handle", Move()),
    ):
        report = transition(report.pk, verb, town.scope(actor), move)
    return report


def photo(report: Report, kind: str = "after") -> None:
    place = Photo.objects.count()
    names = {name: f"{place}-{name}" for name in ("full", "large", "small")}
    Photo.objects.create(
        district=report.district, report=report, kind=kind, sha256=f"{place:064}", width=4, height=3, bytes=9,
        recorded_at=timezone.now(), **names,
    )  # fmt: skip


def pass_time(report: Report) -> None:
    Report.objects.filter(pk=report.pk, settles_at__isnull=False).update(settles_at=timezone.now())


def test_the_draw_is_the_same_always_and_of_the_size_that_is_asked_for() -> None:
    ids = [UUID(int=number * 7919) for number in range(4000)]
    first = [drawn(one, 20, "seed") for one in ids]
    assert first == [drawn(one, 20, "seed") for one in ids]
    assert first != [drawn(one, 20, "another") for one in ids]
    assert 700 < sum(first) < 900
    assert all(drawn(one, 100, "seed") for one in ids)
    assert not any(drawn(one, 0, "seed") for one in ids)
    # A larger rate draws those of a smaller one, and more.
    assert all(drawn(one, 30, "seed") for one, was in zip(ids, first, strict=True) if was)


def test_what_is_not_drawn_closes_by_itself_after_a_while_and_says_so(town: Town) -> None:
    report = handled(town)
    assert report.settles_at is not None
    assert report.handled_at is not None
    assert report.settles_at - report.handled_at == SETTLES_AFTER
    assert settle() == 0
    pass_time(report)
    assert settle() == 1
    closed = Report.objects.get(pk=report.pk)
    assert (closed.state, closed.settles_at) == (State.CLOSED, None)
    assert closed.closed_at is not None
    event = Event.objects.get(report=report, verb="settle")
    assert (event.actor, event.before, event.after) == (None, "handled", "closed")
    assert Event.objects.get(report=report, verb="handle").data == {"drawn": False}
    assert settle() == 0


def test_what_is_drawn_waits_for_somebody_else(town: Town, settings: LazySettings) -> None:
    settings.VERIFY_SAMPLE = 100
    report = handled(town)
    assert report.settles_at is None
    assert Event.objects.get(report=report, verb="handle").data == {"drawn": True}
    assert settle() == 0
    with pytest.raises(NotAllowed):
        transition(report.pk, "close", town.scope("bob"))
    assert transition(report.pk, "close", town.scope("alice")).state == State.CLOSED


def test_a_hazard_is_always_verified(town: Town) -> None:
    assert handled(town, MANHOLE).settles_at is None


def test_what_was_returned_once_is_always_verified_and_counts_its_rounds(town: Town) -> None:
    report = handled(town)
    for rounds in (1, 2):
        back = transition(report.pk, "return", town.scope("alice"), Move(reason="没有清理干净"))
        assert (back.rework, back.settles_at) == (rounds, None)
        transition(report.pk, "start", town.scope("bob"))
        assert transition(report.pk, "handle", town.scope("bob")).settles_at is None


def test_nobody_closes_without_verification_by_hand(town: Town) -> None:
    report = handled(town)
    for who in ("dora", "alice", "paula", "bob"):
        with pytest.raises(NotAllowed):
            transition(report.pk, "settle", town.scope(who))


def test_fixed_on_the_spot_is_drawn_like_any_other(town: Town, settings: LazySettings) -> None:
    point = at(1.5, 1.5)
    draft = Draft(category=LITTER, geom=point, anchor=point, on_the_spot=True)
    report = file_report(draft, town.scope("bob"))
    assert report.settles_at is not None
    settings.VERIFY_SAMPLE = 100
    assert file_report(draft, town.scope("bob")).settles_at is None


def test_a_category_may_require_a_photo_of_after_and_a_new_one_after_rework(town: Town) -> None:
    report = handled(town)
    Category.objects.filter(code=LITTER).update(after_photo=True)
    transition(report.pk, "return", town.scope("alice"), Move(reason="没有清理干净"))
    Report.objects.filter(pk=report.pk).update(rework=0)
    transition(report.pk, "start", town.scope("bob"))
    photo(report, "before")
    with pytest.raises(BadInput, match=r"photo|照片"):
        transition(report.pk, "handle", town.scope("bob"))

    def asked() -> dict[str, list[str]]:
        fresh = Report.objects.for_list().get(pk=report.pk)
        rows = report_detail_json(fresh, town.scope("bob"), timezone.now() + timedelta(seconds=1))["verbs"]
        return next({name: row[name] for name in ("needs", "takes")} for row in rows if row["verb"] == "handle")

    assert asked() == {"needs": ["after_photo"], "takes": ["after_photo"]}
    photo(report)
    assert asked() == {"needs": [], "takes": ["after_photo"]}
    transition(report.pk, "handle", town.scope("bob"))
    transition(report.pk, "return", town.scope("alice"), Move(reason="又脏了"))
    transition(report.pk, "start", town.scope("bob"))
    with pytest.raises(BadInput, match=r"photo|照片"):
        transition(report.pk, "handle", town.scope("bob"))
    photo(report)
    assert transition(report.pk, "handle", town.scope("bob")).state == State.HANDLED
