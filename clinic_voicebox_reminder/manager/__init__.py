from . import (
    clinic_visit_report,
    clinic_call_report,
    clinic_week,
    clinic_day_sheet,
)
