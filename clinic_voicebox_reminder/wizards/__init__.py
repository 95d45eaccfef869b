from . import (
    clinic_reminder_manual_call,
    voicebox_scenario_guide,
    voicebox_test_call,
)
