"""Modules that copy the calendar's model, or have a patient of their own."""

import contextlib
from functools import partial

import pytest

import databases
import ground
import neighbours
from clinic import ADDON, Rpc, RpcError
from neighbours import PROBE, WITH_PROBES
from odoo_server import OdooServer
from postgres import run_sql

SOURCE = partial(neighbours.beside, f"{PROBE}copy")
SERVER_OPTIONS = ("--max-cron-threads=1", WITH_PROBES)
DOCUMENTED = [r"odoo\.http: This is no visit"]

# === A copy of the calendar's model === #


def booking(clinic, event, **values):
    """A record of the copied model with the id of a visit; as like it as can be."""
    (wanted,) = clinic.desk(
        "calendar.event", "read", [event], ["start", "stop", "user_id", "partner_ids"]
    )
    wanted = {k: v[0] if k == "user_id" else v for k, v in wanted.items()}
    wanted["partner_ids"] = [(6, 0, wanted["partner_ids"])]
    sql = "SELECT setval('probe_booking_id_seq', %s, false)"
    clinic.rows(sql, wanted.pop("id"))
    rows = [{"name": "Booking", **wanted, **values}]
    (made,) = clinic.desk("probe.booking", "create", rows)
    assert made == event
    return made


def test_a_copied_record_is_no_visit(clinic, standin):
    (event,) = clinic.book()
    clinic.wait("it is called", lambda: clinic.attempt(event).get("call_id"))
    twin = booking(clinic, event)
    sql = "SELECT patient_id FROM probe_booking WHERE id = %s"
    assert clinic.rows(sql, twin)[0]["patient_id"] is None
    clinic.run("plan", "dispatch")
    assert len(standin.requests) == 1


def test_what_is_done_to_a_copy_does_nothing_to_the_visit(clinic, standin):
    (event,) = clinic.book()
    clinic.wait("it is called", lambda: clinic.attempt(event).get("call_id"))
    patient = clinic.visit(event)["patient_id"]
    twin = booking(clinic, event, patient_id=patient)
    before = clinic.visit(event), clinic.reminder(event)
    for name in ("action_reminder_skip", "action_reminder_call_now"):
        with pytest.raises(RpcError, match="no visit"):
            clinic.desk("probe.booking", name, [twin])
    for values in ({"visit_status": "cancelled"}, {"active": False}):
        clinic.desk("probe.booking", "write", [twin], values)
    names = ["reminder_call_ids", "reminder_explanation", "calling_notice"]
    (read,) = clinic.desk("probe.booking", "read", [twin], names)
    assert [read[name] for name in names] == [[], "", ""]
    clinic.desk("probe.booking", "copy", [twin])
    clinic.desk("probe.booking", "unlink", [twin])
    clinic.run("plan", "sweep")
    assert (clinic.visit(event), clinic.reminder(event)) == before


@pytest.mark.parametrize("view", ["form", "list", "search", "kanban", "pivot"])
def test_a_copy_has_its_views(clinic, view):
    views = clinic.desk("probe.booking", "get_views", [[False, view]])["views"]
    assert views[view]["arch"]


# === A patient of its own === #


@contextlib.contextmanager
def server_on(source):
    """(The administrator's client, the database) of a server with the probes."""
    with databases.temporary_database(source) as database:
        log_path = ground.LOGS / "e2e_patient.log"
        options = ("--max-cron-threads=0", WITH_PROBES)
        with OdooServer(database, *options, log_path=log_path) as server:
            yield Rpc(server.url, database, "admin", "admin"), database


def install(admin, name):
    admin("ir.module.module", "update_list")
    ids = admin("ir.module.module", "search", [("name", "=", name)])
    admin("ir.module.module", "button_immediate_install", ids)


def state(admin, name):
    domain = [("name", "=", name)]
    (module,) = admin("ir.module.module", "search_read", domain, ["state"])
    return module["state"]


def test_a_module_with_a_patient_of_its_own_comes_second():
    with server_on(databases.addon_database()) as (admin, _database):
        with pytest.raises(RpcError, match="probe.patient"):
            install(admin, f"{PROBE}patient")
        assert state(admin, f"{PROBE}patient") == "uninstalled"
        kinds = admin("calendar.event", "fields_get", ["patient_id"])
        assert kinds["patient_id"]["relation"] == "res.partner"


def test_a_module_with_a_patient_of_its_own_came_first():
    source = neighbours.only(f"{PROBE}patient")
    with server_on(source) as (admin, database):
        with pytest.raises(RpcError, match="probe.patient"):
            install(admin, ADDON)
        assert state(admin, ADDON) == "uninstalled"
        sql = "SELECT tablename FROM pg_tables WHERE tablename LIKE 'clinic_reminder%'"
        assert run_sql(sql, database) == []
        assert admin("calendar.event", "create", [{"name": "still possible"}])
