from . import calling_hours, callback_body, speech, verdict, voicebox_client
