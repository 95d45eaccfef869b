"""The demo's database: cloned from a pristine one, its visits moved to now."""

import json
import subprocess
from datetime import date, datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import databases
import ground
import odoo_runner
from ground import GroundError

FOLDER = ground.LOCAL / "demo"
PRISTINE = "tmpl_addon_demo_"
# Who has a visit today gets no call: the demo needs a clinic with hours left until
# midnight, and at every moment one of these has them.
ZONES = ("Europe/Moscow", "Asia/Vladivostok")
LATEST_HOUR = 20


class Day:
    """A database with three days of visits: today, tomorrow, the day after."""

    def __init__(self, database, lang):
        self.database = database
        self.lang = lang  # of the staff
        self.file = FOLDER / f"{database}.json"
        self.log = FOLDER / f"{database}_calls.jsonl"
        self.zone = clinic_zone(datetime.now(timezone.utc))

    def why_renew(self, fresh):
        """Why the day has to be made; empty if the one there is can go on."""
        if not self.file.exists() or not databases.database_exists(self.database):
            return "made"
        known = json.loads(self.file.read_text())
        if fresh:
            return "made anew"
        if known["addon"] != databases.addon_digest():
            return "made anew, as the addon has changed"
        if known["day"] != str(today_in(known["zone"])):
            return f"{in_words(date.fromisoformat(known['day']))} is over: made anew"
        self.zone = known["zone"]
        return ""

    def renew(self, settings):
        """Clone the pristine database and move its visits to now."""
        pristine = databases.addon_database(with_demo=True)
        self.file.unlink(missing_ok=True)
        self.log.unlink(missing_ok=True)
        databases.clone_database(pristine, self.database)
        today = str(today_in(self.zone))
        self.apply({**settings, "reminder_tz": self.zone}, today)
        known = {"day": today, "zone": self.zone, "addon": databases.addon_digest()}
        ground.replace_file(self.file, json.dumps(known))

    def apply(self, settings, day=""):
        """Write the company's settings, and the day's visits if a day is named."""
        wish = json.dumps({"company": settings, "day": day, "lang": self.lang})
        folder = str(Path(__file__).parent)
        code = f"import sys; sys.path.append({folder!r}); import demo_day\n"
        log = FOLDER / f"{self.database}_day.log"
        with open(log, "w") as output:
            done = subprocess.run(
                odoo_runner.odoo_command("shell", "-d", self.database, "--no-http"),
                env=odoo_runner.odoo_env(DEMO_DAY=wish),
                input=code + "demo_day.main(env)\n",
                text=True,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        if done.returncode:
            raise GroundError(f"The day could not be made, see {log}")


def clinic_zone(moment):
    """Name of the first zone in which enough of the day is left at `moment`."""
    hours = {zone: moment.astimezone(ZoneInfo(zone)).hour for zone in ZONES}
    return next(zone for zone, hour in hours.items() if hour < LATEST_HOUR)


def today_in(zone):
    return datetime.now(ZoneInfo(zone)).date()


def in_words(day):
    return f"{day.day} {day:%B}"
