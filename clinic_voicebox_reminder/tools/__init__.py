from . import (
    access_log,
    callback_body,
    calling_hours,
    clinic_day,
    speech,
    statement_log,
    stopping,
    verdict,
    voicebox_client,
)
