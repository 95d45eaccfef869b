"""Makes the demo's day in its database. Runs inside `odoo shell`, told by DEMO_DAY."""

import calendar
import json
import os
from datetime import date
from zoneinfo import ZoneInfo

from odoo.fields import Command

from demo_history import make_history

ADDON = "clinic_voicebox_reminder"
WRITTEN_IN = ZoneInfo("Europe/Moscow")  # the zone of the demo data's visits
UTC = ZoneInfo("UTC")
PACE = {
    "voicebox_mode": "live",
    "reminder_lead_days": 2,
    "reminder_spread": False,
    "reminder_pause_no_answer": 0,
    "reminder_pause_hung_up": 0,
    "reminder_pause_machine": 0,
    "reminder_pause_no_result": 0,
}
# of the specialists: by their XML ids, how long a visit is (hours), and its colour
SPECIALISTS = {
    "user_therapist": (0.5, 4),
    "user_cardiologist": (0.5, 10),
    "user_endoscopist": (0.5, 2),
}
# the clinic's hours, and those of its calls, in the demo's language
HOURS_NAMES = {
    "en_US": ("Demo: the clinic", "Demo: round the clock"),
    "ru_RU": ("Демо: часы клиники", "Демо: круглосуточно"),
}
OPEN_FROM, OPEN_TO = 8.5, 18.5  # o'clock: the clinic's hours, every day of the week
QUIET = {
    "no_mail_to_attendees": True,
    "dont_notify": True,
    "skip_attendee_notification": True,
    "tracking_disable": True,
}


def main(env):
    settings = json.loads(os.environ["DEMO_DAY"])
    env = env(context={**env.context, **QUIET})
    if settings["day"]:
        zone = settings["company"]["reminder_tz"]
        remove_other_events(env)
        move_visits(env, date.fromisoformat(settings["day"]), ZoneInfo(zone))
        set_clocks(env, zone)
        clinic_hours, all_hours = HOURS_NAMES[settings["lang"]]
        set_specialists(env, hours(env, clinic_hours, zone, OPEN_FROM, OPEN_TO))
        round_the_clock = hours(env, all_hours, zone, 0, 24)
        env.ref("base.main_company").write(
            {**PACE, "reminder_calendar_id": round_the_clock.id}
        )
    env.ref("base.main_company").write(settings["company"])
    if settings["day"]:
        make_history(env, date.fromisoformat(settings["day"]), ZoneInfo(zone))
    staff(env).write({"lang": settings["lang"]})
    land_on_their_pages(env)
    env.cr.commit()
    env.registry.signal_changes()  # a server that runs knows its users by heart


def demo_events(env):
    """The visits of the addon's demo data, cancelled and archived ones included."""
    known = env["ir.model.data"].search(
        [("module", "=", ADDON), ("model", "=", "calendar.event")]
    )
    return env["calendar.event"].browse(known.mapped("res_id")).exists()


def remove_other_events(env):
    """The Calendar app's own demo meetings are no visits to a clinic."""
    everything = env["calendar.event"].with_context(active_test=False).search([])
    (everything - demo_events(env)).unlink()


def move_visits(env, today, zone):
    """Begin the three days of visits with `today`, at the same hours of `zone`."""
    events = demo_events(env)
    timed = events.filtered(lambda event: not event.allday)
    days = today - min(local(event.start, WRITTEN_IN).date() for event in timed)
    for event in timed:
        wall = local(event.start, WRITTEN_IN).replace(tzinfo=None) + days
        moment = wall.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
        event.write({"start": moment, **status_of(event)})
    for event in events - timed:
        moved = event.start_date + days
        event.write({"start_date": moved, "stop_date": moved})


def local(moment, zone):
    return moment.replace(tzinfo=UTC).astimezone(zone)


def status_of(event):
    """Written along with the time, or the addon would ask a moved visit anew."""
    return {
        "visit_status": event.visit_status,
        "visit_status_reason": event.visit_status_reason,
    }


def set_clocks(env, zone):
    """Staff see the clinic's time, wherever the demo is run."""
    staff(env).write({"tz": zone})


def staff(env):
    return env["res.users"].search([("share", "=", False)])


def land_on_their_pages(env):
    desk = env.ref("base.user_admin") + env.ref(f"{ADDON}.user_reception")
    desk.write({"action_id": env.ref(f"{ADDON}.clinic_visit_board_action").id})
    manager = env.ref(f"{ADDON}.user_manager")
    manager.write({"action_id": env.ref(f"{ADDON}.clinic_week_action").id})


def set_specialists(env, opening):
    for name, (duration, color) in SPECIALISTS.items():
        env.ref(f"{ADDON}.{name}").write(
            {
                "visit_duration": duration,
                "visit_color": color,
                "visit_calendar_id": opening.id,
            }
        )


def hours(env, name, zone, opens, closes):
    """Working hours that are the same on every day of the week."""
    return env["resource.calendar"].create(
        {
            "name": name,
            "company_id": False,
            "tz": zone,
            "attendance_ids": [
                Command.create(
                    {
                        "name": day_name,
                        "dayofweek": str(day),
                        "hour_from": opens,
                        "hour_to": closes,
                        "day_period": "full_day",
                    }
                )
                for day, day_name in enumerate(calendar.day_name)
            ],
        }
    )
