"""Offers for the routes: Bob is asked for one report of the fifth grid and has taken on another."""

from typing import TYPE_CHECKING

from django.utils import timezone

from patrols.models import Event, Offer, Report
from patrols.offering.answering import accept
from patrols.offering.calling import Policy, open_call
from tests.town import DISTRICT, at

if TYPE_CHECKING:
    from tests.maps.route_cast import Cast

SEE = {"dora", "paula", "ines", "adam", "alice", "bob"}


def add_offers(cast: "Cast") -> None:
    """Let Dora ask Bob twice, and Bob take one of them on."""
    town = cast.town
    for name in ("asked", "taken"):
        report = _report(cast, name)
        cast.sets[name] = [report.place]
        for text in (report.place, report.description, report.number, str(report.pk)):
            cast.readers[text] = SEE
        call = open_call(report.pk, town.scope("dora"), Policy(people=(town.bob.pk,)))
        offer = Offer.objects.get(call=call)
        cast.addresses |= {f"report-{name}": str(report.pk), f"offer-{name}": str(offer.pk)}
        if name == "taken":
            accept(town.scope("bob"), offer.pk)


def _report(cast: "Cast", name: str) -> Report:
    now, place = timezone.now(), at(1.6, 1.6)
    report = Report.objects.create(
        district=DISTRICT,
        region_code=cast.town.grids[5].region.code,
        number=f"260302-{name.upper()}",
        public_number=f"PUBLIC-{name.upper()}",
        category=cast.town.litter,
        grid=cast.town.grids[5],
        geom=place,
        anchor=place,
        place=f"mark-place-{name}",
        description=f"mark-words-{name}",
        occurred_at=now,
        recorded_at=now,
        changed_at=now,
        waiting_since=now,
    )
    Event.objects.create(
        district=DISTRICT, report=report, verb="file", after="reported", occurred_at=now, recorded_at=now
    )
    return report
