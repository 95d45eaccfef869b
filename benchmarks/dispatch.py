"""Calls a second, with a Voicebox that answers after 200 ms."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import requests

from clinic import JUST_NOW, LOGIN, METHOD, PASSWORD
from voicebox_simulator.process import Simulator

from . import place
from .report import Row

SIZES = {"quick": (200, 2), "full": (1000, 3)}  # calls, rounds
REPLY_TIME = 0.2  # seconds
THREADS = 32
QUERIES = re.compile(r"dispatched with queries=(\d+)")
ALL_DUE_AGAIN = (
    "DELETE FROM clinic_reminder_attempt",
    "DELETE FROM clinic_reminder_errand",
    f"""UPDATE clinic_reminder_call
           SET state = 'planned', attempt_count = 0, next_call_at = {JUST_NOW}""",
)
# a partner for each job: jobs that conflict would say nothing of the queue
JOBS = """
bodies = {bodies}
partners = env["res.partner"].browse(map(int, bodies))
partners._benchmark_enqueue({url!r}, {login!r}, {password!r}, bodies)
env.cr.commit()
"""


def measure(size):
    calls, rounds = SIZES[size]
    ours, pool, queue, queries = [], [], [], []
    options = ("--max-cron-threads=1", "--load=base,web,queue_job")
    env = {"ODOO_QUEUE_JOB_CHANNELS": f"root:{THREADS}"}
    settings = {"login": LOGIN, "password": PASSWORD, "method": METHOD}
    script = {"default": "person"}  # whom nobody plays: the phones ring for a minute
    with (
        Simulator(speed=1, script=script, **settings) as voicebox,
        place.clinic("dispatch", *options, **env) as clinic,
    ):
        voicebox.set_faults({"slow": {"probability": 1, "seconds": REPLY_TIME}})
        warm_up(clinic, voicebox, calls)
        bodies = [json.loads(call["raw_body"]) for call in voicebox.log()]
        for _round in range(rounds):
            before = clinic.server.log()
            ours.append(ours_once(clinic, voicebox, calls))
            said = clinic.server.log()[len(before) :]
            queries.append(sum(map(int, QUERIES.findall(said))) / calls)
            pool.append(rate(voicebox, lambda: plain_pool(voicebox.api_url, bodies)))
            queue.append(queue_once(clinic, voicebox, bodies))
    work = f"dispatch, {calls} calls due"
    return [
        Row(work, ours, "calls/s", f"{THREADS} threads of requests", pool, floor=0.7),
        Row(work, ours, "calls/s", "OCA queue_job", queue, floor=5),
        Row(work, queries, "queries a call", at_most=4),
    ]


def warm_up(clinic, voicebox, calls):
    """The first time all are planned and called as they are booked."""
    clinic.connect(voicebox.api_url)
    while calls > 0:
        clinic.book(min(calls, 200))
        calls -= 200
    clinic.wait("all ring", lambda: all_ring(clinic))


def all_ring(clinic):
    sql = """SELECT count(*) FILTER (WHERE r.state = 'planned') AS due,
                    count(*) FILTER (WHERE a.state = 'requesting') AS unsent,
                    count(a.id) AS sent
               FROM clinic_reminder_call r
               LEFT JOIN clinic_reminder_attempt a ON a.reminder_id = r.id"""
    counts = clinic.rows(sql)[0]
    visits = "SELECT count(*) FROM calendar_event WHERE patient_id IS NOT NULL"
    return counts["sent"] == clinic.rows(visits)[0]["count"] and not counts["unsent"]


def ours_once(clinic, voicebox, calls):
    for statement in ALL_DUE_AGAIN:
        clinic.rows(statement)
    for table in ("clinic_reminder_attempt", "clinic_reminder_call"):
        clinic.rows(f"VACUUM ANALYZE {table}")

    def dispatch():
        clinic.wake("dispatch")
        clinic.wait("all ring", lambda: all_ring(clinic))

    achieved = rate(voicebox, dispatch)
    clinic.run("dispatch")  # its last run has ended, and told the log
    assert voicebox.state()["accepted"] == calls
    return achieved


def plain_pool(url, bodies):
    """What nobody can beat: threads that post, and keep nothing."""
    session = requests.Session()
    session.auth = (LOGIN.encode(), PASSWORD.encode())
    session.trust_env = False
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=THREADS))
    with session, ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(lambda body: session.post(url, json=body), bodies))


def queue_once(clinic, voicebox, bodies):
    ids = "SELECT id FROM res_partner WHERE phone_sanitized IS NOT NULL ORDER BY id"
    partners = [row["id"] for row in clinic.rows(ids)]
    partner_bodies = dict(zip(map(str, partners), bodies, strict=True))
    where = {"url": voicebox.api_url, "login": LOGIN, "password": PASSWORD}

    def run():
        place.run_code(clinic.database, JOBS.format(bodies=partner_bodies, **where))
        clinic.wait("all jobs are done", lambda: not jobs_left(clinic))

    return rate(voicebox, run)


def jobs_left(clinic):
    sql = "SELECT count(*) FROM queue_job WHERE state != 'done'"
    return clinic.rows(sql)[0]["count"]


def rate(voicebox, work):
    """Requests a second, between the arrivals of the first and of the last one."""
    voicebox.reset()
    work()
    times = [datetime.fromisoformat(call["time"]) for call in voicebox.log()]
    span = (max(times) - min(times)).total_seconds()
    time.sleep(1)  # the machine comes to rest
    return (len(times) - 1) / span
