"""Every POST of the API: the same key does it once, and no hostile body breaks it."""

import json
import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework.views import APIView

from grids.models import IdempotencyKey, Job, Notification, Organisation
from grids.scope import scope_of
from maps.pages import choices
from maps.site.openapi import NothingHere
from patrols import measures, parts
from patrols.duplicates import handle_of
from patrols.models import Party, Report
from patrols.transitions import transition
from tests.maps.route_cast import Cast, build_cast
from tests.maps.route_measures import add_measure
from tests.maps.route_patrol_plans import NEW, add_plan
from tests.maps.route_plans import add_plans
from tests.maps.route_tasks import add_task
from tests.maps.test_hostile_input import BODIES
from tests.maps.test_openapi import views
from tests.patrols import pictures
from tests.patrols.protocols.test_gpx import TRACK
from tests.patrols.requesting import add_task_bodies, wish
from tests.town import LITTER, NEAR, at

INT, UUID = "<int:identity>", "<uuid:identity>"
TICKS = "patrols/{patrol-bob}/ticks"
TODAY = timezone.localdate().isoformat()
HERE = {"lon": at(1.5, 1.5).x, "lat": at(1.5, 1.5).y}
WEEK = {"weekdays": [1, 2, 3, 4, 5, 6, 7], "starts": "07:30", "ends": "09:00"}
ONCE = {"day": (timezone.localdate() + timedelta(days=2)).isoformat(), "starts": "10:00", "ends": "11:00"}
LATELY = (timezone.localdate() - timedelta(days=3)).isoformat()
WAY = {"waves": [1, 3], "delay_minutes": 5, "stands_minutes": 10}
TASK = {"title": "清理", "lead": "{body-squad}", "responsible": ["{body-other}"], "first_day": TODAY}
POINT = {"type": "Point", "coordinates": [HERE["lon"], HERE["lat"]]}


@dataclass(frozen=True)
class Post:
    """A request that does something, with names of the cast's addresses in braces, and who may make it."""

    who: str
    address: str
    body: dict[str, Any]
    form: bool = False
    gpx: bool = False


POSTS: dict[str, Post] = {
    "reports": Post("bob", "reports", {"category": LITTER, **HERE}),
    "reports/follow": Post("bob", "reports/follow", {"category": LITTER, **HERE, "handle": "{handle-bob}"}),
    f"reports/{UUID}/transitions": Post("dora", "reports/{five}/transitions", {"verb": "accept"}),
    f"reports/{UUID}/photos": Post("alice", "reports/{five}/photos", {}, form=True),
    f"photos/{UUID}/public": Post("dora", "photos/{photo}/public", {"boxes": []}),
    f"jobs/{UUID}/cancel": Post("bob", "jobs/{waiting}/cancel", {}),
    "checkpoints": Post("paula", "checkpoints", {"name": "新点位", "type": "market", "geometry": POINT}),
    f"checkpoints/{INT}/end": Post("paula", "checkpoints/{checkpoint-five}/end", {"last_day": TODAY}),
    "teams": Post("paula", "teams", {"code": "new", "name": "新队", "region": NEAR}),
    "memberships": Post("paula", "memberships", {"person": "{person-bob}", "role": "steward", "region": NEAR}),
    f"memberships/{INT}/end": Post("paula", "memberships/{membership-bob}/end", {"last_day": TODAY}),
    "assignments": Post("paula", "assignments", {"person": "{person-bob}", "grid": "{grid-one}"}),
    f"assignments/{INT}/end": Post("paula", "assignments/{assignment-bob}/end", {"last_day": TODAY}),
    "splits": Post("paula", "splits", {"region": f"{NEAR}001", "number": 3}),
    "splits/from-grids": Post("paula", "splits/from-grids", {"region": f"{NEAR}001"}),
    f"splits/{INT}/edits": Post(
        "paula", "splits/{split-made}/edits", {"version": 1, "verb": "merge", "one": 5, "two": 6}
    ),
    f"splits/{INT}/undo": Post("paula", "splits/{split-edited}/undo", {"version": 2}),
    f"splits/{INT}/redo": Post("paula", "splits/{split-undone}/redo", {"version": 3}),
    f"splits/{INT}/discard": Post("paula", "splits/{split-made}/discard", {"version": 1}),
    f"splits/{INT}/accept": Post("paula", "splits/{split-edited}/accept", {"fingerprint": "{split-seen}"}),
    "patrols": Post("alice", "patrols", {}),
    f"patrols/{UUID}/end": Post("bob", "patrols/{patrol-bob}/end", {}),
    f"patrols/{UUID}/ticks": Post(
        "bob", "patrols/{patrol-bob}/ticks", {"thing": "checkpoint", "key": "{checkpoint-five}"}
    ),
    f"patrols/{UUID}/nothing": Post("bob", "patrols/{patrol-bob}/nothing", {}),
    f"patrols/{UUID}/fixes": Post("bob", "patrols/{patrol-bob}/fixes", {"fixes": [[0, HERE["lon"], HERE["lat"]]]}),
    f"patrols/{UUID}/gpx": Post("bob", "patrols/{patrol-bob}/gpx", {}, gpx=True),
    "me/consent": Post("dora", "me/consent", {}),
    "me/export": Post("bob", "me/export", {}),
    "me/private-places": Post("bob", "me/private-places", HERE),
    "posts": Post("paula", "posts", {**HERE, "name": "新岗"}),
    f"posts/{INT}/close": Post("paula", "posts/{post-near}/close", {"last_day": TODAY}),
    f"posts/{INT}/patterns": Post("paula", "posts/{post-near}/patterns", WEEK),
    f"posts/{INT}/shifts": Post("paula", "posts/{post-near}/shifts", ONCE),
    f"patterns/{INT}/end": Post("paula", "patterns/{pattern-near}/end", {"last_day": TODAY}),
    f"shifts/{UUID}/take": Post("alice", "shifts/{shift-free}/take", {}),
    f"shifts/{UUID}/release": Post("bob", "shifts/{shift-bob}/release", {}),
    f"shifts/{UUID}/swap": Post("bob", "shifts/{shift-bob}/swap", {}),
    f"shifts/{UUID}/keep": Post("bob", "shifts/{shift-swap}/keep", {}),
    f"shifts/{UUID}/take-over": Post("alice", "shifts/{shift-swap}/take-over", {}),
    f"shifts/{UUID}/arrive": Post("bob", "shifts/{shift-now}/arrive", {}),
    f"shifts/{UUID}/arrive/undo": Post("bob", "shifts/{shift-now}/arrive/undo", {}),
    f"shifts/{UUID}/leave": Post("bob", "shifts/{shift-there}/leave", {}),
    f"shifts/{UUID}/assign": Post("paula", "shifts/{shift-free}/assign", {"person": "{person-bob}"}),
    f"shifts/{UUID}/remove": Post("paula", "shifts/{shift-bob}/remove", {"person": "{person-bob}"}),
    f"shifts/{UUID}/cancel": Post("paula", "shifts/{shift-free}/cancel", {"reason": "下雪"}),
    f"reports/{UUID}/offers": Post("dora", "reports/{five}/offers", {"waves": [1, 2]}),
    f"reports/{UUID}/offers/withdraw": Post("dora", "reports/{report-asked}/offers/withdraw", {}),
    f"offers/{UUID}/seen": Post("bob", "offers/{offer-asked}/seen", {}),
    f"offers/{UUID}/accept": Post("bob", "offers/{offer-asked}/accept", {}),
    f"offers/{UUID}/decline": Post("bob", "offers/{offer-asked}/decline", {}),
    f"offers/{UUID}/arrive": Post("bob", "offers/{offer-taken}/arrive", {}),
    f"offers/{UUID}/done": Post("bob", "offers/{offer-taken}/done", {}),
    f"offers/{UUID}/release": Post("bob", "offers/{offer-taken}/release", {}),
    f"offers/{UUID}/withdraw": Post("dora", "offers/{offer-asked}/withdraw", {}),
    "dispatch/plans": Post("dora", "dispatch/plans", {"radius_m": 3000}),
    f"dispatch/plans/{UUID}/commit": Post("dora", "dispatch/plans/{plan-near}/commit", {"version": 0}),
    f"dispatch/plans/{UUID}/discard": Post("dora", "dispatch/plans/{plan-near}/discard", {"version": 0}),
    "dispatch/replays": Post("paula", "dispatch/replays", {"since": LATELY, "until": TODAY, "one": WAY, "two": WAY}),
    "exports": Post("bob", "exports", {"form": "csv"}),
    "measures": Post("dora", "measures", {"title": "加装围挡", "reports": ["{five}"]}),
    "measures/none": Post("dora", "measures/none", {"reason": "已无必要", "reports": ["{five}"]}),
    f"measures/{UUID}/reports": Post("dora", "measures/{measure}/reports", {"reports": ["{five}"]}),
    f"measures/{UUID}/unlink": Post(
        "dora", "measures/{measure-wish}/unlink", {"reports": ["{wish}"], "reason": "误选"}
    ),
    f"measures/{UUID}/state": Post("dora", "measures/{measure}/state", {"state": "done"}),
    "hotspots": Post("paula", "hotspots", {"region": NEAR, "since": TODAY, "until": TODAY}),
    "patrol-plans": Post("paula", "patrol-plans", NEW),
    f"patrol-plans/{UUID}/end": Post("paula", "patrol-plans/{patrol-plan}/end", {"last_day": TODAY, "why": "好转"}),
    "zones": Post("paula", "zones", {name: NEW[name] for name in ("name", "first_day", "last_day", "geometry")}),
    f"zones/{INT}/end": Post("paula", "zones/{campaign}/end", {"last_day": TODAY}),
    "tasks": Post("dora", "tasks", {"community": f"{NEAR}001", "list_name": "清单", "tasks": [TASK]}),
    f"tasks/{UUID}/days": Post("dora", "tasks/{task}/days", {"day": TODAY}),
    f"tasks/{UUID}/changes": Post(
        "dora",
        "tasks/{task}/changes",
        {"rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "first_day": TODAY, "reason": "每天"},
    ),
    f"tasks/{UUID}/end": Post("dora", "tasks/{task}/end", {"last_day": TODAY, "reason": "结束"}),
    f"reports/{UUID}/parts": Post("pei", "reports/{wish}/parts", {"person": "{person-alice}"}),
    f"reports/{UUID}/parts/<int:party>": Post("bob", "reports/{wish}/parts/{part-bob}", {"state": "done"}),
    "notifications/read": Post("bob", "notifications/read", {"up_to": "{message-bob}"}),
    f"notifications/{INT}/read": Post("bob", "notifications/{message-bob}/read", {}),
}
# A private place may lie anywhere: what is hostile to a report can be one. A plan asks for nothing that has no default.
LENIENT = {"me/private-places", "dispatch/plans"}
PATCHED = {
    "checkpoints": "{checkpoint-five}",
    "teams": "{team-near}",
    "posts": "{post-near}",
    "shifts": "{shift-free}",
}
# It stores nothing, so that every time is the first; or its answer holds a secret that is kept nowhere.
WITHOUT_EFFECT = {"photos/inspect"}
WITHOUT_KEY = {"devices"}


@pytest.fixture
def cast(db: None, settings: Settings, tmp_path: Path) -> Cast:
    choices.forget()
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "patrols.photos.durable.DurableFileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }
    built = build_cast()
    built.addresses["waiting"] = str(Job.objects.create(person=built.people["bob"], kind="test").pk)
    five = Report.objects.get(pk=built.addresses["five"])
    built.addresses["handle-bob"] = handle_of(five, scope_of(built.people["bob"]), timezone.now())
    for add in (add_plans, add_measure, add_task, add_plan):
        add(built)
    bodies = {f"body-{body.code}": str(body.pk) for body in Organisation.objects.filter(code__in=["squad", "other"])}
    built.addresses |= {**bodies, "person-alice": str(built.people["alice"].pk)}
    add_wish(built)
    return built


def add_wish(cast: Cast) -> None:
    """Let a company take a resident's wish and ask Bob to serve it."""
    companies = add_task_bodies(cast.town)
    cast.people["pei"] = companies.pei
    pei = scope_of(companies.pei)
    report = transition(wish(cast.town).pk, "take", pei)
    parts.ask(report.pk, cast.town.bob, pei)
    [part] = Party.objects.filter(report=report, person=cast.town.bob)
    cast.addresses |= {"wish": str(report.pk), "part-bob": str(part.pk)}
    measure = measures.make(measures.Draft("加装扶手"), [report.pk], cast.town.scope("dora"))
    cast.addresses["measure-wish"] = str(measure.pk)


@cache
def picture(width: int) -> bytes:
    """Return the same bytes each time: a colour profile says when it was made."""
    return pictures.photo(width)


def add_photo(cast: Cast) -> None:
    """Put a photo there, which takes a process of its own."""
    made = send(cast, Post("alice", "reports/{five}/photos", {"width": 100}, form=True), "")
    cast.addresses["photo"] = made.json()["id"]


def filled(value: Any, cast: Cast) -> Any:
    if isinstance(value, list):
        return [filled(one, cast) for one in value]
    if isinstance(value, dict):
        return {name: filled(one, cast) for name, one in value.items()}
    if not isinstance(value, str) or "{" not in value:
        return value
    for name, text in cast.addresses.items():
        value = value.replace(f"{{{name}}}", text)
    return value


def send(cast: Cast, post: Post, key: str, **more: Any) -> Any:
    client = Client(raise_request_exception=False)
    client.force_login(cast.people[post.who])
    headers = {"Idempotency-Key": key} if key else {}
    body = {name: filled(value, cast) for name, value in {**post.body, **more}.items()}
    address = f"/api/v1/{filled(post.address, cast)}"
    if post.form:
        width = body.pop("width", 96)
        photo = SimpleUploadedFile("a.jpg", picture(width), "image/jpeg")
        return client.post(address, {**body, "photo": photo}, headers=headers)
    if post.gpx:
        content = TRACK.replace("a tracker", f"{len(body)} trackers")
        return client.generic("POST", address, content, "application/gpx+xml", headers=headers)
    return client.post(address, json.dumps(body), content_type="application/json", headers=headers)


def test_every_post_of_the_api_is_tested_here() -> None:
    found = {
        route.removeprefix("api/v1/")
        for route, view in views(get_resolver())
        if isinstance(view, type) and issubclass(view, APIView) and hasattr(view, "post") and view is not NothingHere
    }
    assert found - WITHOUT_EFFECT - WITHOUT_KEY == set(POSTS)


@pytest.mark.parametrize("route", POSTS)
def test_the_same_key_is_answered_once_and_never_for_another_body(cast: Cast, route: str) -> None:
    post = POSTS[route]
    if "{photo}" in post.address:
        add_photo(cast)
    first = send(cast, post, "k1")
    assert first.status_code in {200, 201}, first.content
    before = IdempotencyKey.objects.count(), Notification.objects.count()
    again = send(cast, post, "k1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (IdempotencyKey.objects.count(), Notification.objects.count()) == before
    other = send(cast, post, "k1", **({"width": 120} if post.form else {"other": 1}))
    assert other.status_code == 422
    assert other["Content-Type"] == "application/problem+json"
    assert (IdempotencyKey.objects.count(), Notification.objects.count()) == before


@pytest.mark.parametrize("method", ["post", "patch"])
def test_no_hostile_body_breaks_a_write(cast: Cast, method: str) -> None:
    """Each write gets a quarter of the bodies and each body a quarter of the writes; with `FUZZ=full` all get all."""
    add_photo(cast)
    bodies, share = list(BODIES.items()), 1 if os.environ.get("FUZZ") == "full" else 4
    patches = {f"{name}/{INT}": Post("paula", f"{name}/{thing}", {}) for name, thing in PATCHED.items()}
    for turn, (route, post) in enumerate((POSTS if method == "post" else patches).items()):
        if post.form:
            continue
        client = Client(raise_request_exception=False)
        client.force_login(cast.people[post.who])
        takes_nothing = not post.body and method == "post"
        for name, body in bodies[turn % share :: share]:
            with transaction.atomic():
                address = f"/api/v1/{filled(post.address, cast)}"
                answer = getattr(client, method)(address, body, content_type="application/json")
                transaction.set_rollback(True)
            where = f"{method} {route}: {name}"
            # What needs no body looks at none; a change that names nothing known changes nothing.
            ignores = takes_nothing or route in LENIENT or (method == "patch" and answer.status_code == 200)
            assert (ignores and answer.status_code in {200, 201}) or 400 <= answer.status_code < 500, where
            if answer.status_code >= 400:
                assert answer["Content-Type"] == "application/problem+json", where
                assert answer.json()["detail"].strip(), where
