{
    "name": "Clinic Voicebox Reminder: Public Holidays",
    "summary": "No reminder calls on the public holidays of the calendar",
    "version": "19.0.1.0.0",
    "development_status": "Beta",
    "category": "Productivity/Calendar",
    "author": "Clinic Voicebox Reminder contributors",
    "license": "AGPL-3",
    "depends": ["clinic_voicebox_reminder", "calendar_public_holiday"],
    "auto_install": True,
}
