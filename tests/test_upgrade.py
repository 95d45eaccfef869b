"""A database of the version before comes up to this one with its data."""

import databases
import odoo_runner
import postgres
from ground import ADDON, LOGS

BEFORE = "19.0.1.0.0"
# the schema and the data as that version left them
OLD = f"""
    ALTER TABLE clinic_reminder_call RENAME COLUMN is_on_visit TO is_told;
    ALTER TABLE calendar_event DROP COLUMN visit_status_code;
    ALTER TABLE calendar_event RENAME COLUMN visit_status_note TO visit_status_reason;
    UPDATE ir_module_module SET latest_version = '{BEFORE}' WHERE name = '{ADDON}';
    INSERT INTO calendar_event (name, visit_status_reason, start, stop, show_as)
    VALUES ('one', 'reminder call: not reached', now(), now(), 'busy'),
           ('two', 'звонок-напоминание: отказ', now(), now(), 'busy'),
           ('three', 'called by staff', now(), now(), 'busy'),
           ('four', 'her son called', now(), now(), 'busy'),
           ('five', NULL, now(), now(), 'busy');
    INSERT INTO res_partner (name, reminder_consent_date)
    VALUES ('nothing recorded', now());
"""


def test_reasons_become_codes_and_words_stay():
    with databases.temporary_database(databases.addon_database()) as database:
        postgres.run_sql(OLD, database)
        log = LOGS / "upgrade.log"
        arguments = ("-d", database, "-u", ADDON, "--stop-after-init", "--no-http")
        code = odoo_runner.run_odoo(*arguments, "--max-cron-threads=0", log_path=log)
        assert code == 0, log.read_text()[-3000:]
        reasons = postgres.run_sql(
            "SELECT visit_status_code, visit_status_note FROM calendar_event "
            "WHERE name IN ('one', 'two', 'three', 'four', 'five') ORDER BY id",
            database,
        )
        traces = postgres.run_sql(
            "SELECT 1 FROM res_partner WHERE reminder_consent_date IS NOT NULL",
            database,
        )
    assert reasons == [
        ["not_reached", ""],
        ["declined", ""],
        ["called_by_staff", ""],
        ["", "her son called"],
        ["", ""],
    ]
    assert traces == []
