from datetime import datetime

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..tools.clinic_day import ClinicDay
from ..tools.vocabulary import FINISHED_STATUSES


class ClinicVisitMove(models.AbstractModel):
    """Gives a visit another time or specialist, as staff do on the board."""

    _name = "clinic.visit.move"
    _description = "Move of a Visit"

    @api.model
    def move_visit(self, event_id, start, specialist_id, accepted=None):
        """Move a visit, unless something speaks against it that staff have not read.

        Who moves a visit asks its patient anew: an earlier answer is void.

        :param str start: ISO, on the clock of the first of the chosen clinics
        :param list accepted: the conflicts that staff insist against; None only asks
        :return: {"is_moved": bool, "conflicts": [sentence, …]}
        :raise AccessError: the visit is none of a chosen clinic's, or private
        :raise UserError: the visit is over, or nobody is to be seen by this specialist
        """
        visit = self._visit_to_move(event_id)
        specialist = self._specialist_for(visit, specialist_id)
        begins = self._moment(start)
        ends = begins + (visit.stop - visit.start)
        conflicts = self.env["clinic.visit.times"]._conflicts(
            specialist, visit.patient_id, begins, ends, visit.ids
        )
        is_moved = accepted is not None and set(conflicts) <= set(accepted)
        if is_moved:
            self._move(visit, start=begins, stop=ends, specialist_id=specialist)
        return {"is_moved": is_moved, "conflicts": conflicts}

    @api.model
    def _visit_to_move(self, event_id):
        self.env["clinic.reminder.call"].check_access("read")
        visit = self.env["calendar.event"].browse(event_id).exists()
        visit.check_access("write")
        if not visit.patient_id or visit._reminder_company() not in self.env.companies:
            raise AccessError(self.env._("This is no visit to a clinic of yours."))
        if visit.visit_status in FINISHED_STATUSES:
            raise UserError(self.env._("This visit is over: it can't be moved."))
        return visit

    @api.model
    def _specialist_for(self, visit, specialist_id):
        taking = self.env["clinic.visit.board"]._taking_visits()
        specialists = self.env["res.users"].search(taking) | visit.specialist_id
        if specialist_id not in specialists.ids:
            raise UserError(self.env._("This user takes no visits here."))
        return self.env["res.users"].browse(specialist_id)

    @api.model
    def _moment(self, wall):
        wall = datetime.fromisoformat(wall)
        zone = self.env.company._reminder_zone()
        return ClinicDay(wall.date(), zone).moment(wall)

    @api.model
    def _move(self, visit, **values):
        changed = {
            name: value for name, value in values.items() if visit[name] != value
        }
        if "specialist_id" in changed:
            changed["specialist_id"] = changed["specialist_id"].id
        if changed:
            # the robot tells the patient: Odoo's mail about the new date says it twice
            visit.with_context(no_mail_to_attendees=True).write(changed)
