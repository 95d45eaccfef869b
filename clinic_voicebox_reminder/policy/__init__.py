from . import clinic_reminder_policy, clinic_reminder_explanation
