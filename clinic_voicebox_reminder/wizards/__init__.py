from . import (
    base_partner_merge,
    clinic_reminder_conversation,
    clinic_reminder_erasure,
    clinic_reminder_health_page,
    clinic_reminder_manual_call,
    clinic_reminder_take_over,
    voicebox_scenario_guide,
    voicebox_test_call,
)
