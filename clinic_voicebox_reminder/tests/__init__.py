from . import (
    test_callback,
    test_dispatch,
    test_main_job,
    test_plan,
    test_sharing,
    test_speech,
    test_voicebox_client,
    test_wording,
)
