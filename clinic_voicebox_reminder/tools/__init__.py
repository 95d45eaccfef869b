from . import (
    access_log,
    callback_body,
    calling_hours,
    clinic_day,
    conversation,
    speech,
    spoken_words,
    statement_log,
    stopping,
    verdict,
    voicebox_client,
)
