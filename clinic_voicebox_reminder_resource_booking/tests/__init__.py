from . import test_booking
from . import test_decline
from . import test_portal
from . import test_translations
