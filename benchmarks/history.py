"""Years of visits, written past Odoo: it would take hours to make them by its means."""

import postgres

NAME = "Benchmark"
# each visit to come has a patient of its own, on a weekday or not, within 50 days
_SQL = """
UPDATE res_partner SET country_id = (SELECT id FROM res_country WHERE code = 'RU')
 WHERE id = (SELECT partner_id FROM res_company WHERE id = 1);
UPDATE res_company SET voicebox_mode = 'live', reminder_tz = 'Europe/Moscow';
UPDATE res_users SET takes_visits = true WHERE id = 2;
INSERT INTO res_partner (name, phone, phone_sanitized, active, type, create_uid,
                         partner_share)
SELECT '{name} ' || n, number, number, true, 'contact', 1, true
  FROM generate_series(1, {ahead}) n,
       LATERAL (SELECT '+1202555' || lpad((n % 10000)::text, 4, '0') AS number) phones;
WITH patients AS (
    SELECT id, row_number() OVER (ORDER BY id) AS n
      FROM res_partner WHERE name LIKE '{name} %'),
times AS (
    SELECT id, date_trunc('day', now()) + (2 + n % 50) * interval '1 day'
               + interval '7 hours' + (n % 20) * interval '30 minutes' AS start,
           'booked' AS status
      FROM patients
    UNION ALL
    SELECT patients.id, date_trunc('hour', now()) - past.n * interval '3 minutes',
           'done'
      FROM generate_series(1, {behind}) AS past (n)
      JOIN patients ON patients.n = 1 + past.n % {ahead})
INSERT INTO calendar_event
       (name, user_id, specialist_id, patient_id, reminder_company_id, specialty,
        visit_status, visit_status_origin, start, stop, show_as, active, privacy,
        create_uid, create_date, reminder_booked_at, allday)
SELECT '{name}', 2, 2, id, 1, 'Therapist', status, 'staff', start,
       start + interval '30 minutes', 'busy', true, 'public', 2, now(), now(), false
  FROM times;
INSERT INTO calendar_attendee (event_id, partner_id, state)
SELECT id, patient_id, 'needsAction' FROM calendar_event WHERE start > now();
ANALYZE;
"""


def write(database, ahead, behind):
    """:param ahead, behind: how many visits to come, and how many of the past"""
    postgres.run_sql(_SQL.format(name=NAME, ahead=ahead, behind=behind), database)
