"""What Odoo has on record in the demo's database, read past Odoo."""

import json

import ground
import postgres

VISITS = f"""
SELECT jsonb_build_object(
    'key', name.name,
    'patient', coalesce(patient.name, ''),
    'patient_key', coalesce(patient_name.name, ''),
    'number', regexp_replace(coalesce(patient.phone, ''), '\\D', '', 'g'),
    'start', to_char(visit.start AT TIME ZONE 'UTC' AT TIME ZONE company.reminder_tz,
                     'DD.MM. HH24:MI'),
    'status', visit.visit_status,
    'reminders', (
        SELECT coalesce(jsonb_agg(coalesce(outcome, skip_reason, state)), '[]')
          FROM clinic_reminder_call WHERE event_id = visit.id),
    'calls', (
        SELECT count(*) FROM clinic_reminder_attempt
          JOIN clinic_reminder_call ON clinic_reminder_call.id = reminder_id
         WHERE event_id = visit.id))
  FROM ir_model_data name
  JOIN calendar_event visit ON visit.id = name.res_id
  JOIN res_company company ON company.id = 1
  LEFT JOIN res_partner patient ON patient.id = visit.patient_id
  LEFT JOIN ir_model_data patient_name
         ON patient_name.model = 'res.partner' AND patient_name.res_id = patient.id
            AND patient_name.module = '{ground.ADDON}'
 WHERE name.module = '{ground.ADDON}' AND name.model = 'calendar.event'
 ORDER BY visit.start, name.name
"""
# of the demo's own three days: not the weeks before them
OF_THE_DEMO = """visit_start AT TIME ZONE 'UTC' >= (
    SELECT date_trunc('day', now() AT TIME ZONE reminder_tz) AT TIME ZONE reminder_tz
      FROM res_company WHERE id = 1)"""
ATTEMPTS = f"""
SELECT jsonb_build_object(
    'guid', guid, 'number', ltrim(attempt.phone, '+'),
    'error', coalesce(error_kind, ''))
  FROM clinic_reminder_attempt attempt
  LEFT JOIN clinic_reminder_call ON clinic_reminder_call.id = reminder_id
 WHERE reminder_id IS NULL OR {OF_THE_DEMO} ORDER BY attempt.id
"""
COUNTS = f"""
SELECT what, count(*) FROM (
    SELECT CASE WHEN reminder.state = 'calling' THEN coalesce(attempt.state, 'planned')
                ELSE coalesce(reminder.outcome, reminder.state) END AS what
      FROM clinic_reminder_call reminder
      LEFT JOIN clinic_reminder_attempt attempt
             ON attempt.reminder_id = reminder.id AND attempt.state != 'finished'
     WHERE {OF_THE_DEMO}
  ) AS reminders GROUP BY what
"""
SECRET = "SELECT voicebox_callback_secret FROM res_company WHERE id = 1"
# In the order of a reminder's life; several states may share their words.
WORDS = {
    "planned": "planned",
    "requesting": "ringing",
    "requested": "ringing",
    "answered": "answered",
    "confirmed": "confirmed",
    "declined": "declined",
    "operator": "want a person",
    "not_reached": "not reached",
    "skipped": "not called",
}
OPEN_WORDS = ("planned", "ringing", "answered")


def visits(database):
    return [json.loads(row) for (row,) in postgres.run_sql(VISITS, database)]


def attempts(database):
    return [json.loads(row) for (row,) in postgres.run_sql(ATTEMPTS, database)]


def callback_secret(database):
    return postgres.run_sql(SECRET, database)[0][0]


def progress(database):
    """How many reminders are where, by the words for it."""
    found = {what: int(count) for what, count in postgres.run_sql(COUNTS, database)}
    counts = {}
    for state, word in WORDS.items():
        counts[word] = counts.get(word, 0) + found.get(state, 0)
    return {word: count for word, count in counts.items() if count}


def is_over(counts):
    """Is every reminder closed?"""
    return bool(counts) and not any(word in counts for word in OPEN_WORDS)


def wake_crons(database):
    """What Odoo sends itself to look at its crons; else it waits a minute first."""
    postgres.run_sql(f"SELECT pg_notify('cron_trigger', '{database}')")
