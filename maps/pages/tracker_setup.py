"""How each tracking application is told where to send and with which secret: by a code to scan, or by hand.

What the applications take was read from their own documentation and source: OwnTracks takes its configuration from
`owntracks:///config?inline=…` (https://owntracks.org/booklet/features/remoteconfig), Overland from
`overland://setup?url=…&token=…` (https://github.com/aaronpk/Overland-iOS), Traccar Client's own scanner from
`org.traccar.client://config?url=…&id=…` (its `ConfigurationService`). OsmAnd and GPSLogger have no such code:
GPSLogger's profiles are files at an address, and a secret of ours stands at no address.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from grids.models import Device

INTERVAL_S = 10
PLACEHOLDERS = "lat={0}&lon={1}&timestamp={2}&hdop={3}&altitude={4}&speed={5}&bearing={6}"
ANY_USER = "gridwarden"


@dataclass(frozen=True, slots=True)
class Setup:
    """What the page shows once: `code` is what the QR code holds, `link` opens the application on the same phone.

    `fields` are labels as the application writes them, and values to copy; `steps` are sentences.
    """

    code: str
    fields: list[tuple[str, str]]
    steps: list[str]
    link: str = ""

    @property
    def configures(self) -> bool:
        """Whether scanning sets the application up; otherwise the code holds the address to paste."""
        return bool(self.link)


def setup_of(protocol: str, site: str, secret: str) -> Setup:
    """Return how an application is set up; `site` is this site's address with a slash at its end."""
    return SETUPS[protocol](f"{site}ingest/{protocol}", secret)


def _osmand(address: str, secret: str) -> Setup:
    whole = f"{address}?id={secret}&{PLACEHOLDERS}"
    return Setup(
        whole,
        [(_("Web address"), whole)],
        [
            _("In OsmAnd open Menu → Plugins and switch “Trip recording” on."),
            _("In the plug-in's settings switch “Online tracking” on and paste the web address below."),
            _("Set the tracking interval to %(count)d seconds, and start recording when your patrol starts.")
            % {"count": INTERVAL_S},
        ],
    )


def _traccar(address: str, secret: str) -> Setup:
    asked = {"url": address, "id": secret, "interval": INTERVAL_S, "distance": 0, "accuracy": "high"}
    link = f"org.traccar.client://config?{urlencode(asked)}"
    return Setup(
        link,
        [(_("Server URL"), address), (_("Device identifier"), secret)],
        [
            _("In Traccar Client open the settings and scan the code with the scanner of the app."),
            _("Without a scanner, in older versions, type “Server URL” and “Device identifier” as below."),
            _("Switch tracking on when your patrol starts, and off at its end."),
        ],
        link,
    )


def _owntracks(address: str, secret: str) -> Setup:
    settings = {
        "_type": "configuration",
        "mode": 3,  # HTTP
        "url": address,
        "auth": True,
        "username": ANY_USER,
        "password": secret,
        "deviceId": "phone",
        "tid": "gw",
        "monitoring": 0,  # manual: nothing is sent until the volunteer sets it to move
        "locatorInterval": INTERVAL_S,
        "moveModeLocatorInterval": INTERVAL_S,
        "locatorDisplacement": 10,
    }
    inline = base64.b64encode(json.dumps(settings, separators=(",", ":")).encode()).decode()
    link = f"owntracks:///config?inline={quote(inline, safe='')}"
    return Setup(
        link,
        [(_("URL"), address), (_("Username"), ANY_USER), (_("Password"), secret)],
        [
            _("Scan the code with the phone's camera and open it with OwnTracks; it shows what it takes over."),
            _("By hand: in the preferences choose the mode HTTP, and type URL, user name and password as below."),
            _("Set monitoring to “Move” when your patrol starts, and to “Manual” at its end."),
        ],
        link,
    )


def _gpslogger(address: str, secret: str) -> Setup:
    whole = f"{address}?%ALL"
    return Setup(
        whole,
        [
            (_("URL"), whole),
            (_("HTTP method"), "GET"),
            (_("Username"), ANY_USER),
            (_("Password"), secret),
        ],
        [
            _("In GPSLogger open Logging details and switch “Log to custom URL” on."),
            _("Paste the URL, choose GET, and type user name and password under basic authentication."),
            _("Under Performance set the interval to %(count)d seconds, and start logging when your patrol starts.")
            % {"count": INTERVAL_S},
        ],
    )


def _overland(address: str, secret: str) -> Setup:
    link = f"overland://setup?{urlencode({'url': address, 'token': secret, 'device_id': 'phone'}, quote_via=quote)}"
    return Setup(
        link,
        [(_("Receiver endpoint"), address), (_("Access token"), secret)],
        [
            _("Scan the code with the phone's camera and open it with Overland."),
            _("By hand: in the settings touch “Receiver Endpoint”, and type address and access token as below."),
            _("Switch the tracker on when your patrol starts, and off at its end."),
        ],
        link,
    )


SETUPS: dict[str, Callable[[str, str], Setup]] = {
    Device.Protocol.OSMAND: _osmand,
    Device.Protocol.TRACCAR: _traccar,
    Device.Protocol.OWNTRACKS: _owntracks,
    Device.Protocol.GPSLOGGER: _gpslogger,
    Device.Protocol.OVERLAND: _overland,
}


def systems_of(protocol: str) -> str:
    """Return which telephones an application is for."""
    both = pgettext("telephones", "Android, iPhone")
    known = {Device.Protocol.GPSLOGGER: "Android", Device.Protocol.OVERLAND: "iPhone"}
    return known.get(Device.Protocol(protocol), both)
