from . import test_public_holiday
