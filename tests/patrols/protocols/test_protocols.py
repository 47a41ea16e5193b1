"""What each tracker sends, as its documentation and source have it, read into one form."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrols.protocols import gpslogger, osmand, overland, owntracks, traccar
from patrols.protocols.readings import MOST_ATTRIBUTES, Fault, ProtocolError, Reading, moment

NOON = datetime(2026, 11, 3, 4, 0, tzinfo=UTC)
SECONDS = str(int(NOON.timestamp()))
HERE = {"lat": "40.82", "lon": "111.67"}


def only(readings: list[Reading]) -> Reading:
    (reading,) = readings
    return reading


class TestOsmAnd:
    def test_everything_it_says_is_read(self) -> None:
        reading = only(
            osmand.readings(
                {
                    "id": "secret",
                    **HERE,
                    "timestamp": SECONDS,
                    "speed": "2.5",
                    "bearing": "370",
                    "altitude": "1040.5",
                    "accuracy": "6",
                    "hdop": "0.9",
                    "batt": "71.0",
                }
            )
        )
        assert (reading.lon, reading.lat, reading.taken_at) == (111.67, 40.82, NOON)
        assert reading.speed == pytest.approx(2.5 * 0.514444, rel=1e-5)
        assert (reading.course, reading.altitude, reading.accuracy) == (10, 1040.5, 6)
        assert reading.attributes == {"hdop": "0.9", "batt": "71.0"}
        assert reading.fault is None

    @pytest.mark.parametrize("text", [SECONDS, SECONDS + "000", "2026-11-03T04:00:00Z", "2026-11-03 04:00:00"])
    def test_time_comes_in_four_forms(self, text: str) -> None:
        assert only(osmand.readings({**HERE, "timestamp": text})).taken_at == NOON

    def test_without_a_time_it_is_now(self) -> None:
        assert only(osmand.readings(HERE)).taken_at is None

    def test_place_may_come_in_one_parameter(self) -> None:
        reading = only(osmand.readings({"location": "40.82,111.67"}))
        assert (reading.lon, reading.lat) == (111.67, 40.82)

    def test_some_clients_send_metres_a_second(self) -> None:
        assert only(osmand.readings({**HERE, "speed": "2"}, speed_unit=1.0)).speed == 2

    def test_no_place_is_a_heartbeat(self) -> None:
        assert osmand.readings({"id": "secret", "batt": "12"}) == []

    def test_the_device_has_one_of_two_names(self) -> None:
        assert osmand.device({"id": "a"}) == osmand.device({"deviceid": "a"}) == "a"
        with pytest.raises(ProtocolError, match="no_device"):
            osmand.device({"lat": "1"})

    @pytest.mark.parametrize(
        ("values", "fault"),
        [
            ({"lat": "191", "lon": "0"}, Fault.BAD_PLACE),
            ({"lat": "NaN", "lon": "0"}, Fault.BAD_PLACE),
            ({"lat": "111.67", "lon": "40.82"}, Fault.SWAPPED),
            ({"lat": "40.82", "lon": "181"}, Fault.BAD_PLACE),
            ({"lat": "40.8"}, Fault.BAD_PLACE),
            ({**HERE, "timestamp": "yesterday"}, Fault.BAD_TIME),
            ({**HERE, "timestamp": "9" * 30}, Fault.BAD_TIME),
            ({**HERE, "valid": "false"}, Fault.SAID_INVALID),
        ],
    )
    def test_what_cannot_count_says_why(self, values: dict[str, str], fault: Fault) -> None:
        assert only(osmand.readings(values)).fault is fault


class TestTraccarClient:
    BODY: dict[str, Any] = {
        "location": {
            "timestamp": "2026-11-03T04:00:00.000Z",
            "coords": {
                "latitude": 40.82,
                "longitude": 111.67,
                "accuracy": 4.7,
                "speed": 1.3,
                "heading": -1,
                "altitude": 1040,
            },
            "is_moving": True,
            "odometer": 12.5,
            "event": "motionchange",
            "battery": {"level": 0.8, "is_charging": False},
            "activity": {"type": "walking"},
            "extras": {},
            "_": "&id=secret&lat=40.82",
        },
        "device_id": "secret",
    }

    def test_version_nine_sends_json_in_metres_a_second(self) -> None:
        reading = only(traccar.readings(self.BODY))
        assert traccar.device(self.BODY) == "secret"
        assert (reading.lon, reading.lat, reading.taken_at) == (111.67, 40.82, NOON)
        assert (reading.speed, reading.accuracy, reading.course) == (1.3, 4.7, None)
        assert reading.attributes == {
            "is_moving": True,
            "odometer": 12.5,
            "event": "motionchange",
            "battery_level": 0.8,
            "charging": False,
            "moving_by": "walking",
        }

    def test_without_coordinates_it_is_a_heartbeat(self) -> None:
        assert traccar.readings({"location": {"event": "heartbeat"}, "device_id": "secret"}) == []

    @pytest.mark.parametrize("body", [{}, {"device_id": 7}, {"device_id": ""}])
    def test_a_body_without_a_device_is_refused(self, body: dict[str, Any]) -> None:
        with pytest.raises(ProtocolError, match="no_device"):
            traccar.device(body)

    def test_a_body_without_a_location_is_refused(self) -> None:
        with pytest.raises(ProtocolError, match="no_location"):
            traccar.readings({"device_id": "secret"})


class TestOwnTracks:
    BODY: dict[str, Any] = {
        "_type": "location",
        "lat": 40.82,
        "lon": 111.67,
        "tst": int(NOON.timestamp()),
        "tid": "m1",
        "acc": 12,
        "vel": 36,
        "cog": 270,
        "batt": 55,
        "topic": "owntracks/u/d",
        "inregions": ["home"],
    }

    def test_a_location_is_read_with_its_kilometres_an_hour(self) -> None:
        reading = only(owntracks.readings(self.BODY))
        assert (reading.lon, reading.lat, reading.taken_at, reading.accuracy) == (111.67, 40.82, NOON, 12)
        assert reading.speed == pytest.approx(10)
        # The names of regions may be those of private places.
        assert reading.attributes == {"tid": "m1", "batt": 55}

    @pytest.mark.parametrize(
        "kind", ["transition", "waypoint", "waypoints", "status", "lwt", "card", "steps", "cmd", "encrypted", None]
    )
    def test_every_other_message_has_no_position(self, kind: str | None) -> None:
        assert owntracks.readings({**self.BODY, "_type": kind}) == []


class TestGpsLogger:
    def test_the_parameters_of_all_are_read(self) -> None:
        query = {
            **HERE,
            "sat": "9",
            "desc": "",
            "alt": "1040",
            "acc": "5.5",
            "dir": "90",
            "prov": "gps",
            "spd_kph": "3.6",
            "spd": "1.0",
            "timestamp": SECONDS,
            "time": "2026-11-03T04:00:00.000Z",
            "hdop": "null",
            "vdop": "",
            "ser": "0123456789",
        }
        reading = only(gpslogger.readings(query))
        assert (reading.lon, reading.taken_at, reading.speed, reading.course) == (111.67, NOON, 1, 90)
        # What identifies the phone is not kept.
        assert reading.attributes == {"sat": "9", "prov": "gps"}

    def test_kilometres_an_hour_are_taken_where_there_is_nothing_else(self) -> None:
        assert only(gpslogger.readings({**HERE, "spd_kph": "3.6"})).speed == pytest.approx(1)

    def test_a_template_may_use_other_names_and_the_time_as_text(self) -> None:
        values = {"Latitude": "40.82", "lng": "111.67", "time": "2026-11-03T04:00:00Z", "speed": "1"}
        reading = only(gpslogger.readings(values))
        assert (reading.lat, reading.lon, reading.taken_at, reading.speed) == (40.82, 111.67, NOON, 1)

    def test_without_a_place_there_is_no_position(self) -> None:
        assert gpslogger.readings({"lat": "", "lon": "null", "desc": "x"}) == []


class TestOverland:
    FEATURE: dict[str, Any] = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [111.67, 40.82]},
        "properties": {
            "timestamp": "2026-11-03T12:00:00+0800",
            "speed": -1,
            "course": 12,
            "horizontal_accuracy": 8,
            "vertical_accuracy": -1,
            "altitude": 1040,
            "motion": ["walking", "stationary"],
            "battery_level": 0.4,
            "device_id": "m1",
        },
    }

    def test_a_batch_is_read_in_its_order(self) -> None:
        first, second = overland.readings({"locations": [self.FEATURE, self.FEATURE], "trip": {}})
        assert first == second
        assert (first.lon, first.lat, first.taken_at, first.speed) == (111.67, 40.82, NOON, None)
        assert first.attributes == {"battery_level": 0.4, "moving_by": "walking stationary"}

    @pytest.mark.parametrize(
        "change",
        [{"properties": {"type": "trip"}}, {"properties": {"action": "visit"}}, {"geometry": None}],
    )
    def test_trips_and_actions_are_no_positions(self, change: dict[str, Any]) -> None:
        assert overland.readings({"locations": [{**self.FEATURE, **change}]}) == []

    def test_a_bad_entry_spoils_only_itself(self) -> None:
        bad = [7, {**self.FEATURE, "geometry": {"coordinates": "x"}}, {**self.FEATURE, "properties": {}}]
        faults = [reading.fault for reading in overland.readings({"locations": [*bad, self.FEATURE]})]
        assert faults == [Fault.UNREADABLE, Fault.BAD_PLACE, Fault.BAD_TIME, None]

    def test_what_is_no_batch_is_refused(self) -> None:
        with pytest.raises(ProtocolError, match="no_locations"):
            overland.readings({"locations": {}})
        with pytest.raises(ProtocolError, match="too_many"):
            overland.readings({"locations": [self.FEATURE] * 1001})


def test_nobody_can_store_books_in_attributes() -> None:
    values = {f"key{index}": "x" * 5000 for index in range(500)}
    attributes = only(osmand.readings({**HERE, **values})).attributes
    assert len(attributes) == MOST_ATTRIBUTES
    assert {len(value) for value in attributes.values()} == {200}


def test_a_moment_with_another_offset_is_the_same_moment() -> None:
    assert moment("2026-11-03T12:00:00+0800") == moment("2026-11-03T04:00:00Z") == NOON
    assert moment(True) is moment(None) is moment("") is None


json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(["lat", "lon", "timestamp", "speed", "altitude", "location", "accuracy", "time", "valid"])


@given(st.dictionaries(names, st.text(max_size=20)))
def test_no_query_breaks_a_reader(values: dict[str, str]) -> None:
    for reading in [*osmand.readings(values), *gpslogger.readings(values)]:
        assert reading.fault or (reading.lon is not None and reading.lat is not None)


@given(json)
def test_no_json_breaks_a_reader(value: Any) -> None:
    bodies: list[dict[str, Any]] = [
        {"locations": [value, {"geometry": value, "properties": value}, {"geometry": {"coordinates": value}}]}
    ]
    bodies += [{"location": value, "device_id": value}, {"location": {"coords": value, "timestamp": value}}]
    bodies += [{"_type": "location", "lat": value, "lon": value, "tst": value, "acc": value}]
    for body in bodies:
        for reader in (traccar.readings, overland.readings, owntracks.readings):
            try:
                readings = reader(body)
            except ProtocolError:
                continue
            for reading in readings:
                assert reading.fault or (reading.lon is not None and reading.lat is not None)
