from odoo import fields, models

from ..models import moments

MINUTE = 60


class ClinicDaySheet(models.TransientModel):
    """A day on paper: a page for each specialist.

    Told is what the day board tells its reader: of what is private not a word, and
    nothing of other clinics than those that were chosen when the sheet was asked for.
    """

    _name = "clinic.day.sheet"
    _description = "Day Sheet"
    _rec_name = "day"

    day = fields.Date(
        required=True, default=lambda self: moments.today_at(self.env.company)
    )
    specialist_ids = fields.Many2many(
        "res.users",
        "clinic_day_sheet_specialist_rel",
        "sheet_id",
        "specialist_id",
        "Specialists",
        domain="[('takes_visits', '=', True)]",
        help="Left empty, everybody who has visits on that day",
    )
    company_ids = fields.Many2many(
        "res.company",
        "clinic_day_sheet_company_rel",
        "sheet_id",
        "company_id",
        "Clinics",
        required=True,
        default=lambda self: self.env.companies,
    )

    def action_print(self):
        self.ensure_one()
        self.check_access("read")
        report = self.env.ref("clinic_voicebox_reminder.clinic_day_sheet_report")
        return report.sudo().report_action(self, config=False)

    # === What is printed === #
    def _pages(self):
        """For each specialist a dict: name, specialty, lines in the order of time."""
        self.ensure_one()
        board = self.env["clinic.visit.board"].with_context(
            allowed_company_ids=self.company_ids.ids
        )
        day = board.get_day(self.day)
        answers = self._answers([card["id"] for card in day["visits"]])
        lines = [
            *(self._visit_line(card, answers) for card in day["visits"]),
            *(self._busy_line(row) for row in day["busy"]),
        ]
        pages = ({**one, "lines": _of(one, lines)} for one in day["specialists"])
        return [page for page in pages if self._is_wanted(page)]

    def _is_wanted(self, page):
        if self.specialist_ids:
            return page["id"] in self.specialist_ids.ids
        return any(line["is_visit"] for line in page["lines"])

    def _answers(self, event_ids):
        """What was answered about each visit, as it stands."""
        reminders = self.env["clinic.reminder.call"].search(
            [
                ("event_id", "in", event_ids),
                ("outcome", "!=", False),
                ("is_void", "=", False),
            ],
            order="id",
        )
        words = dict(reminders._fields["outcome"]._description_selection(self.env))
        return {one.event_id.id: words[one.outcome] for one in reminders}

    def _visit_line(self, card, answers):
        told = {
            "name": card["name"],
            "status": card["status"],
            "word": card["word"],
            "answer": answers.get(card["id"], ""),
            "is_visit": True,
        }
        return {**_time(card, card["all_day"]), **told}

    def _busy_line(self, row):
        name = row["name"] or self.env._("Busy")
        told = {"name": name, "status": "", "word": "", "answer": ""}
        return {**_time(row, False), **told, "is_visit": False}


def _time(row, is_all_day):
    minutes = int((row["stop"] - row["start"]).total_seconds() // MINUTE)
    return {
        "specialist": row["specialist"],
        "time": f"{row['start']:%H:%M}",
        "all_day": is_all_day,
        "minutes": minutes,
    }


def _of(specialist, lines):
    own = (line for line in lines if line["specialist"] == specialist["id"])
    return sorted(own, key=lambda line: (not line["all_day"], line["time"]))
