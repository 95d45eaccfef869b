from . import (
    access_log,
    callback_body,
    calling_hours,
    speech,
    verdict,
    voicebox_client,
)
