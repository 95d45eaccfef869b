from collections import Counter

from odoo import api, fields, models
from odoo.fields import Domain

from ..models import moments
from ..tools.clinic_day import QUARTER, ClinicDay, gaps, next_step
from ..tools.vocabulary import FINISHED_STATUSES

COUNTED = ("confirmed", "waiting", "person", "freed")
DAYS_SEARCHED = 14  # for a working day: Russia's longest holidays are shorter
# read of all visits at once
VISIT_FIELDS = (
    "allday",
    "patient_id",
    "privacy",
    "show_as",
    "specialist_id",
    "start",
    "stop",
    "user_id",
    "visit_status",
)
SPECIALIST_FIELDS = (
    "company_id",
    "name",
    "partner_id",
    "visit_calendar_id",
    "visit_duration",
)


class ClinicVisitBoard(models.AbstractModel):
    """A day of the chosen clinics, with their specialists side by side.

    Told are the visits to the chosen clinics. Whatever else takes their specialists'
    time is shown as taken: of a visit to another clinic, and of a private event, not a
    word more.
    """

    _name = "clinic.visit.board"
    _description = "Day Board"

    @api.model
    def get_day(self, day=None):
        """All that the board draws, in few queries whatever the number of visits.

        Times are ISO strings, on the clock of the first of the chosen clinics.

        :param str day: an ISO date; today, if there is none
        :raise AccessError: the user is no front desk
        """
        self.env["clinic.reminder.call"].check_access("read")
        zone = self.env.company._reminder_zone()
        today = ClinicDay(moments.today_at(self.env.company), zone)
        shown = ClinicDay(fields.Date.to_date(day) or today.date, zone)
        visits = self._visits(shown)
        specialists = self._specialists(visits)
        hours = self._hours_around(specialists, today, shown)
        return {
            "day": shown.date,
            "today": today.date,
            "zone": zone.key,
            "offset": shown.offset(fields.Datetime.now()),
            "previous": _working_day(hours, shown, -1),
            "next": _working_day(hours, shown, 1),
            "after_today": _working_day(hours, today, 1),
            **self._drawn(shown, visits, hours),
        }

    # === Whose day === #
    @api.model
    def _visits(self, shown):
        visits = self.env["calendar.event"].sudo()
        return visits.search_fetch(
            [
                ("patient_id", "!=", False),
                ("reminder_company_id", "in", self.env.companies.ids),
                ("start", "<", shown.stop),
                ("stop", ">", shown.start),
            ],
            VISIT_FIELDS,
            order="start, id",
        )

    @api.model
    def _specialists(self, visits):
        """Those who take visits in the chosen clinics, and whoever has one that day."""
        users = self.env["res.users"].sudo().with_context(active_test=False)
        return users.search_fetch(
            self._taking_visits() | Domain("id", "in", visits.specialist_id.ids),
            SPECIALIST_FIELDS,
            order="name, id",
        )

    @api.model
    def _taking_visits(self):
        return (
            Domain("takes_visits", "=", True)
            & Domain("active", "=", True)
            & Domain("company_ids", "in", self.env.companies.ids)
        )

    @api.model
    def _hours_around(self, specialists, *days):
        """When they work on these days, and on those around them that may be the next
        working day. Days near each other are read together.

        :return: {specialist: [(start, stop), …]}
        """
        first, last = sorted(days, key=lambda day: day.date)
        near = first.other(DAYS_SEARCHED).date >= last.date
        hours = {specialist: [] for specialist in specialists}
        for one, other in [(first, last)] if near else zip(days, days, strict=True):
            start = one.other(-DAYS_SEARCHED).start
            stop = other.other(DAYS_SEARCHED + 1).start
            working = self.env["clinic.visit.times"]._working(specialists, start, stop)
            for specialist, intervals in working.items():
                hours[specialist] += intervals
        return hours

    # === What is drawn === #
    @api.model
    def _drawn(self, shown, visits, hours):
        specialists = self.env["res.users"].sudo().union(*hours)
        working = {one.id: shown.within(hours[one]) for one in specialists}
        told = visits - self._hidden(visits)
        busy = self._busy(shown, specialists, told)
        cards = self._cards(shown, told, busy)
        taken = cards + [row for row in busy if not row["is_told"]]
        ends = shown.hours(
            [*_ends(taken), *(one for pairs in working.values() for one in pairs)]
        )
        return {
            "hours": ends,
            "specialists": self._columns(specialists, working, cards),
            "visits": cards,
            "busy": [row for row in busy if not row["is_told"]],
            "free": self._free(shown, working, taken, ends),
            "counters": self._counters(cards),
        }

    @api.model
    def _hidden(self, visits):
        """Others' private visits, of which nothing is told."""
        private = visits.filtered(lambda v: v.effective_privacy == "private")
        seen = private.with_user(self.env.user)
        return seen.filtered(lambda v: v._check_private_event_conditions()).sudo()

    @api.model
    def _busy(self, shown, specialists, told):
        """What takes the specialists' time; visits that are told as such are marked."""
        busy = self.env["clinic.visit.times"]._busy(
            specialists, shown.start, shown.stop
        )
        return [
            {
                "id": event.id,
                "specialist": specialist.id,
                "start": shown.wall(start),
                "stop": shown.wall(stop),
                "name": self._busy_name(event),
                "is_told": event in told,
            }
            for specialist, taken in busy.items()
            for start, stop, event in taken
        ]

    @api.model
    def _busy_name(self, event):
        """Empty for what the user may not know."""
        if event.patient_id or (event.effective_privacy or "public") != "public":
            return ""
        return event.name

    @api.model
    def _cards(self, shown, visits, busy):
        """The visits; those that were cancelled only while nobody else has the time."""
        known = visits.with_user(self.env.user)._with_known_patient().sudo()
        wanting = self._wanting_a_person(visits)
        words = dict(visits._fields["visit_status"]._description_selection(self.env))
        cards = [
            {
                "id": visit.id,
                "specialist": visit.specialist_id.id,
                "start": shown.wall(visit.start),
                "stop": shown.wall(visit.stop),
                "all_day": visit.allday,
                "name": visit.patient_id.name if visit in known else "",
                "status": visit.visit_status,
                "group": self._group(visit, wanting),
                "word": words.get(visit.visit_status, ""),
            }
            for visit in visits
        ]
        return [card for card in cards if not _is_refilled(card, busy)]

    @api.model
    def _wanting_a_person(self, visits):
        """The visits whose reminders are on the front desk's work list."""
        reminders = self.env["clinic.reminder.call"].search_fetch(
            [("event_id", "in", visits.ids), ("needs_attention", "=", True)],
            ["event_id"],
        )
        return reminders.sudo().event_id

    @api.model
    def _group(self, visit, wanting):
        """One word for what the front desk still has to do about a visit."""
        if visit.visit_status == "cancelled":
            return "over" if visit.stop <= fields.Datetime.now() else "freed"
        if visit.visit_status in FINISHED_STATUSES:
            return "over"
        if visit.visit_status == "reschedule" or visit in wanting:
            return "person"
        return "confirmed" if visit.visit_status == "confirmed" else "waiting"

    @api.model
    def _columns(self, specialists, working, cards):
        columns = [
            {
                "id": user.id,
                "name": user.name,
                "specialty": user.partner_id.function or "",
                "hours": working[user.id],
                "length": user.visit_duration,
            }
            for user in specialists
        ]
        if any(not card["specialist"] for card in cards):
            nobody = {"id": False, "name": self.env._("No specialist")}
            columns.append({**nobody, "specialty": "", "hours": [], "length": 0})
        return columns

    @api.model
    def _free(self, shown, working, taken, ends):
        """Working time to come that nothing takes; a freed visit's time is its own."""
        now = next_step(shown.wall(fields.Datetime.now()), QUARTER)
        first, last = ends
        by_specialist = {specialist: [] for specialist in working}
        for row in taken:
            if not row.get("all_day"):
                by_specialist.setdefault(row["specialist"], []).append(row)
        return [
            {"specialist": specialist, "start": start, "stop": stop}
            for specialist, hours in working.items()
            for start, stop in gaps(
                hours, _ends(by_specialist[specialist]), max(first, now), last
            )
        ]

    @api.model
    def _counters(self, cards):
        counted = Counter(card["group"] for card in cards)
        return {group: counted[group] for group in COUNTED}


def _ends(rows):
    return [(row["start"], row["stop"]) for row in rows if not row.get("all_day")]


def _is_refilled(card, busy):
    """Has a cancelled visit's time become somebody else's?"""
    return card["status"] == "cancelled" and any(
        row["specialist"] == card["specialist"]
        and row["start"] < card["stop"]
        and row["stop"] > card["start"]
        for row in busy
    )


def _working_day(hours, shown, step):
    """The nearest day before or behind on which somebody works."""
    days = [shown.other(step * n) for n in range(1, DAYS_SEARCHED + 1)]
    intervals = {one for each in hours.values() for one in each}
    worked = (day for day in days if any(day.meets(*one) for one in intervals))
    return next(worked, days[0]).date
