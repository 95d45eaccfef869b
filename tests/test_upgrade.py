"""A database of the version before comes up to this one with its data."""

import databases
import odoo_runner
import postgres
from ground import ADDON, LOGS

BEFORE = "19.0.1.0.0"
# the schema and the data as that version left them
OLD = f"""
    ALTER TABLE clinic_reminder_call RENAME COLUMN is_on_visit TO is_told;
    ALTER TABLE clinic_reminder_call DROP COLUMN attention_kind;
    ALTER TABLE calendar_event DROP COLUMN visit_status_code;
    ALTER TABLE calendar_event RENAME COLUMN visit_status_note TO visit_status_reason;
    ALTER TABLE calendar_event DROP COLUMN specialist_id;
    ALTER TABLE calendar_event DROP COLUMN reminder_company_id;
    ALTER TABLE res_users DROP COLUMN takes_visits;
    UPDATE ir_module_module SET latest_version = '{BEFORE}' WHERE name = '{ADDON}';
    INSERT INTO calendar_event (name, visit_status_reason, start, stop, show_as)
    VALUES ('one', 'reminder call: not reached', now(), now(), 'busy'),
           ('two', 'звонок-напоминание: отказ', now(), now(), 'busy'),
           ('three', 'called by staff', now(), now(), 'busy'),
           ('four', 'her son called', now(), now(), 'busy'),
           ('five', NULL, now(), now(), 'busy');
    INSERT INTO clinic_reminder_call
           (company_id, visit_start, state, outcome, skip_reason, needs_attention)
    VALUES (1, now(), 'done', 'operator', NULL, true),
           (1, now(), 'skipped', NULL, 'bad_phone', true),
           (1, now(), 'done', 'confirmed', NULL, false);
    INSERT INTO res_partner (name, reminder_consent_date)
    VALUES ('nothing recorded', now());
    INSERT INTO calendar_event (name, patient_id, user_id, start, stop, show_as)
    SELECT 'visit', partner.id, users.id, now(), now(), 'busy'
      FROM res_partner partner, res_users users
     WHERE partner.name = 'nothing recorded' AND users.login = 'admin';
"""


def test_what_was_known_before_is_known_after():
    with databases.temporary_database(databases.addon_database()) as database:
        postgres.run_sql(OLD, database)
        log = LOGS / "upgrade.log"
        arguments = ("-d", database, "-u", ADDON, "--stop-after-init", "--no-http")
        code = odoo_runner.run_odoo(*arguments, "--max-cron-threads=0", log_path=log)
        assert code == 0, log.read_text()[-3000:]
        check_reasons(database)
        check_traces(database)
        check_visits(database)
        check_work_list(database)


def check_work_list(database):
    kinds = postgres.run_sql(
        "SELECT attention_kind, needs_attention FROM clinic_reminder_call ORDER BY id",
        database,
    )
    assert kinds == [["asks_person", "t"], ["number", "t"], ["", "f"]]


def check_reasons(database):
    reasons = postgres.run_sql(
        "SELECT visit_status_code, visit_status_note FROM calendar_event "
        "WHERE name IN ('one', 'two', 'three', 'four', 'five') ORDER BY id",
        database,
    )
    assert reasons == [
        ["not_reached", ""],
        ["declined", ""],
        ["called_by_staff", ""],
        ["", "her son called"],
        ["", ""],
    ]


def check_traces(database):
    traces = postgres.run_sql(
        "SELECT 1 FROM res_partner WHERE reminder_consent_date IS NOT NULL", database
    )
    assert traces == []


def check_visits(database):
    """A visit stays one, of its organizer's, who is now known to take visits."""
    visits = postgres.run_sql(
        "SELECT e.name, u.login, u.takes_visits, e.reminder_company_id = u.company_id "
        "FROM calendar_event e JOIN res_users u ON u.id = e.specialist_id",
        database,
    )
    assert visits == [["visit", "admin", "t", "t"]]
