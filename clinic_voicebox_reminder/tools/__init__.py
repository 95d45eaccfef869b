from . import (
    access_log,
    callback_body,
    calling_hours,
    clinic_day,
    conversation,
    shares,
    speech,
    spoken_words,
    statement_log,
    stopping,
    verdict,
    voicebox_client,
)
