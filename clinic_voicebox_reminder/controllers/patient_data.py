import json

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

ADMINISTRATOR = "clinic_voicebox_reminder.group_administrator"


class PatientDataController(http.Controller):
    @http.route(
        "/clinic_voicebox_reminder/patient/<int:patient_id>/reminder_calls.json",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def reminder_calls(self, patient_id):
        """A patient's call data as a file; noted on the contact."""
        env = request.env
        if not env.user.has_group(ADMINISTRATOR):
            raise AccessError(env._("Only administrators of reminder calls may."))
        patient = env["res.partner"].browse(patient_id).exists()
        if not patient:
            raise request.not_found()
        patient.check_access("read")
        data = env["clinic.reminder.privacy"]._export_patient(patient)
        patient._reminder_log_data_access(
            env._("Reminder calls exported: %s.", len(data["reminders"]))
        )
        name = content_disposition(f"reminder-calls-{patient_id}.json")
        return request.make_response(
            json.dumps(data, ensure_ascii=False, indent=2),
            [
                ("Content-Type", "application/json; charset=utf-8"),
                ("Content-Disposition", name),
                ("Cache-Control", "no-store"),
            ],
        )
