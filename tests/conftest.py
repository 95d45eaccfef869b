"""Fixtures of the end-to-end tests: Odoo servers, the clinic, Voicebox's stand-ins.

A module's clinic is shared by its tests: each books visits of its own, and cancels what
it left. The module may set SERVER_OPTIONS, SOURCE: a function that returns the database
to copy, and DOCUMENTED: patterns of the troubles that its server's log may tell.
"""

import pytest

from browser import launched_browser
from clinic import LOGIN, METHOD, PASSWORD, running_clinic
from desk import signed_in
from standin import StandIn
from voicebox_simulator.process import Simulator

SPEED = 600  # a minute of a call is a tenth of a second
THREADED = ("--max-cron-threads=1",)


@pytest.fixture(scope="module")
def module_clinic(request):
    options = getattr(request.module, "SERVER_OPTIONS", THREADED)
    documented = getattr(request.module, "DOCUMENTED", ())
    name = request.module.__name__.removeprefix("test_")
    where = {"name": name}
    if make_source := getattr(request.module, "SOURCE", None):
        where["source"] = make_source()
    with running_clinic(*options, **where) as clinic:
        yield clinic
        clinic.assert_log_is_clean(documented)


@pytest.fixture
def clinic(module_clinic):
    yield module_clinic
    module_clinic.close_day()


@pytest.fixture(scope="module")
def module_simulator():
    settings = {"login": LOGIN, "password": PASSWORD, "method": METHOD}
    with Simulator(speed=SPEED, **settings) as simulator:
        yield simulator
        assert simulator.output == ""


@pytest.fixture
def simulator(clinic, module_simulator):
    """Voicebox as it should be, known to the clinic, without a past."""
    module_simulator.reset()
    module_simulator.set_faults()
    module_simulator.set_script()
    clinic.connect_simulator(module_simulator)
    return module_simulator


@pytest.fixture
def standin(clinic):
    """Voicebox as bare bytes, known to the clinic."""
    with StandIn() as standin:
        clinic.connect(standin.url)
        yield standin


@pytest.fixture(scope="module")
def browser():
    with launched_browser() as browser:
        yield browser


@pytest.fixture
def page(browser, clinic):
    """The front desk's."""
    with signed_in(browser, clinic) as page:
        yield page
