"""A clinic in Odoo whose patients are called by the simulated Voicebox.

The first run makes the database, about a minute. A day of visits is made anew for each
date; on the same date the next run goes on where the last one stopped.
"""

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import sys
import time

import databases
import demo_check
import demo_patients
import demo_records
import ground
import odoo_runner
import odoo_server
import postgres
from demo_database import FOLDER, PRISTINE, Day, in_words, today_in
from ground import GroundError
from voicebox_simulator.process import Simulator, SimulatorError

ODOO_PORT = 8069
SIMULATOR_PORT = 8899
DEMO_ADDONS = ground.ROOT / "script" / "demo_addons"
CALLBACK = "/clinic_voicebox_reminder/callback"
CREDENTIALS = {
    "login": "voicebox",
    "password": "voicebox",
    "method": "0f6ae5a2-54c7-4d0e-9d2c-1a6d0c6b7e11",
}
SPEED = 10
LINES = 5
BOARD = "/odoo/clinic-board"  # asks who you are, where it does not know
WEEK = "/odoo/clinic-week"
# What to click on, in the staff's language
MENUS = {
    "ru_RU": {"tomorrow": "«Завтра»", "work_list": "«Список дел»"},
    "en_US": {"tomorrow": '"Tomorrow"', "work_list": '"Work List"'},
}
LANGUAGES = tuple(MENUS)
CHECK_SECONDS = 480
HEARTBEAT = 30  # seconds between two lines where nothing changes
RING_SECONDS, ANSWER_SECONDS = 45, 30  # a person's, at the page

OTHER_CLIENTS = (
    "SELECT 1 FROM pg_stat_activity "
    "WHERE backend_type = 'client backend' AND pid != pg_backend_pid()"
)

WELCOME = """
  The board  {board}   reception / reception (the front desk), or admin / admin
  The week   {week}   manager / manager
  Patients   {simulator}   {patients}
  Both       {simulator}/beside   side by side

  Click first: {tomorrow} on the board. It is live: the answers come while you look.
  Then {work_list}: there is whoever needs a person.
  The clinic is in {zone}; Odoo's lists show times of your own zone.
  Demo pace: visits of tomorrow and of the day after are called now, round the clock,
  without pauses. {pace}
  Ctrl-C ends it all.
"""
SCRIPTED_PACE = f"""Calls run {SPEED} times faster than life; who hangs up is
  called again after one or two minutes."""
PERSONS_PACE = f"""A phone rings for {RING_SECONDS} seconds; who hangs up is
  called again after three or four minutes."""
ALL_CALLED = "All are called. Book a visit for tomorrow, or move one: one more call.\n"
ABOUT_CHECK = """
Who hangs up is called again after one or two minutes: five minutes in all, or six.
"""


# === Steps === #


@contextlib.contextmanager
def step(name):
    """Say what is being done, and at its end what came of it and how long it took."""
    print(f"{name} … ", end="", flush=True)
    start = time.monotonic()
    said = []
    try:
        yield said.append
    except BaseException:
        print()
        raise
    print(f"{said[-1]} ({time.monotonic() - start:.0f} s)", flush=True)


@contextlib.contextmanager
def alone(database):
    """Two demos on one database would call each patient twice."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / f"{database}.lock", "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GroundError("Another script/demo is running here.") from None
        yield


@contextlib.contextmanager
def running_postgres():
    """Start PostgreSQL unless it runs; leave it as it was found."""
    was_running = postgres.server_answers()
    with step("PostgreSQL") as say:
        postgres.start_postgres()
        say("was running" if was_running else "started")
    try:
        yield
    finally:
        if not was_running and not postgres.run_sql(OTHER_CLIENTS):
            postgres.stop_postgres()


# === What runs === #


def make_day(day, settings, fresh):
    first_time = " (once, about a minute)" * (not databases.databases(PRISTINE))
    with step(f"Visits{first_time}") as say:
        why = day.why_renew(fresh)
        if why:
            day.renew(settings)
        else:
            day.apply(settings)
        taken = why or "taken as they are, --fresh begins anew"
        say(f"{taken}; today is {in_words(today_in(day.zone))} in {day.zone}")


def settings_of(simulator_port, person):
    """The company's settings for this run."""
    return {
        "voicebox_url": f"http://127.0.0.1:{simulator_port}/api/v1/sb",
        **{f"voicebox_{name}": value for name, value in CREDENTIALS.items()},
        "voicebox_max_lines": 3 if person else LINES,
        # the shortest; a person takes longer to pick up and to answer
        "reminder_result_timeout": 3 if person else 1,
    }


def simulator_for(day, port, odoo_port, person):
    odoo = f"http://127.0.0.1:{odoo_port}"
    return Simulator(
        port=port,
        **CREDENTIALS,
        speed=SPEED,
        script={"numbers": demo_patients.ANSWERS},
        faults=demo_patients.FAULTS,
        callback={
            "url": odoo + CALLBACK,
            "secret": demo_records.callback_secret(day.database),
        },
        desk=odoo + BOARD,
        person=person,
        ring_timeout=RING_SECONDS,
        answer_timeout=ANSWER_SECONDS,
        log=str(day.log),
    )


def server_for(day, port, simulator):
    """The clinic's Odoo, which the simulator's page may show beside its phones."""
    return odoo_server.OdooServer(
        day.database,
        "--max-cron-threads=2",
        "--workers=0",
        f"--addons-path={odoo_runner.addons_path(DEMO_ADDONS)}",
        "--load=base,rpc,web,demo_beside",
        port=port,
        log_path=FOLDER / f"{day.database}_odoo.log",
        env={"DEMO_BESIDE": simulator.url},
    )


def start(stack, thing, name, wanted_port):
    """Start a server; it is stopped when the stack unwinds."""
    with step(name) as say:
        stack.enter_context(thing)
        port = int(thing.url.rpartition(":")[2])
        say(thing.url + f", as {wanted_port} is taken" * (port != wanted_port))
    return thing


# === Watching === #


class Progress:
    """One line kept up to date; without a terminal, a line now and then."""

    def __init__(self, server):
        self.server = server
        self.begin = time.monotonic()
        self.is_live = sys.stdout.isatty()
        self.said, self.said_at = "", self.begin

    def show(self):
        """Print where the reminders are; return the counts."""
        if self.server.process.poll() is not None:
            raise GroundError(f"Odoo has ended, see {self.server.log_path}")
        counts = demo_records.progress(self.server.database)
        text = ", ".join(f"{count} {word}" for word, count in counts.items())
        text = text or "planning"
        if self.is_live:
            width = shutil.get_terminal_size().columns - 1
            line = f"{self.clock()}  {text}"[:width]
            print(f"\r\x1b[K{line}", end="", flush=True)
        elif text != self.said or time.monotonic() - self.said_at > HEARTBEAT:
            print(f"{self.clock()}  {text}", flush=True)
            self.said, self.said_at = text, time.monotonic()
        return counts

    def clock(self):
        minutes, seconds = divmod(int(time.monotonic() - self.begin), 60)
        return f"{minutes}:{seconds:02d}"

    def until_over(self, seconds=None):
        """Show progress until all reminders are closed; say whether they are."""
        while not demo_records.is_over(self.show()):
            if seconds and time.monotonic() - self.begin > seconds:
                print("\n" if self.is_live else "")
                return False
            time.sleep(1 if self.is_live else 5)
        print("\n" if self.is_live else "")
        return True


def watch(server):
    """Until interrupted: calls may be asked for by hand, or visits added."""
    progress = Progress(server)
    while progress.until_over():
        print(ALL_CALLED, flush=True)
        while demo_records.is_over(demo_records.progress(server.database)):
            time.sleep(1)


def check(server, before, simulator):
    """Wait for the last call, then judge.

    :raise GroundError: what differs, in sentences
    """
    print(ABOUT_CHECK, flush=True)
    over = Progress(server).until_over(CHECK_SECONDS)
    if over:
        simulator.wait_idle()
    problems = demo_check.judge(server.database, before, simulator)
    if not over:
        problems.insert(0, f"Not every reminder was closed in {CHECK_SECONDS} s.")
    if problems:
        raise GroundError("\n".join(["", *problems, f"The logs are in {FOLDER}."]))
    print(
        f"\nAll {len(before)} visits are as the patients' script says. Odoo's records "
        f"and the simulator's log agree on {len(simulator.log())} calls."
    )


# === The program === #


def welcome(server, simulator, day, person):
    patients = "their phones (script/demo --person: you answer them)"
    if person:
        patients = "their phones: pick up, listen, answer"
    pace = PERSONS_PACE if person else SCRIPTED_PACE
    text = WELCOME.format(
        board=server.url + BOARD,
        week=server.url + WEEK,
        simulator=simulator.url,
        patients=patients,
        zone=day.zone,
        pace=pace,
        **MENUS[day.lang],
    )
    print(text, flush=True)


def run(options):
    day = Day("demo_check" if options.check else "demo", options.lang)
    odoo_port = ground.free_port(ODOO_PORT)
    simulator_port = ground.free_port(SIMULATOR_PORT)
    with contextlib.ExitStack() as stack:
        stack.enter_context(alone(day.database))
        stack.enter_context(running_postgres())
        settings = settings_of(simulator_port, options.person)
        make_day(day, settings, options.fresh or options.check)
        before = {visit["key"]: visit for visit in demo_records.visits(day.database)}
        simulator = simulator_for(day, simulator_port, odoo_port, options.person)
        start(stack, simulator, "Simulated Voicebox", SIMULATOR_PORT)
        server = start(stack, server_for(day, odoo_port, simulator), "Odoo", ODOO_PORT)
        demo_records.wake_crons(day.database)
        if options.check:
            check(server, before, simulator)
        else:
            welcome(server, simulator, day, options.person)
            watch(server)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument("--person", action="store_true", help="you answer the phones")
    modes.add_argument(
        "--check",
        action="store_true",
        help="no person: wait for the end, compare with what must come of each visit",
    )
    parser.add_argument("--fresh", action="store_true", help="begin the day anew")
    parser.add_argument(
        "--lang",
        choices=LANGUAGES,
        default=LANGUAGES[0],
        help="what the staff speak: the clinic's Russian, unless told otherwise",
    )
    return parser.parse_args()


def main():
    options = parse_arguments()
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    try:
        run(options)
    except (GroundError, SimulatorError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("\nStopped.")
        sys.exit(130 if options.check else 0)


if __name__ == "__main__":
    main()
