"""What the demo is judged by, and that it has a day to work with at every hour."""

import csv
import re
from datetime import datetime, timedelta, timezone
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

import demo
import demo_check
import demo_database
import demo_patients
import ground
from voicebox_simulator.behaviour import Script
from voicebox_simulator.faults import Faults

DEMO_DATA = ground.ROOT / ground.ADDON / "demo"
FICTION = re.compile(r"120255501\d\d")
BOOKED = {"status": "booked"}


@pytest.fixture(scope="module")
def patients():
    with open(DEMO_DATA / "res.partner-patients.csv", newline="") as handle:
        return {row["id"]: row for row in csv.DictReader(handle)}


def digits(text):
    return re.sub(r"\D", "", text)


def patients_of_visits(*days):
    root = ElementTree.parse(DEMO_DATA / "calendar_event_demo.xml").getroot()
    for visit in root.iter("record"):
        fields = {field.get("name"): field for field in visit}
        if visit.get("id").startswith(days) and "visit_status" not in fields:
            if "patient_id" in fields and "allday" not in fields:
                yield fields["patient_id"].get("ref")


def visit(key="visit_tomorrow_0900_therapist", number="12025550100", **values):
    defaults = {"patient": "X", "patient_key": "patient_x", "start": "23.11. 09:00"}
    return {**defaults, "key": key, "number": number, **values}


def test_all_numbers_are_fictional(patients):
    numbers = {digits(row["phone"]) for row in patients.values()} - {""}
    assert all(map(FICTION.fullmatch, numbers))
    assert set(demo_patients.ANSWERS) < numbers


def test_every_patient_to_be_called_has_a_story(patients):
    called = set(patients_of_visits("visit_tomorrow", "visit_day_after"))
    uncalled = set(demo_patients.NOT_CALLED)
    assert uncalled < called
    stories = {digits(patients[key]["phone"]) for key in called - uncalled}
    assert stories == set(demo_patients.ANSWERS)


def test_the_simulator_understands_the_script():
    Script({"numbers": demo_patients.ANSWERS}, seed=1)
    Faults(demo_patients.FAULTS, seed=1)


@pytest.mark.parametrize(
    ("number", "calls", "outcome"),
    [
        ("12025550100", 1, "confirmed"),
        ("12025550101", 3, "not_reached"),
        ("12025550102", 3, "confirmed"),
        ("12025550112", 2, "declined"),
        ("12025550115", 1, "operator"),
    ],
)
def test_story(number, calls, outcome):
    behaviours, result = demo_patients.story(number)
    assert (len(behaviours), result) == (calls, outcome)


def test_second_visit_of_a_day_is_told_along():
    visits = [
        visit("visit_tomorrow_0900_therapist"),
        visit("visit_tomorrow_1000_therapist", start="23.11. 10:00"),
        visit("visit_day_after_1000_therapist", start="24.11. 10:00"),
    ]
    right = demo_check.expectations(visits, {v["key"]: BOOKED for v in visits})
    assert [result.calls for (result,) in right.values()] == [1, 0, 1]


def test_visits_that_lead_to_no_call():
    before = {"status": "cancelled"}
    key = "visit_tomorrow_0900_therapist"
    right = demo_check.expectations([visit(key)], {key: before})
    assert right[key] == [demo_check.Result("cancelled", (), 0)]


def test_logs_are_compared_call_for_call():
    log = [
        {"guid": "a", "number": "1", "defects": []},
        {"guid": "b", "number": "2", "defects": []},
    ]
    attempts = [
        {"guid": "a", "number": "1", "error": "ambiguous"},
        {"guid": "b", "number": "2", "error": ""},
        {"guid": "c", "number": "3", "error": "not_sent"},
    ]
    assert not list(demo_check.compare_logs(log, attempts))
    assert len(list(demo_check.compare_logs(log, attempts[:1]))) == 1
    assert len(list(demo_check.compare_logs(log[:1], attempts))) == 1
    assert len(list(demo_check.compare_logs([*log, log[0]], attempts))) == 1
    attempts[1]["number"] = "3"
    assert len(list(demo_check.compare_logs(log, attempts))) == 2


@pytest.mark.parametrize("hour", range(24))
def test_a_clinic_has_hours_left_at_every_moment(hour):
    moment = datetime(2026, 11, 22, hour, 59, tzinfo=timezone.utc)
    local = moment.astimezone(ZoneInfo(demo_database.clinic_zone(moment)))
    assert local.date() == (local + timedelta(hours=4)).date()


def test_each_language_of_the_staff_has_its_menus():
    catalogue = (ground.ROOT / ground.ADDON / "i18n" / "ru.po").read_text()
    english, russian = (demo.MENUS[lang] for lang in ("en_US", "ru_RU"))
    for name, quoted in english.items():
        msgid, msgstr = quoted.strip('"'), russian[name].strip("«»")
        assert f'msgid "{msgid}"\nmsgstr "{msgstr}"' in catalogue
