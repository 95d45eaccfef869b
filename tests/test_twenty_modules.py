"""Among twenty of Odoo's and OCA's modules and more, with everybody's demo data.

The soak's company has accounting and a website as well.
"""

import pytest

import databases
import ground
import neighbours
import odoo_runner
from clinic import ADDON, find_troubles, running_clinic
from postgres import run_sql

pytestmark = pytest.mark.slow

OF_OTHERS = f"""
    SELECT e.id, e.patient_id FROM calendar_event e
     WHERE NOT EXISTS (SELECT 1 FROM ir_model_data d
                        WHERE d.model = 'calendar.event' AND d.res_id = e.id
                          AND d.module = '{ADDON}')"""
VIEWS = f"""
    WITH RECURSIVE above AS (
        SELECT v.id AS ours, v.id, v.inherit_id, v.mode
          FROM ir_ui_view v JOIN ir_model_data d ON d.res_id = v.id
         WHERE d.model = 'ir.ui.view' AND d.module = '{ADDON}' AND v.type != 'qweb'
         UNION SELECT a.ours, v.id, v.inherit_id, v.mode FROM ir_ui_view v
          JOIN above a ON v.id = a.inherit_id AND a.mode != 'primary')
    SELECT DISTINCT v.id, v.model, v.type, v.name FROM above a
      JOIN ir_ui_view v ON v.id = a.id
     WHERE a.inherit_id IS NULL OR a.mode = 'primary'"""
LEFT = """SELECT table_name || '.' || column_name FROM information_schema.columns
           WHERE table_schema = 'public' AND (
                 table_name LIKE 'clinic_reminder%' OR table_name LIKE 'voicebox%'
                 OR column_name LIKE 'reminder_%' OR column_name LIKE 'visit_status%')
             AND table_name NOT LIKE 'resource_booking%'"""
ANSWERS = {
    "confirm": "confirmed",
    "decline": "cancelled",
    "another_time": "reschedule",
    "busy": "not_confirmed",
}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(neighbours.TWENTY, id="twenty"),
        pytest.param(neighbours.MORE, id="more", marks=pytest.mark.soak),
    ],
)
def source(request):
    return neighbours.among_neighbours(request.param)


@pytest.fixture(scope="module")
def module_clinic(source):
    where = {"name": "twenty", "source": source}
    with running_clinic("--max-cron-threads=1", **where) as clinic:
        # the demo's patients have the first hundred numbers
        for _ in range(100):
            next(clinic._numbers)
        yield clinic
        assert our_troubles(clinic.server.log()) == []


def our_troubles(log):
    """Others' demo data have troubles of their own: no wkhtmltopdf, no pdfminer."""
    return [trouble for trouble in find_troubles(log) if ADDON in trouble]


@pytest.fixture
def clinic(module_clinic):
    return module_clinic


def test_there_are_twenty(clinic):
    sql = "SELECT name FROM ir_module_module WHERE state = 'installed'"
    installed = {row["name"] for row in clinic.rows(sql)}
    assert len(neighbours.TWENTY) >= 20
    assert {*neighbours.TWENTY, ADDON} <= installed


def test_nobody_elses_event_is_a_visit(clinic):
    events = clinic.rows(OF_OTHERS)
    assert len(events) > 10
    assert [event for event in events if event["patient_id"]] == []


def test_every_view_renders(clinic):
    views = clinic.rows(VIEWS)
    assert len(views) > 30
    for view in views:
        wanted = [[view["id"], view["type"]]]
        shown = clinic.admin(view["model"], "get_views", wanted)["views"]
        assert shown[view["type"]]["id"] == view["id"], view["name"]


def test_the_day_plays_to_its_end(clinic, module_simulator):
    """Planned, called, answered: each visit gets what its patient said."""
    module_simulator.reset()
    module_simulator.set_faults()
    wanted = dict(zip(clinic.patients(len(ANSWERS)), ANSWERS, strict=True))
    script = {clinic.phone_of(patient): how for patient, how in wanted.items()}
    module_simulator.set_script(script)
    clinic.connect_simulator(module_simulator)
    events = clinic.book(patient_ids=list(wanted))

    def statuses():
        return [clinic.visit(event)["visit_status"] for event in events]

    wake = ("plan", "dispatch", "sweep")
    right = list(ANSWERS.values())
    clinic.wait_waking("all said it", lambda: statuses() == right, *wake)
    clinic.wait_waking("no call is open", lambda: not is_calling(clinic), "sweep")
    called = {call["event_id"] for call in clinic.attempts()}
    assert set(events) < called, "the demo's own visits are called, too"
    assert called.isdisjoint(
        row["id"] for row in clinic.rows(OF_OTHERS) if row["id"] not in events
    )


def is_calling(clinic):
    return clinic.open_reminders().get("calling")


def test_the_uninstallation(source):
    log = ground.LOGS / "twenty_uninstall.log"
    with databases.temporary_database(source) as name:
        uninstall = ("module", "uninstall", "-d", name, ADDON)
        assert odoo_runner.run_odoo(*uninstall, log_path=log) == 0, log.read_text()
        assert our_troubles(log.read_text()) == []
        assert run_sql(LEFT, name) == []
