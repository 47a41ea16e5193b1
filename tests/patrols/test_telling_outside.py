"""A whole loop, everybody reached outside of the site and a group told by its robot: each thing once to each."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.utils import timezone

from grids import channels, outbox
from grids.channels.courier import Courier
from grids.models import Address, Delivery, GroupRobot, Notification, Outbox, Parcel, Region
from grids.sealed import seal
from patrols.filing import Draft, file_report
from patrols.transitions import Move, transition
from tests.grids.receivers import answer, receiving
from tests.town import LITTER, NEAR, Town, at

PEOPLE = ("alice", "bob", "charlie", "dora", "olaf", "paula", "squad_member")
SECRET = "whsec_" + "a" * 44


def keep_promises_twice() -> None:
    rows = list(Outbox.objects.order_by("created_at").values_list("pk", flat=True))
    for row in rows:
        outbox.run(str(row))
        # A bell that rings again, as after a crash.
        Outbox.objects.filter(pk=row).update(done_at=None)
        outbox.run(str(row))


def test_everybody_concerned_is_told_once_per_thing_and_channel(town: Town, settings: Any) -> None:
    settings.OUTSIDE_LOOPBACK = True
    settings.LANGUAGE_CODE = "en"
    with receiving(answer(200, b'{"errcode": 0}')) as receiver:
        settings.OUTSIDE_HOSTS = settings.ROBOT_HOSTS = receiver.hosts
        for name in PEOPLE:
            person, url = getattr(town, name), receiver.url(f"/{name}")
            sealed = seal({"url": url, "secret": SECRET})
            Address.objects.create(
                person=person, channel="webhook", sealed=sealed, hint="x", confirmed_at=timezone.now()
            )
        GroupRobot.objects.create(
            name="g",
            kind="wecom",
            region=Region.objects.get(code=NEAR),
            sealed=seal({"kind": "wecom", "url": receiver.url("/group"), "secret": ""}),
            hint="x",
            verbs=["file", "dispatch", "close"],
            made_by=town.paula,
        )
        place = at(1.5, 1.5)
        report = file_report(Draft(category=LITTER, geom=place, anchor=place, place="北门口"), town.scope("alice"))
        steps: list[tuple[str, str, Move | None]] = [
            ("dora", "accept", None),
            ("dora", "dispatch", Move(holder=town.bob)),
            ("bob", "start", None),
            ("bob", "handle", None),
            ("dora", "close", None),
        ]
        for who, verb, move in steps:
            transition(report.pk, verb, town.scope(who), move)
        keep_promises_twice()
        now = timezone.now() + timedelta(seconds=1)
        for second in range(0, 30, 5):
            with patch.object(timezone, "now", return_value=now + timedelta(seconds=second)):
                channels.deliver()
                worker = Courier()
                worker.round()
                worker.finish()

    told: Counter[tuple[str, str]] = Counter()
    for got in receiver.got:
        if got.path == "/group":
            text = json.loads(got.body)["text"]["content"]
            told["group", "lines"] += text.count("/reports/")
            assert not any(getattr(town, name).name in text for name in PEOPLE)
        else:
            for item in json.loads(got.body)["data"]["items"]:
                told[got.path[1:], item["verb"]] += 1
    in_inboxes = Counter(Notification.objects.values_list("person__username", "verb"))
    assert told.pop(("group", "lines")) == 3
    assert told == in_inboxes
    assert set(told.values()) == {1}
    assert {name for name, _verb in told} == {"alice", "bob", "dora"}
    assert Delivery.objects.filter(parcel__isnull=False).exclude(outcome="delivered").count() == 0
    assert not Parcel.objects.exclude(state=Parcel.State.SENT).exists()
