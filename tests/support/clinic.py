"""A clinic for the tests: a real database behind a real Odoo server.

It is used as people use it: over the web client's own RPC, under the rights of a front
desk or an administrator. SQL only reads, moves the clock of a call (`overdue`) and
wakes crons.
"""

import contextlib
import functools
import itertools
import json
import os
import re
import time
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone

import psycopg2
import psycopg2.extras
import requests

import databases
import ground
import odoo_server
import postgres

ADDON = ground.ADDON
CALLBACK_PATH = f"/{ADDON}/callback"
METHOD = "0f6ae5a2-54c7-4d0e-9d2c-1a6d0c6b7e11"
LOGIN, PASSWORD = "clinic-of-the-tests", "pass: wörd/слово"
REASON = "end-to-end tests"  # to go live though no first step is done
SPECIALTY = "Эндоскопист"
PATIENT = ("Иванова", "Валерия", "Сергеевна")
SPOKEN_NAME = "Валерия Сергеевна"
PATIENCE = 90  # seconds a wait may last before the test fails
AREA_CODES = (202, 212, 305, 312, 404, 415, 503, 602, 617, 702, 718, 801)
MONTHS = (
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
).split()
QUIET = {"no_mail_to_attendees": True, "skip_contact_description": True}
LOG_RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (?P<level>[A-Z]+) (?P<db>\S+) (?P<name>[\w.]+): ",
    re.MULTILINE,
)
# Odoo's clock has whole seconds
JUST_NOW = "date_trunc('second', now() AT TIME ZONE 'UTC') - interval '1 second'"
TROUBLE = ("WARNING", "ERROR", "CRITICAL")


class RpcError(Exception):
    """Odoo refused; `name` is the exception's class."""

    def __init__(self, error):
        super().__init__(error["data"]["message"])
        self.name = error["data"]["name"].rpartition(".")[2]


class Rpc:
    """One person at the web client. For one thread."""

    def __init__(self, url, database, login, password):
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        credentials = {"db": database, "login": login, "password": password}
        self.uid = self._post("/web/session/authenticate", credentials)["uid"]

    def __call__(self, model, method, *args, **kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", params)

    def _post(self, path, params):
        reply = self.session.post(
            self.url + path, json={"jsonrpc": "2.0", "params": params}, timeout=120
        )
        reply.raise_for_status()
        answer = reply.json()
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer.get("result")


class Clinic:
    """Readable verbs over one server and its database."""

    def __init__(self, server):
        self.server = server
        self.database = server.database
        self._connections = {}
        self._numbers = _reserved_numbers()
        self._slots = itertools.count()
        self.admin = self.sign_in("admin", "admin")

    def close(self):
        """Close all connections; the next statement opens a new one."""
        for database in list(self._connections):
            self.disconnect(database)

    def disconnect(self, database):
        connection = self._connections.pop(database, None)
        if connection:
            connection.close()

    def sign_in(self, login, password):
        return Rpc(self.server.url, self.database, login, password)

    # === Setting up === #
    def set_up(self):
        """A Russian clinic that calls around the clock, in a zone where it is noon."""
        self.company_id = self.admin("res.company", "search", [])[0]
        # UTC offset at which this hour is eleven; the signs of Etc zones are reversed
        self.offset = 11 - datetime.now(timezone.utc).hour
        self.zone = f"Etc/GMT{-self.offset:+}" if self.offset else "Etc/GMT"
        self.configure(
            country_id=self._ref("base.ru"),
            reminder_tz=self.zone,
            reminder_calendar_id=self._make_calendar(),
            voicebox_login=LOGIN,
            voicebox_password=PASSWORD,
            voicebox_method=METHOD,
            voicebox_max_lines=0,
            reminder_pause_no_answer=0,
            reminder_pause_hung_up=0,
            reminder_pause_machine=0,
            reminder_pause_no_result=0,
        )
        self.specialist_id = self._make_user(
            "specialist", function=SPECIALTY, takes_visits=True
        )
        self.specialist_partner_id = self._partner_of(self.specialist_id)
        self.desk_id = self._make_user("desk")
        self.desk = self.sign_in("desk", "desk-of-the-tests")
        return self

    def configure(self, **values):
        self.admin("res.company", "write", [self.company_id], values)

    def connect(self, url, mode="live"):
        """Point the clinic at a Voicebox; a rest of the queue ends."""
        going = {"voicebox_mode": mode, "voicebox_live_reason": REASON}
        self.configure(voicebox_url=url, **going)

    def connect_simulator(self, simulator):
        simulator.set_callback(self.callback_url, self.secret)
        self.connect(simulator.api_url)

    def _ref(self, xmlid):
        module, name = xmlid.split(".")
        found = self.rows(
            "SELECT res_id FROM ir_model_data WHERE module = %s AND name = %s",
            *(module, name),
        )
        return found[0]["res_id"]

    def _make_calendar(self):
        day = {"hour_from": 0, "hour_to": 24, "day_period": "full_day"}
        hours = [(0, 0, {"name": d, "dayofweek": d, **day}) for d in "0123456"]
        values = {"name": "Always", "tz": "UTC", "attendance_ids": [(5,), *hours]}
        return self.admin("resource.calendar", "create", [values])[0]

    def _make_user(self, login, **values):
        groups = ("base.group_partner_manager", f"{ADDON}.group_user")
        values = {
            "name": f"The {login}",
            "login": login,
            "tz": self.zone,
            "password": f"{login}-of-the-tests",
            "group_ids": [(6, 0, [self._ref(group) for group in groups])],
            **values,
        }
        return self.admin("res.users", "create", [values])[0]

    def _partner_of(self, user_id):
        sql = "SELECT partner_id FROM res_users WHERE id = %s"
        return self.rows(sql, user_id)[0]["partner_id"]

    @property
    def secret(self):
        sql = "SELECT voicebox_callback_secret AS secret FROM res_company WHERE id = %s"
        return self.rows(sql, self.company_id)[0]["secret"]

    @property
    def callback_url(self):
        return self.server.url + CALLBACK_PATH

    # === What people do === #
    def local_now(self):
        """The time on the clinic's wall, naive."""
        now = datetime.now(timezone.utc) + timedelta(hours=self.offset)
        return now.replace(tzinfo=None, microsecond=0)

    def tomorrow(self, minutes=0):
        """Tomorrow at noon and so many minutes, naive UTC."""
        noon = self.local_now().replace(hour=12, minute=0, second=0)
        return noon + timedelta(days=1, minutes=minutes - 60 * self.offset)

    def spoken_time(self, start):
        """The contract's words for a start (naive UTC)."""
        local = start + timedelta(hours=self.offset)
        month = MONTHS[local.month - 1]
        return f"{local.day} {month} {local.year} г {local.hour} {local:%M}"

    def patients(self, count=1, **values):
        """New patients with numbers of their own; their ids."""
        family, given, patronymic = PATIENT
        rows = [
            {
                "name": f"{family} {given} {patronymic}",
                "phone": f"+{next(self._numbers)}",
                **values,
            }
            for _ in range(count)
        ]
        return self.desk("res.partner", "create", rows, context=QUIET)

    def book(self, count=1, patient_ids=None, **values):
        """Visits of tomorrow, each of a patient of its own; their ids."""
        patient_ids = patient_ids or self.patients(count)
        rows = [self._visit(patient_id, values) for patient_id in patient_ids]
        return self.desk("calendar.event", "create", rows, context=QUIET)

    def _visit(self, patient_id, values):
        start = self.tomorrow(minutes=next(self._slots) % 240)
        return {
            "name": "Visit",
            "start": start.isoformat(" "),
            "stop": (start + timedelta(minutes=15)).isoformat(" "),
            "user_id": self.specialist_id,
            "partner_ids": [(6, 0, [patient_id, self.specialist_partner_id])],
            **values,
        }

    def call_now(self, event_id, person=None):
        return (person or self.desk)(
            "calendar.event", "action_reminder_call_now", [event_id]
        )

    def cancel(self, event_ids):
        values = {"visit_status": "cancelled"}
        self.desk("calendar.event", "write", event_ids, values, context=QUIET)

    def close_day(self):
        """Cancel what is left, let all calls end; nothing may stay open."""
        sql = """SELECT id FROM calendar_event WHERE patient_id IS NOT NULL
                    AND visit_status IN ('booked', 'not_confirmed')"""
        left = [row["id"] for row in self.rows(sql)]
        if left:
            self.cancel(left)
        self.overdue()
        self.run("sweep", "plan")
        assert self.open_reminders() == {}

    def report(self, **fields):
        """POST a callback as a scenario with headers would; the reply."""
        return requests.post(
            self.callback_url,
            json=fields,
            headers={"Authorization": f"Bearer {self.secret}"},
            timeout=60,
        )

    # === What the records say === #
    def rows(self, sql, *params, database=None):
        """Run one statement, committed at once; its rows as dicts."""
        connection = self._connection(database or self.database)
        with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute(sql, params)
            return [dict(row) for row in cursor] if cursor.description else []

    def _connection(self, database):
        if database not in self._connections:
            env = {**os.environ, **postgres.postgres_env()}
            names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER"}
            where = {key: env[name] for key, name in names.items() if env.get(name)}
            connection = psycopg2.connect(dbname=database, **where)
            connection.autocommit = True
            self._connections[database] = connection
        return self._connections[database]

    def visit(self, event_id):
        return self.rows("SELECT * FROM calendar_event WHERE id = %s", event_id)[0]

    def phone_of(self, patient_id):
        """Eleven digits, as they are on the wire."""
        sql = "SELECT phone_sanitized AS phone FROM res_partner WHERE id = %s"
        return self.rows(sql, patient_id)[0]["phone"].lstrip("+")

    def phone(self, event_id):
        return self.phone_of(self.visit(event_id)["patient_id"])

    def visits_by_number(self):
        """All visits, by their patient's number as it is on the wire."""
        sql = """SELECT e.id, e.visit_status, ltrim(p.phone_sanitized, '+') AS number
                   FROM calendar_event e JOIN res_partner p ON p.id = e.patient_id"""
        found = defaultdict(list)
        for row in self.rows(sql):
            found[row["number"]].append(row)
        return found

    def invitation(self, event_id):
        """The patient's own answer to the calendar's invitation."""
        sql = """SELECT a.state FROM calendar_attendee a
                   JOIN calendar_event e ON e.id = a.event_id
                  WHERE e.id = %s AND a.partner_id = e.patient_id"""
        return self.rows(sql, event_id)[0]["state"]

    def to_dos(self, event_id):
        sql = """SELECT count(*) FROM mail_activity a
                   JOIN clinic_reminder_call r ON r.id = a.res_id
                  WHERE a.res_model = 'clinic.reminder.call' AND r.event_id = %s"""
        return self.rows(sql, event_id)[0]["count"]

    def reminder(self, event_id):
        sql = "SELECT * FROM clinic_reminder_call WHERE event_id = %s ORDER BY id DESC"
        return next(iter(self.rows(sql, event_id)), {"state": None})

    def attempts(self, *event_ids):
        """Attempts of these visits, the first one first; of all without visits."""
        return self.rows(
            """SELECT a.*, r.event_id FROM clinic_reminder_attempt a
                 JOIN clinic_reminder_call r ON r.id = a.reminder_id
                WHERE %s OR r.event_id = ANY(%s) ORDER BY a.reminder_id, a.number""",
            *(not event_ids, list(event_ids)),
        )

    def attempt(self, event_id):
        """The last attempt of a visit."""
        return (self.attempts(event_id) or [{"number": 0, "state": None}])[-1]

    def results(self, event_id):
        return [attempt["result"] for attempt in self.attempts(event_id)]

    def statuses(self, event_ids):
        sql = """SELECT visit_status AS status, count(*) FROM calendar_event
                  WHERE id = ANY(%s) GROUP BY 1"""
        return {r["status"]: r["count"] for r in self.rows(sql, list(event_ids))}

    def open_since(self, seconds):
        """Guids of open attempts that were claimed so long ago."""
        sql = """SELECT guid FROM clinic_reminder_attempt
                  WHERE state != 'finished'
                    AND requested_at + %s * interval '1 s' <= now() AT TIME ZONE 'UTC'
        """
        return [row["guid"] for row in self.rows(sql, seconds)]

    def callbacks(self, guid):
        sql = "SELECT * FROM voicebox_callback WHERE guid = %s ORDER BY id"
        return self.rows(sql, guid)

    def callback_counts(self):
        """How many callbacks of each guid and word are kept."""
        sql = "SELECT guid, response, count(*) FROM voicebox_callback GROUP BY 1, 2"
        found = {(r["guid"], r["response"]): r["count"] for r in self.rows(sql)}
        return Counter(found)

    def channel(self):
        sql = "SELECT * FROM voicebox_channel WHERE company_id = %s"
        return self.rows(sql, self.company_id)[0]

    def open_reminders(self):
        sql = """SELECT state, count(*) FROM clinic_reminder_call
                  WHERE state IN ('planned', 'calling') GROUP BY state"""
        return {row["state"]: row["count"] for row in self.rows(sql)}

    def status_changes(self, event_id):
        """How often the visit's history tells of another status."""
        sql = """SELECT count(*) FROM mail_tracking_value v
                   JOIN mail_message m ON m.id = v.mail_message_id
                   JOIN ir_model_fields f ON f.id = v.field_id
                  WHERE m.model = 'calendar.event' AND m.res_id = %s
                    AND f.name = 'visit_status'"""
        return self.rows(sql, event_id)[0]["count"]

    def channel_to_dos(self):
        sql = "SELECT count(*) FROM mail_activity WHERE res_model = 'voicebox.channel'"
        return self.rows(sql)[0]["count"]

    def all_ended(self, event_ids):
        """Has each of these visits a reminder, and is none of them open?"""
        sql = """SELECT count(*) FROM clinic_reminder_call
                  WHERE event_id = ANY(%s) AND state IN ('done', 'skipped')"""
        ended = self.rows(sql, list(event_ids))[0]["count"]
        return ended >= len(event_ids) and not self.open_reminders()

    def summary(self):
        """Where everything stands, for the message of a failed wait."""
        counted = {
            "clinic_reminder_call": "state, outcome, skip_reason",
            "clinic_reminder_attempt": "state, result, error_kind",
            "voicebox_callback": "disposition",
            "voicebox_channel": "state, error_kind, pause_until",
        }
        return "\n".join(
            f"{table}: {list(row.values())}"
            for table, names in counted.items()
            for row in self.rows(
                f"SELECT count(*), {names} FROM {table} GROUP BY {names}"
            )
        )

    def _count(self, table, names):
        return self.rows(f"SELECT {names}, count(*) FROM {table} GROUP BY {names}")

    # === Time === #
    def wake(self, *crons):
        """Trigger crons as Odoo itself does: a row, then a notification."""
        ids = [self._trigger(f"{ADDON}.ir_cron_{cron}") for cron in crons]
        self._notify()
        return ids

    def _trigger(self, xmlid):
        sql = """INSERT INTO ir_cron_trigger (cron_id, call_at)
                 VALUES (%s, date_trunc('second', now() AT TIME ZONE 'UTC'))
                 RETURNING id"""
        return self.rows(sql, self._ref(xmlid))[0]["id"]

    def _notify(self):
        notify = "SELECT pg_notify('cron_trigger', %s)"
        self.rows(notify, self.database, database="postgres")

    def run(self, *crons):
        """Wake crons one after another; return when each has run from start to end.

        Odoo deletes the triggers of a run with the commit that ends it.
        """
        sql = "SELECT 1 FROM ir_cron_trigger WHERE id = %s"
        for cron in crons:
            (trigger,) = self.wake(cron)
            done = functools.partial(self._is_gone, sql, trigger)
            self.wait(f"{cron} has run", done, again=self._notify)

    def _is_gone(self, sql, *params):
        return not self.rows(sql, *params)

    def wait(self, what, condition, again=None):
        """Wait until `condition()` is true; call `again` now and then meanwhile."""
        end = time.monotonic() + PATIENCE
        next_time = time.monotonic() + 3
        while not condition():
            now = time.monotonic()
            assert now < end, f"Waited in vain until {what}: {self.summary()}"
            if again and now > next_time:
                again()
                next_time = now + 3
            time.sleep(0.03)

    def delivered(self):
        """The clinic, once all that has come in is where staff look for it."""
        sql = """SELECT 1 FROM clinic_reminder_errand UNION ALL
                 SELECT 1 FROM voicebox_callback WHERE disposition IS NULL"""
        self.wait("answers are delivered", functools.partial(self._is_gone, sql))
        return self

    def wait_waking(self, what, condition, *crons):
        """Wait, and wake crons now and then: where nothing else would do it in time."""
        self.wake(*crons)
        self.wait(what, condition, again=lambda: self.wake(*crons))

    def overdue(self, *event_ids):
        """Let the deadlines of these visits' calls, or of all, pass.

        Deadlines are whole minutes ahead: they are moved into the past, as if the clock
        had gone on, and the sweep is woken.
        """
        self._expire("(%s OR r.event_id = ANY(%s))", not event_ids, list(event_ids))

    def overdue_calls(self, guids):
        """The same for the calls of these guids, as far as they are open."""
        self._expire("a.guid = ANY(%s)", list(guids))

    def _expire(self, condition, *values):
        """In the order in which the addon locks its attempts."""
        self.rows(
            f"""UPDATE clinic_reminder_attempt SET deadline = {JUST_NOW}
                 WHERE id IN (SELECT a.id
                                FROM clinic_reminder_attempt a
                           LEFT JOIN clinic_reminder_call r ON r.id = a.reminder_id
                               WHERE a.state != 'finished' AND {condition}
                            ORDER BY a.id
                                 FOR NO KEY UPDATE OF a)""",
            *values,
        )
        self.wake("sweep")

    def pause_over(self):
        """Let the rest of the queue, and the reminders' pauses, pass."""
        self.rows(
            f"""UPDATE voicebox_channel SET pause_until = {JUST_NOW}
                 WHERE state = 'paused'"""
        )
        self.rows(
            """UPDATE clinic_reminder_attempt
                  SET finished_at = finished_at - interval '1 day',
                      requested_at = requested_at - interval '1 day'
                WHERE state = 'finished' AND NOT is_counted"""
        )
        self.rows(
            f"""UPDATE clinic_reminder_call SET next_call_at = {JUST_NOW}
                 WHERE state = 'planned'"""
        )
        self.wake("dispatch")

    # === The log === #
    def private_words(self):
        """What may stand in no log: names, numbers, secrets, spoken texts."""
        phones = self.rows(
            "SELECT DISTINCT phone_sanitized AS phone FROM res_partner "
            "WHERE phone_sanitized IS NOT NULL"
        )
        numbers = [row["phone"].lstrip("+") for row in phones]
        return [*numbers, *PATIENT, SPECIALTY, PASSWORD, self.secret]

    def assert_log_is_clean(self, documented=(), text=None):
        """No trouble but what is documented, and nothing private."""
        text = self.server.log() if text is None else text
        found = find_troubles(text, documented)
        found += find_leaks(text, self.private_words())
        assert not found, "\n".join(found[:20])


# what a reader of a chat has seen, told twice at once: Odoo does it again by itself
ODOOS_OWN = (r'bad query:  UPDATE "discuss_channel_member"',)


def find_troubles(text, documented=()):
    """Records of a level above INFO, and tracebacks, but for documented ones."""
    known = [re.compile(pattern) for pattern in (*ODOOS_OWN, *documented)]
    troubles = [r for level, r in log_records(text) if level in TROUBLE]
    troubles = [t for t in troubles if not any(k.search(t) for k in known)]
    return troubles + re.findall(r"^Traceback.*", text, re.MULTILINE)


def find_leaks(text, words):
    """Lines of a log that hold private words."""
    escaped = [json.dumps(word)[1:-1] for word in words]
    found = re.compile("|".join(map(re.escape, [*words, *escaped])))
    return [line for line in text.splitlines() if found.search(line)]


def log_records(text):
    """(level, record) of an Odoo log, each with its further lines."""
    starts = list(LOG_RECORD.finditer(text))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    for start, end in zip(starts, ends, strict=True):
        yield start["level"], text[start.start() : end].rstrip()


def _reserved_numbers():
    """Eleven digits each, of the ranges that are kept for fiction."""
    for area in AREA_CODES:
        for line in range(100, 200):
            yield f"1{area}5550{line}"


@contextlib.contextmanager
def running_clinic(*arguments, source=None, with_assets=False, **where):
    """A clinic on a database of its own, dropped at the end.

    :param source: a copy of this database; of the addon's own, if it is left out
    """
    source = source or databases.addon_database(with_assets=with_assets)
    with databases.temporary_database(source) as database:
        with clinic_on(database, *arguments, **where) as clinic:
            yield clinic


@contextlib.contextmanager
def clinic_on_own_postgres(*arguments, **where):
    """A clinic on a PostgreSQL of its own: (the cluster, the clinic)."""
    source = databases.addon_database()
    with databases.database_on_own_server(source) as (cluster, database):
        with clinic_on(database, *arguments, **where) as clinic:
            yield cluster, clinic


@contextlib.contextmanager
def clinic_on(database, *arguments, name="clinic", env=None):
    """A clinic on a copy of the addon's database, with a server started for it."""
    log_path = ground.LOGS / f"e2e_{name}.log"
    server = odoo_server.OdooServer(database, *arguments, log_path=log_path, env=env)
    with server, contextlib.closing(Clinic(server)) as clinic:
        clinic.set_up()
        clinic.run("plan")  # cron threads miss what comes before they listen
        yield clinic
