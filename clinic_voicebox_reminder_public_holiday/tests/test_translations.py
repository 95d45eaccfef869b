from odoo.tests import TransactionCase, tagged

from odoo.addons.clinic_voicebox_reminder.tests.translation_files import (
    TranslationFiles,
)


@tagged("post_install", "-at_install")
class TestTranslationFiles(TranslationFiles, TransactionCase):
    ADDON = "clinic_voicebox_reminder_public_holiday"
