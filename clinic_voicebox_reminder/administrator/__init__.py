from . import (
    voicebox_connection,
    clinic_going_live,
    clinic_first_steps,
    res_company_start,
    clinic_first_steps_page,
    res_config_settings_start,
    ir_ui_menu,
    voicebox_channel_page,
)
