"""A plan looks at patients now: the places of its former works mean nothing."""


def migrate(cr, version):
    cr.execute("DELETE FROM clinic_reminder_place")
