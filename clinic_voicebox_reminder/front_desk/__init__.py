from . import (
    calendar_event_booking,
    patient_field,
    patient_filter,
    patient_desk,
    patient_card,
    patient_entry,
    written_numbers,
)
