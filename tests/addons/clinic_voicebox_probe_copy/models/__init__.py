from . import probe_booking
