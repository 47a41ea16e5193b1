"""Filing what a client posts: checked as a whole, filed as a resident's report, and once however often it is sent.

Who reports it is not asked and not kept: of e-mail, names, telephone and device nothing is stored, and the answer says
so. Pictures come with the form, as files named `media`; no address of one is ever fetched.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.models import Category
from grids.models.catalogue import Kind
from grids.problems import BadInput, Problem
from grids.scope import NOBODY
from patrols import contacts
from patrols.contacts import Details
from patrols.filing import Draft, file_report
from patrols.models import Open311Client, Open311Filing, Report
from patrols.models.reports import Source
from patrols.open311.faults import Faults
from patrols.open311.listing import id_of
from patrols.open311.media import Files, media_of
from patrols.open311.placing import Placed, place_of
from patrols.open311.services import district_of
from patrols.photos.brought import Brought, brought
from patrols.photos.uploads import Upload

AGAIN = timedelta(minutes=10)
LONGEST = 4_000
LONGEST_FIELD = 400
ADDRESS = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)
PERSONAL = ("email", "device_id", "account_id", "first_name", "last_name", "phone")
KNOWN = (
    *("api_key", "jurisdiction_id", "service_code", "lat", "long", "address_string", "address_id"),
    *PERSONAL,
    *("description", "media_url"),
)


@dataclass(frozen=True, slots=True)
class Posted:
    """What was posted, read: the category's code, the place, and the words."""

    category: str
    placed: Placed
    words: str


def post(client: Open311Client, form: Mapping[str, str], files: Files) -> dict[str, Any]:
    """File a request, or find the one that the same form made a moment ago, and return the answer; raises Faults."""
    given = {name: value.strip() for name, value in form.items() if value.strip()}
    media = media_of(files)
    posted = _read(client, given)
    fingerprint = _fingerprint(given, media)
    # Pictures take a second each: what was filed already is not worth that.
    report = _earlier(client, fingerprint)
    if report is None:
        with brought(one.stream for one in media) as pictures, transaction.atomic():
            report = _once(client, posted, fingerprint, pictures)
    return {
        "service_request_id": id_of(report.district, report.public_number),
        "service_notice": _notice(given, media),
        "account_id": None,
    }


def _read(client: Open311Client, given: Mapping[str, str]) -> Posted:
    faults = [*_unknown(given), *_too_long(given), *_no_address(given)]
    if faults:
        raise Faults(faults)
    code = given.get("service_code", "")
    try:
        area = _area(client, given.get("jurisdiction_id", ""))
        placed = place_of(given, area)
    except Problem as problem:
        if problem.status in {404, 503}:
            raise
        faults.append(str(problem.sentence))
    if not code:
        faults.append(_("Give the service_code."))
    elif not Category.objects.filter(code=code[:5], active=True, kind=Kind.PROBLEM).exists() or len(code) > 5:
        faults.append(_("There is no service “%(code)s”.") % {"code": code[:40]})
    words = given.get("description", "")
    try:
        # For who somebody is and how they are reached, no text is the place.
        reached = Details(phone=given.get("phone", ""), address=given.get("email", ""))
        contacts.check_words(reached, words, given.get("address_string", ""))
    except BadInput as problem:
        faults.append(str(problem.sentence))
    if faults:
        raise Faults(faults)
    return Posted(code, placed, words)


def _unknown(given: Mapping[str, str]) -> list[str]:
    faults = []
    for name, value in given.items():
        if name.startswith("attribute["):
            faults.append(_("No service asks for attributes: %(name)s has nowhere to go.") % {"name": name[:60]})
        elif name not in KNOWN:
            names = {"name": name[:40], "allowed": ", ".join(KNOWN)}
            faults.append(_("There is no parameter “%(name)s”; there are %(allowed)s.") % names)
        elif "\x00" in value:
            faults.append(_("%(name)s holds a character that no text may hold.") % {"name": name})
    return faults


def _too_long(given: Mapping[str, str]) -> list[str]:
    faults = []
    for name, value in given.items():
        most = LONGEST if name == "description" else 2_000 if name == "media_url" else LONGEST_FIELD
        if len(value) > most:
            faults.append(_("%(name)s is longer than %(most)d characters.") % {"name": name[:40], "most": most})
    return faults


def _no_address(given: Mapping[str, str]) -> list[str]:
    """Say what is wrong with the address of a picture, which a client should hear of although nobody fetches it."""
    address = given.get("media_url", "")
    if address and not ADDRESS.fullmatch(address):
        return [_("media_url must be an address that begins with http:// or https://.")]
    return []


def _area(client: Open311Client, jurisdiction: str) -> str:
    """Return the code of the region in which the client files; raises BadInput where a jurisdiction lies elsewhere."""
    area = client.region.code
    district = district_of(jurisdiction)
    if district and not area.startswith(district):
        raise BadInput(_("This key files in %(area)s only.") % {"area": area})
    return area


def _fingerprint(given: Mapping[str, str], media: list[Upload]) -> str:
    """Return the digest of a form and its pictures, by which it is known again."""
    said: dict[str, Any] = {name: value for name, value in given.items() if name != "api_key"}
    if media:
        said["media"] = [one.sha256 for one in media]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def _earlier(client: Open311Client, fingerprint: str) -> Report | None:
    """Return what the same form filed within ten minutes."""
    since = timezone.now() - AGAIN
    rows = Open311Filing.objects.filter(client=client, fingerprint=fingerprint, filed_at__gt=since)
    known = rows.select_related("report").order_by("-filed_at").first()
    return known.report if known else None


def _once(client: Open311Client, posted: Posted, fingerprint: str, pictures: Brought) -> Report:
    """File a report unless the same form was filed within ten minutes; of two at once the later one waits."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 311))", [f"{client.pk} {fingerprint}"])
    if known := _earlier(client, fingerprint):
        return known
    draft = Draft(
        category=posted.category,
        geom=posted.placed.point,
        anchor=posted.placed.point,
        source=Source.RESIDENT,
        place=posted.placed.words,
        description=posted.words,
        by_link=True,
        through=_("Passed on by %(client)s") % {"client": client.name},
    )
    report = file_report(draft, NOBODY)
    if not report.region_code.startswith(client.region.code):
        raise BadInput(_("This key files in %(area)s only.") % {"area": client.region.code})
    pictures.keep(report, report.recorded_at)
    Open311Filing.objects.create(
        district=report.district, client=client, report=report, fingerprint=fingerprint, filed_at=report.recorded_at
    )
    return report


def _notice(given: Mapping[str, str], media: list[Upload]) -> str | None:
    """Return what was left aside, so that nobody waits for it."""
    said = []
    if any(name in given for name in PERSONAL):
        said.append(_("Who reports it is not kept here: follow it by its id."))
    if "media_url" in given:
        said.append(_("The picture at media_url was not taken: no address is fetched here. Send it as a file, media."))
    if media:
        said.append(_("Pictures are public only once somebody released them."))
    return " ".join(said) or None
