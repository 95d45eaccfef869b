from . import calendar_attendee, calendar_event, res_partner
