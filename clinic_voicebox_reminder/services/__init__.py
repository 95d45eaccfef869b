from . import (
    clinic_reminder_queue,
    clinic_reminder_messenger,
    clinic_reminder_planner,
    clinic_reminder_dispatcher,
    voicebox_callback_flood,
    clinic_reminder_sweeper,
    clinic_reminder_privacy,
    clinic_reminder_figures,
    clinic_reminder_health,
    voicebox_trial,
    clinic_visit_times,
)
