from . import test_public_holiday
from . import test_translations
