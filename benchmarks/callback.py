"""Callbacks a second, beside what else Odoo's own routes take."""

import base64
import hashlib
import hmac
import json
import re
import time
from urllib.parse import urlencode

from clinic import CALLBACK_PATH, LOGIN, METHOD, PASSWORD
from voicebox_simulator.process import Simulator

from . import place
from .load import post_all
from .report import Row

FEW, MANY = 8, 64  # clients
# in one round: of FEW clients, of one, of MANY
SIZES = {"quick": (100, 20, 128), "full": (200, 50, 320)}
ROUNDS = {"quick": 2, "full": 3}
QUERIES = re.compile(rf"POST {CALLBACK_PATH} HTTP/1\.1. 200 - (\d+) ")
TOKEN = "benchmark"
TEXTS = """
partners = env["res.partner"].search([], limit=1)
env.company.sms_twilio_auth_token = {token!r}
for number in range({count}):
    message = partners.message_post(body="Benchmark", message_type="sms")
    told = env["mail.notification"].create({{"mail_message_id": message.id,
        "res_partner_id": partners.id, "notification_type": "sms"}})
    sms = env["sms.sms"].create({{"uuid": f"{{number:032x}}", "number": "+12025550100",
        "body": "Benchmark", "mail_message_id": message.id}})
    env["sms.tracker"].create({{"sms_uuid": sms.uuid,
        "mail_notification_id": told.id}})
env.cr.commit()
"""


def measure(size):
    """Scheduled actions run beside it, in the same process, as in a small clinic."""
    with (
        Simulator(speed=1, script={"default": "person"}, **_settings()) as voicebox,
        place.clinic("callback", "--max-cron-threads=1") as clinic,
    ):
        return Callbacks(clinic, voicebox, size).measure()


def _settings():
    return {"login": LOGIN, "password": PASSWORD, "method": METHOD}


class Callbacks:
    """Requests of three kinds, each made once."""

    def __init__(self, clinic, voicebox, size):
        self.clinic = clinic
        self.port = clinic.server.port
        self.sizes, self.rounds = SIZES[size], ROUNDS[size]
        few, one, many = self.sizes
        count = self.rounds * (few + one)
        texts = TEXTS.format(count=count, token=TOKEN)
        place.run_code(clinic.database, texts)
        self.kinds = {
            "ours": iter(self.ours(voicebox, count + self.rounds * many)),
            "sms": iter(self.sms(count)),
            "trivial": iter(self.trivial(count)),
        }

    def measure(self):
        few, one, many = self.sizes
        crowded = [self.round(few, FEW) for _ in range(self.rounds)]
        alone = [self.round(one, 1) for _ in range(self.rounds)]
        log = self.clinic.server.log()
        flood = [self.send("ours", many, MANY) for _ in range(self.rounds)]
        self.clinic.delivered()
        return [
            *self.rates(crowded),
            *self.latencies(alone),
            Row("queries, one client alone", self.queries(log), "queries", at_most=15),
            *self.flood(flood),
        ]

    def queries(self, log):
        """Of the last requests that came alone."""
        counted = [int(number) for number in QUERIES.findall(log)]
        return counted[-self.rounds * self.sizes[1] :]

    def rates(self, loads):
        work = f"callbacks, {FEW} clients"
        ours, sms, trivial = zip(*loads, strict=True)
        rates = [load.rate for load in ours]
        return [
            Row(work, rates, "a second", "sms_twilio", [x.rate for x in sms], floor=2),
            Row(
                *(work, rates, "a second", "one UPDATE"),
                [load.rate for load in trivial],
                floor=0.4,
            ),
        ]

    def latencies(self, loads):
        ours, sms, trivial = (
            [x.latency(50) for x in z] for z in zip(*loads, strict=True)
        )
        work, better = "a callback, one client alone", {"less_is_better": True}
        return [
            Row(work, ours, "ms", "sms_twilio", sms, floor=1, **better),
            Row(work, ours, "ms", "one UPDATE", trivial, **better),
        ]

    def flood(self, loads):
        work = f"callbacks, {MANY} clients"
        slowest = [load.latency(99) for load in loads]
        refused = [sum(s != 200 for s in load.statuses) for load in loads]
        sent = self.rounds * self.sizes[2]
        lost = sent - self.kept(MANY)
        return [
            Row(f"{work}: p99", slowest, "ms", at_most=1000),
            Row(f"{work}: not answered 200", refused, "callbacks", at_most=0),
            Row(f"{work}: lost", [lost], "callbacks", at_most=0),
        ]

    def kept(self, _clients):
        few, one, many = self.sizes
        sql = "SELECT count(*) FROM voicebox_callback WHERE disposition = 'applied'"
        before = self.rounds * (few + one)
        return self.clinic.rows(sql)[0]["count"] - before

    def round(self, count, clients):
        """So many of each kind, one kind after the other."""
        return [self.send(kind, count, clients) for kind in self.kinds]

    def send(self, kind, count, clients):
        requests = [next(self.kinds[kind]) for _ in range(count)]
        load = post_all(self.port, requests, clients)
        self.clinic.delivered()
        time.sleep(1)  # the machine comes to rest
        return load

    # === Requests === #
    def ours(self, voicebox, count):
        """One for each of so many phones that ring."""
        clinic = self.clinic
        clinic.connect(voicebox.api_url)
        booked = [clinic.book(min(200, count - n)) for n in range(0, count, 200)]
        events = [event for some in booked for event in some]
        clinic.wait("all ring", lambda: self.ringing() == len(events))
        headers = {
            "Authorization": f"Bearer {clinic.secret}",
            "Content-Type": "application/json",
        }
        for attempt in clinic.attempts():
            body = {"guid": attempt["guid"], "response": "confirmed"}
            body["number_b"] = attempt["phone"].lstrip("+")
            yield CALLBACK_PATH, json.dumps(body), headers

    def ringing(self):
        sql = "SELECT count(*) FROM clinic_reminder_attempt WHERE state = 'requested'"
        return self.clinic.rows(sql)[0]["count"]

    def sms(self, count):
        """Signed as Twilio signs them."""
        sql = "SELECT value FROM ir_config_parameter WHERE key = 'web.base.url'"
        base = self.clinic.rows(sql)[0]["value"]
        fields = {"SmsStatus": "delivered"}
        signed = "".join(f"{k}{v}" for k, v in sorted(fields.items()))
        for number in range(count):
            path = f"/sms_twilio/status/{number:032x}"
            text = f"{base}{path}{signed}".encode()
            digest = hmac.new(TOKEN.encode(), text, hashlib.sha1).digest()
            headers = {
                "X-Twilio-Signature": base64.b64encode(digest).decode(),
                "Content-Type": "application/x-www-form-urlencoded",
            }
            yield path, urlencode(fields), headers

    def trivial(self, count):
        sql = "SELECT id FROM res_partner ORDER BY id"
        ids = [row["id"] for row in self.clinic.rows(sql)]
        for number in range(count):
            id_ = ids[number % len(ids)]
            yield f"/clinic_voicebox_benchmark/touch/{id_}", "", {}
