"""The clinic's Odoo in this process: people's deeds, crons, the callback route."""

import contextlib
import json
import random
import threading
from datetime import time, timedelta
from unittest.mock import patch

from werkzeug.test import Client

import odoo
from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.modules.registry import Registry

from odoo.addons.clinic_voicebox_reminder.tools.switchboard import Switchboard
from odoo.addons.clinic_voicebox_reminder.tools.voicebox_client import VoiceboxClient

from clinic import ADDON, AREA_CODES, CALLBACK_PATH, METHOD, PATIENT, QUIET, SPECIALTY

from .story import CLINIC, HOLIDAY, to_utc

LINES = 40
DEATHS = 0.05  # of the dispatcher's runs end as by kill -9
NUMBERS_OF_AN_AREA = 99  # the last one is nobody's
VISIT_FIELDS = [
    "active",
    "start",
    "visit_status",
    "visit_status_origin",
    "visit_status_reason",
    "reminder_explanation",
]
REMINDER_FIELDS = [
    "event_id",
    "patient_id",
    "visit_start",
    "state",
    "outcome",
    "skip_reason",
    "attempt_count",
    "needs_attention",
]
ATTEMPT_FIELDS = [
    "guid",
    "reminder_id",
    "companion_ids",
    "state",
    "result",
    "is_counted",
    "http_status",
]


class Death(BaseException):
    """The process was killed."""


class Office:
    def __init__(self, database, clock, journal, robot, seed):
        self._clock, self._journal, self._robot = clock, journal, robot
        self._chance = random.Random(seed)
        self._registry = Registry(database)
        self._wsgi = Client(odoo.http.root)
        self.events, self.partners = {}, {}
        robot.deliver_early = self.deliver

    @contextlib.contextmanager
    def as_user(self, uid=SUPERUSER_ID):
        """A transaction of its own."""
        with self._registry.cursor() as cr:
            yield api.Environment(cr, uid, dict(QUIET))

    # === Before the first day === #
    def set_up(self, patients):
        with self.as_user() as env:
            company = env.company
            calendar = env.ref(f"{ADDON}.reminder_calendar")
            calendar.tz = CLINIC.key
            env["resource.calendar.leaves"].create(
                {
                    "name": "Holiday",
                    "calendar_id": calendar.id,
                    "date_from": to_utc(HOLIDAY, time()),
                    "date_to": to_utc(HOLIDAY + timedelta(days=1), time()),
                }
            )
            company.write(
                {
                    "country_id": env.ref("base.us").id,
                    "reminder_tz": CLINIC.key,
                    "reminder_calendar_id": calendar.id,
                    "voicebox_mode": "live",
                    "voicebox_url": self._robot.url,
                    "voicebox_login": "clinic",
                    "voicebox_password": "not-a-secret",
                    "voicebox_method": METHOD,
                    "voicebox_max_lines": LINES,
                }
            )
            self._secret = company.voicebox_callback_secret
            self._company_id = company.id
            self._desk, self._specialist = self._make_people(env)
            self._make_patients(env, patients)

    def _make_people(self, env):
        group = env.ref(f"{ADDON}.group_user")
        rows = [
            {
                "name": name,
                "login": name,
                "tz": CLINIC.key,
                "function": SPECIALTY,
                "takes_visits": True,
            }
            for name in ("desk-of-the-play", "specialist-of-the-play")
        ]
        people = env["res.users"].create(rows)
        people.group_ids += group
        return people.mapped("id")

    def _make_patients(self, env, patients):
        family, given, patronymic = PATIENT
        rows = [
            {
                "name": f"{family} {given} {patronymic}",
                "phone": phone_of(patient),
                "tz": patient.zone,
            }
            for patient in patients
        ]
        for patient, partner in zip(
            patients, env["res.partner"].create(rows), strict=True
        ):
            self.partners[patient.ordinal] = partner.id

    # === People === #
    def do(self, deed, visit):
        """Do it as the front desk would; a refusal is a part of the story."""
        with self.as_user(self._desk) as env:
            event = env["calendar.event"].browse(self.events.get(deed.visit, ()))
            if visit and deed.what != "book" and not event.exists():
                return
            try:
                getattr(self, f"_{deed.what}")(env, event, visit, deed.value)
            except UserError:
                env.cr.rollback()
                return
        self._journal.append(("deed", self._clock.now, deed))

    def _book(self, env, _event, visit, _value):
        specialist = env["res.users"].browse(self._specialist).sudo()
        partners = [self.partners[visit.patient.ordinal], specialist.partner_id.id]
        event = env["calendar.event"].create(
            {
                "name": "Visit",
                "start": visit.start,
                "stop": visit.start + timedelta(minutes=15),
                "user_id": specialist.id,
                "partner_ids": [(6, 0, partners)],
            }
        )
        self.events[visit.ordinal] = event.id

    def _move(self, _env, event, _visit, start):
        event.start = start

    def _status(self, _env, event, _visit, status):
        event.visit_status = status

    def _delete(self, _env, event, _visit, _value):
        event.unlink()

    def _archive(self, _env, event, _visit, _value):
        event.active = False

    def _restore(self, _env, event, _visit, _value):
        event.active = True

    def _now(self, _env, event, _visit, _value):
        event.action_reminder_call_now()

    def _skip(self, _env, event, _visit, _value):
        is_open = Domain("state", "in", ("planned", "calling"))
        reminders = event.reminder_call_ids.filtered_domain(is_open)
        if not reminders:
            raise UserError("There is nothing to skip.")
        reminders.action_skip()

    def _opt_out(self, _env, event, _visit, _value):
        event.patient_id.reminder_do_not_call = True

    def _mode(self, env, _event, _visit, mode):
        env(user=SUPERUSER_ID).company.voicebox_mode = mode

    # === Crons === #
    def run(self, name):
        """As Odoo runs a cron; some runs of the dispatcher die in the middle."""
        dies = name == "dispatch" and self._chance.random() < DEATHS
        with self._death() if dies else contextlib.nullcontext():
            with self.as_user() as env:
                getattr(env["clinic.reminder.call"], f"_cron_{name}")()

    @contextlib.contextmanager
    def _death(self):
        """Kill the dispatcher at a POST: before it, or before its reply is kept."""
        call, is_sent = VoiceboxClient.call, self._chance.random() < 0.5
        take, is_dead = Switchboard.take, threading.Event()

        def die(client, *args):
            is_dead.set()
            if is_sent:
                return call(client, *args)
            raise Death

        def never_taken(board, *args):
            answers = take(board, *args)
            if is_dead.is_set():
                raise Death
            return answers

        try:
            with (
                patch.object(VoiceboxClient, "call", die),
                patch.object(Switchboard, "take", never_taken),
            ):
                yield
        except Death:
            self._journal.append(("death", self._clock.now, None))

    def woken(self):
        """Crons that something has woken; their names, each once."""
        with self.as_user() as env:
            names = ("plan", "dispatch", "sweep")
            crons = {env.ref(f"{ADDON}.ir_cron_{name}").id: name for name in names}
            triggers = env["ir.cron.trigger"].search(
                [("cron_id", "in", list(crons)), ("call_at", "<=", self._clock.now)]
            )
            found = {crons[trigger.cron_id.id] for trigger in triggers}
            triggers.unlink()
        return [name for name in names if name in found]

    # === The callback route === #
    def deliver(self, report):
        """POST one report as the scenario would."""
        reply = self._wsgi.post(
            CALLBACK_PATH,
            data=json.dumps({**report.fields, "response": report.word}),
            headers={"Authorization": f"Bearer {self._secret}"},
            content_type="application/json",
            base_url="http://127.0.0.1",
            environ_base={"REMOTE_ADDR": "127.0.0.1"},
        )
        self._journal.append(("word", self._clock.now, (report, reply.status_code)))

    # === What is there in the end === #
    def records(self):
        """All that the truth is compared with, as plain values."""
        with self.as_user() as env:
            env = env(context={"active_test": False, "lang": "en_US"})
            return {
                "visits": self._visits(env),
                "reminders": _read(env["clinic.reminder.call"], REMINDER_FIELDS),
                "attempts": _read(env["clinic.reminder.attempt"], ATTEMPT_FIELDS),
                "callbacks": env["voicebox.callback"].search_count([]),
                "partners": self.partners,
            }

    def _visits(self, env):
        """By the story's ordinal."""
        events = env["calendar.event"].search([("patient_id", "!=", False)])
        by_id = {row["id"]: row for row in events.read(VISIT_FIELDS, load=None)}
        return {n: by_id[i] for n, i in self.events.items() if i in by_id}


def _read(model, names):
    return model.search([], order="id").read(names, load=None)


def phone_of(patient):
    """A reserved number, one for a household."""
    if not patient.has_phone:
        return False
    area, line = divmod(patient.household, NUMBERS_OF_AN_AREA)
    return f"+1{AREA_CODES[area]}5550{100 + line}"
