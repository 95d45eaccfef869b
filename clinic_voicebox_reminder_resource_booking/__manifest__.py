{
    "name": "Clinic Voicebox Reminder: Resource Booking",
    "summary": "Bookings are visits: a patient who declines frees the slot",
    "version": "19.0.1.0.0",
    "development_status": "Beta",
    "category": "Productivity/Calendar",
    "author": "Clinic Voicebox Reminder contributors",
    "license": "AGPL-3",
    "depends": ["clinic_voicebox_reminder", "resource_booking"],
    "data": [
        "views/calendar_event_views.xml",
        "views/resource_booking_type_views.xml",
        "views/resource_booking_views.xml",
    ],
    "auto_install": True,
}
