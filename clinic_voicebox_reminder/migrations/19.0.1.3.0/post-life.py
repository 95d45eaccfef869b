"""Branches go by the settings of the company above them, where they have none.

Those that could not call so far, as they have no campaign, have a secret that nobody
uses: the campaign they call through from now on reports with its owner's. A zone and
calling hours like those above were nobody's choice.
"""


def migrate(cr, version):
    cr.execute(
        """UPDATE res_company
              SET voicebox_callback_secret = NULL,
                  voicebox_previous_secret = NULL,
                  voicebox_previous_secret_until = NULL
            WHERE parent_id IS NOT NULL
              AND coalesce(voicebox_url, voicebox_login, voicebox_password,
                           voicebox_method, '') = ''"""
    )
    cr.execute(
        """UPDATE res_company branch
              SET reminder_tz = nullif(branch.reminder_tz, above.reminder_tz),
                  reminder_calendar_id = nullif(
                      branch.reminder_calendar_id, above.reminder_calendar_id)
             FROM res_company above
            WHERE above.id = branch.parent_id"""
    )
