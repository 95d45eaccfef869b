"""Who calls patients already needs no first steps."""


def migrate(cr, version):
    cr.execute(
        """UPDATE res_company SET reminder_first_steps = FALSE
            WHERE voicebox_mode = 'live'"""
    )
