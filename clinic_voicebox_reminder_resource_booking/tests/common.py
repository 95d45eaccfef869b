from datetime import timedelta

from odoo.addons.clinic_voicebox_reminder.tests.common import NOW, ReminderCase

TOMORROW_NOON = NOW + timedelta(days=1, hours=2)


class BookingCase(ReminderCase):
    """A specialist whose time is booked; open day and night."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tz": "Europe/Moscow"})
        cls.open_hours = cls.env["resource.calendar"].create(
            {
                "name": "Day and night",
                "tz": "Europe/Moscow",
                "attendance_ids": [
                    (
                        0,
                        0,
                        {
                            "name": day,
                            "dayofweek": day,
                            "hour_from": 0,
                            "hour_to": 24,
                            "day_period": "morning",
                        },
                    )
                    for day in "0123456"
                ],
            }
        )
        cls.resource = cls.make_resource(cls.specialist)
        cls.combination = cls.make_combination(cls.resource)
        cls.booking_type = cls.env["resource.booking.type"].create(
            {
                "name": "Consultation",
                "company_id": cls.company.id,
                "resource_calendar_id": cls.open_hours.id,
                "combination_assignment": "sorted",
                "combination_rel_ids": [
                    (0, 0, {"combination_id": cls.combination.id, "sequence": 1})
                ],
            }
        )

    @classmethod
    def make_resource(cls, user):
        return cls.env["resource.resource"].create(
            {
                "name": user.name,
                "resource_type": "user",
                "user_id": user.id,
                "calendar_id": cls.open_hours.id,
                "tz": "Europe/Moscow",
            }
        )

    @classmethod
    def make_combination(cls, resources):
        return cls.env["resource.booking.combination"].create(
            {"resource_ids": [(6, 0, resources.ids)]}
        )

    def setUp(self):
        super().setUp()
        self.ivanova = self.patient()

    def booking(self, patient=None, start=TOMORROW_NOON, **vals):
        patient = patient or self.ivanova
        return self.env["resource.booking"].create(
            {
                "partner_ids": [(6, 0, patient.ids)],
                "type_id": self.booking_type.id,
                "start": start,
                **vals,
            }
        )

    def called(self, booking):
        """The attempt of the robot's call about a booking."""
        self.call()
        attempt = self.reminder_of(booking.meeting_id).attempt_ids
        self.assertEqual(len(attempt), 1)
        return attempt

    def invitation(self, event):
        return event.attendee_ids.filtered(lambda a: a.partner_id == event.patient_id)

    def doctor_is_away(self):
        """A leave over tomorrow, of the specialist alone."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Leave",
                "calendar_id": self.open_hours.id,
                "resource_id": self.resource.id,
                "date_from": TOMORROW_NOON - timedelta(hours=3),
                "date_to": TOMORROW_NOON + timedelta(hours=3),
            }
        )
