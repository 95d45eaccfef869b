from . import (
    calendar_event_booking,
    patient_field,
    patient_filter,
    patient_desk,
    patient_card,
    patient_entry,
    written_numbers,
    clinic_reminder_undo,
    clinic_reminder_work,
    clinic_reminder_rebook,
    calendar_event_work,
)
