"""Plays the fortnight in a database with the addon; prints a report as JSON."""

import argparse
import json
import sys
from datetime import timedelta

import odoo
import odoo.http
import odoo.service.server

MORNING, NIGHT = 8, 0  # hours in the clinic: between them the clock goes fast
NIGHT_STEP = timedelta(hours=2)


def start_odoo(database, log_path):
    options = ["-d", database, "--no-http", "--max-cron-threads=0"]
    odoo.tools.config.parse_config(
        [*options, f"--logfile={log_path}"], setup_logging=True
    )
    odoo.service.server.load_server_wide_modules()


def play(database, visits, days, seed, step):
    """The story against the office; what was promised and is not there."""
    from .clock import Clock
    from .office import Office
    from .robot import Robot
    from .story import Story
    from .truth import Truth

    story = Story(visits, days, seed)
    journal = []
    with Clock(story.begin) as clock:
        robot = Robot(clock, journal, seed)
        office = Office(database, clock, journal, robot, seed)
        office.set_up(story.patients)
        for moment in moments(story, step):
            go_on(moment, clock, robot, office, story)
        robot.close()
        return Truth(story, journal, office.records()).report()


def moments(story, step):
    """When the crons look around."""
    from .story import CLINIC, to_local

    moment = story.begin
    while moment < story.end:
        yield moment
        fast = NIGHT <= to_local(moment, CLINIC).hour < MORNING
        moment += NIGHT_STEP if fast else step


def go_on(moment, clock, robot, office, story):
    """Let everything happen up to a moment, each thing at its time."""
    while story.deeds and story.deeds[0].at <= moment:
        deed = story.deeds.pop(0)
        deliver(robot, office, clock, deed.at)
        clock.move(max(deed.at, clock.now))
        visit = None if deed.visit is None else story.visits[deed.visit]
        office.do(deed, visit)
    deliver(robot, office, clock, moment)
    clock.move(max(moment, clock.now))
    robot.keep_hours()
    run_crons(office)


def deliver(robot, office, clock, until):
    for report in robot.due(until):
        clock.move(max(report.at, clock.now))
        office.deliver(report)


def run_crons(office):
    """All, as their intervals are shorter than a step; then those that were woken."""
    for name in ("plan", "dispatch", "sweep"):
        office.run(name)
    for name in office.woken():
        office.run(name)


def main():
    parser = argparse.ArgumentParser(prog="fortnight", description=__doc__)
    parser.add_argument("database")
    parser.add_argument("--visits", type=int, default=2000)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--step", type=int, default=20, help="minutes, by day")
    parser.add_argument("--log", default="")
    options = parser.parse_args()
    start_odoo(options.database, options.log)
    step = timedelta(minutes=options.step)
    report = play(options.database, options.visits, options.days, options.seed, step)
    json.dump(report, sys.stdout, indent=1, default=str, ensure_ascii=False)


main()
