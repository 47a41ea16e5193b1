"""GPX files: what is read, and what is refused before anything is read."""

from datetime import UTC, datetime

import pytest

from patrols.protocols import gpx
from patrols.protocols.readings import Fault, ProtocolError

TRACK = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="a tracker" xmlns="http://www.topografix.com/GPX/1/1">
 <wpt lat="1" lon="1"/>
 <trk><trkseg>
  <trkpt lat="40.82" lon="111.67"><ele>1040</ele><time>2026-11-03T04:00:00Z</time></trkpt>
  <trkpt lat="40.83" lon="111.67"><time>2026-11-03T12:00:10+08:00</time></trkpt>
  <trkpt lat="40.84" lon="111.67"/>
 </trkseg></trk>
</gpx>"""


def refusal(content: bytes) -> str:
    with pytest.raises(ProtocolError) as refused:
        gpx.route(content)
    return str(refused.value)


def test_timed_points_are_positions_and_untimed_ones_a_shape() -> None:
    route = gpx.route(TRACK.encode())
    assert [reading.taken_at for reading in route.timed] == [
        datetime(2026, 11, 3, 4, 0, tzinfo=UTC),
        datetime(2026, 11, 3, 4, 0, 10, tzinfo=UTC),
    ]
    assert [(reading.lon, reading.lat, reading.altitude) for reading in route.timed] == [
        (111.67, 40.82, 1040),
        (111.67, 40.83, None),
    ]
    assert [reading.lat for reading in route.untimed] == [40.84]


def test_a_point_off_the_earth_is_kept_aside() -> None:
    route = gpx.route(TRACK.replace('lat="40.83"', 'lat="140.83"').encode())
    assert [reading.fault for reading in route.timed] == [None, Fault.BAD_PLACE]


def test_gpx_1_0_has_speeds() -> None:
    content = TRACK.replace("1.1", "1.0").replace("GPX/1/1", "GPX/1/0")
    content = content.replace("</time></trkpt>", "</time><speed>1.5</speed></trkpt>", 1)
    assert gpx.route(content.encode()).timed[0].speed == 1.5


@pytest.mark.parametrize(
    "content",
    [b"", b"lat,lon\n1,2", b"<gpx><trk>", b"<html/>", b"\xff\xfe\x00", b"<gpx>" + b"<a>" * 50_000],
    ids=["empty", "csv", "cut off", "html", "bytes", "deep"],
)
def test_what_is_no_gpx_is_refused(content: bytes) -> None:
    assert refusal(content) == "no_gpx"


def test_a_billion_laughs_are_refused() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE gpx [<!ENTITY a0 "ha">{entities}]><gpx><name>&a9;</name></gpx>'
    assert refusal(bomb.encode()) == "harmful"


def test_a_reference_to_another_file_is_refused() -> None:
    bomb = '<!DOCTYPE gpx [<!ENTITY a SYSTEM "file:///etc/passwd">]><gpx><name>&a;</name></gpx>'
    assert refusal(bomb.encode()) == "harmful"


def test_too_large_a_file_is_refused_unread() -> None:
    assert refusal(b" " * (gpx.LARGEST + 1)) == "too_large"


def test_too_many_points_are_refused() -> None:
    content = f"<gpx><trk><trkseg>{'<trkpt/>' * (gpx.MOST + 1)}</trkseg></trk></gpx>"
    assert refusal(content.encode()) == "too_many"
