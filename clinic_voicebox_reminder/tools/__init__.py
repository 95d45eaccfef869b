from . import (
    access_log,
    callback_body,
    calling_hours,
    clinic_day,
    shares,
    speech,
    statement_log,
    stopping,
    verdict,
    voicebox_client,
)
