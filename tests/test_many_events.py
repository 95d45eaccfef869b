"""Installed on a database with many events: none of them is so much as touched."""

import pytest

import databases
import postgres
from ground import ADDON

pytestmark = pytest.mark.slow

EVENTS = 20_000
# half of them past, half to come; each with somebody from outside
MANY = f"""
    INSERT INTO res_partner (name, phone, phone_sanitized, active, type)
    VALUES ('Somebody', '+12025550101', '+12025550101', true, 'contact');
    INSERT INTO calendar_event
           (name, user_id, start, stop, show_as, active, create_uid, create_date)
    SELECT 'event', 2, moment, moment + interval '1 hour', 'busy', true, 2, now()
      FROM (SELECT date_trunc('hour', now()) + (n - {EVENTS // 2}) * interval '1 hour'
                   AS moment FROM generate_series(1, {EVENTS}) n) moments;
    INSERT INTO calendar_event_res_partner_rel (calendar_event_id, res_partner_id)
    SELECT e.id, p.id FROM calendar_event e, res_partner p WHERE p.name = 'Somebody';
    INSERT INTO calendar_attendee (event_id, partner_id, state)
    SELECT e.id, p.id, 'needsAction'
      FROM calendar_event e, res_partner p WHERE p.name = 'Somebody';
"""
# a row that was written since has another xmin or another place
ROWS = """SELECT count(*), md5(string_agg(row, ',' ORDER BY row))
            FROM (SELECT id || ' ' || xmin || ' ' || ctid AS row
                    FROM calendar_event) events"""
MESSAGES = "SELECT count(*) FROM mail_message WHERE model = 'calendar.event'"
VISITS = "SELECT count(*) FROM calendar_event WHERE patient_id IS NOT NULL"
REMINDERS = "SELECT count(*) FROM clinic_reminder_call"
PLAN = 'env["clinic.reminder.call"]._cron_plan()\n'


def one(database, sql):
    return postgres.run_sql(sql, database)[0]


def test_the_installation_and_the_first_plan_touch_no_event():
    with databases.temporary_database(databases.template_database()) as database:
        postgres.run_sql(MANY, database)
        before = one(database, ROWS)
        assert before[0] == str(EVENTS)
        databases.install(database, [ADDON])
        databases.run_code(database, PLAN)
        assert one(database, ROWS) == before
        for sql in (MESSAGES, VISITS, REMINDERS):
            assert one(database, sql) == ["0"], sql
        status = "SELECT DISTINCT visit_status FROM calendar_event"
        assert one(database, status) == ["booked"]
