from . import resource_booking_type
from . import resource_booking
from . import calendar_event
