"""The front desk's pages for whoever reads or presses with difficulty."""

import pytest
from playwright.sync_api import expect

from clinic import PATIENT, running_clinic
from desk import VISITS, WORK_LIST, book, grave_findings, row_of, signed_in, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = f"{PATIENT[0]} Зоя {PATIENT[2]}"
SIZES = ((1440, 900), (390, 844))


@pytest.fixture(scope="module")
def module_clinic():
    options = {"port": 8180, "name": "readable", "with_assets": True}
    with running_clinic("--max-cron-threads=1", **options) as clinic:
        yield clinic
        clinic.assert_log_is_clean()


@pytest.fixture
def waiting(clinic, simulator):
    """A visit whose patient wants a person."""
    simulator.set_script(default="operator")
    event = book(clinic, patient_ids=clinic.patients(name=NAME))
    clinic.call_now(event)
    clinic.wait("on the work list", lambda: clinic.reminder(event)["needs_attention"])
    yield event
    clinic.cancel([event])


def open_work_list(page, waiting):
    page.goto(WORK_LIST)
    page.locator("button[name=note]:visible").first.wait_for()


def open_visit(page, waiting):
    page.goto(f"{VISITS}/{waiting}")
    page.locator(".o_clinic_visit_form [name=patient_id]").first.wait_for()


def open_search(page, waiting):
    page.goto("/odoo/patient-search")
    page.locator(".o_patient_search input").wait_for()


def open_card(page, waiting):
    open_search(page, waiting)
    page.locator(".o_patient_search input").fill(NAME)
    page.locator(".o_patient_search input").press("Enter")
    page.locator(".o_form_view").wait_for()


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("opened", [open_work_list, open_visit, open_search, open_card])
def test_nothing_serious(clinic, browser, waiting, opened, width, height):
    size = {"width": width, "height": height}
    with signed_in(browser, clinic, viewport=size) as page:
        opened(page, waiting)
        assert grave_findings(page, ".o_action_manager") == []


def test_a_row_is_handled_without_a_mouse(clinic, page, waiting):
    open_work_list(page, waiting)
    row = row_of(page, NAME)
    expect(row).to_be_visible()
    tab_to(page, ".o_clinic_row_actions button[name=handled]")
    page.keyboard.press("Enter")
    page.locator(".modal").wait_for()
    tab_to(page, ".modal .btn-primary")
    page.keyboard.press("Enter")
    expect(row).to_have_count(0)
    assert not clinic.reminder(waiting)["needs_attention"]
