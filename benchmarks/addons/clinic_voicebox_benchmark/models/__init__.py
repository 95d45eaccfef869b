from . import clinic_reminder_call, res_partner
