from . import (
    test_callback,
    test_dispatch,
    test_main_job,
    test_plan,
    test_policy_table,
    test_privacy,
    test_settings,
    test_sharing,
    test_speech,
    test_views,
    test_voicebox_client,
    test_wording,
)
