"""Our pages for whoever reads or presses with difficulty."""

import pytest
from playwright.sync_api import expect

from clinic import PATIENT, running_clinic
from desk import VISITS, WORK_LIST, book, grave_findings, row_of, signed_in, tab_to
from ground import ADDON

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = (f"{PATIENT[0]} {name} {PATIENT[2]}" for name in ("Зоя", "Вера", "Нина"))
SIZES = ((1440, 900), (390, 844))
WEEK = "/odoo/clinic-week"
TODAY = -24 * 60  # minutes after tomorrow's noon
# what sticks out of the page, or of the cell that it is in
STICKING_OUT = """() => {
    const page = document.querySelector(".o_clinic_week");
    const isOut = (el) =>
        el.getBoundingClientRect().right > page.getBoundingClientRect().right ||
        el.scrollWidth > el.parentElement.clientWidth + 1;
    return [...page.querySelectorAll(".o_figure")].filter(isOut).length
        + (page.scrollWidth > page.clientWidth);
}"""


@pytest.fixture(scope="module")
def module_clinic():
    options = {"name": "readable", "with_assets": True}
    with running_clinic("--max-cron-threads=1", **options) as clinic:
        yield clinic
        clinic.assert_log_is_clean()


@pytest.fixture
def waiting(clinic, simulator):
    """A visit whose patient wants a person: its id, the patient's name."""
    simulator.set_script(default="operator")
    name = next(NAMES)
    event = book(clinic, patient_ids=clinic.patients(name=name))
    clinic.call_now(event)
    clinic.wait("on the work list", lambda: clinic.reminder(event)["needs_attention"])
    yield event, name
    clinic.cancel([event])


def open_work_list(page):
    page.goto(WORK_LIST)
    page.locator("button[name=note]:visible").first.wait_for()


def open_visit(page, event):
    page.goto(f"{VISITS}/{event}")
    page.locator(".o_clinic_visit_form [name=patient_id]").first.wait_for()


def open_search(page):
    page.goto("/odoo/patient-search")
    page.locator(".o_patient_search input").wait_for()


def open_card(page, name):
    page.locator(".o_patient_search input").fill(name)
    page.locator(".o_patient_search input").press("Enter")
    page.locator(".o_form_view").wait_for()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_serious(clinic, browser, waiting, width, height):
    event, name = waiting
    size = {"width": width, "height": height}
    found = {}
    with signed_in(browser, clinic, viewport=size) as page:
        open_work_list(page)
        found["work list"] = grave_findings(page, ".o_action_manager")
        open_visit(page, event)
        found["visit"] = grave_findings(page, ".o_action_manager")
        open_search(page)
        found["search"] = grave_findings(page, ".o_action_manager")
        open_card(page, name)
        found["card"] = grave_findings(page, ".o_action_manager")
    assert not any(found.values()), "\n".join(map(str, found.items()))


@pytest.fixture
def manager(clinic):
    """Of a clinic where somebody did not come today."""
    groups = [clinic._ref(f"{ADDON}.group_manager")]
    user = clinic._make_user("manager", group_ids=[(6, 0, groups)])
    start, stop = (str(clinic.tomorrow(TODAY + minutes)) for minutes in (0, 30))
    events = clinic.book(start=start, stop=stop, visit_status="no_show")
    yield "manager"
    clinic.cancel(events)
    clinic.admin("res.users", "write", [user], {"active": False})


def test_the_manager_s_week(clinic, browser, manager):
    with signed_in(browser, clinic, manager) as page:
        for width, height in (*SIZES, (820, 1180)):
            page.set_viewport_size({"width": width, "height": height})
            page.goto(WEEK)
            page.locator(".o_figure_rate").first.wait_for()
            for by in ("specialist", "weekday", "hour", "number"):
                page.locator(f"button[name=by_{by}]").click()
                page.locator(f".o_clinic_week [data-name={by}]").wait_for()
                assert page.evaluate(STICKING_OUT) == 0, (width, by)
            assert grave_findings(page, ".o_clinic_week") == "", width


def test_a_row_is_handled_without_a_mouse(clinic, page, waiting):
    event, name = waiting
    open_work_list(page)
    row = row_of(page, name)
    expect(row).to_be_visible()
    reminder = clinic.reminder(event)["id"]
    tab_to(page, f".o_clinic_row_actions[data-row='{reminder}'] button[name=handled]")
    page.keyboard.press("Enter")
    page.locator(".modal").wait_for()
    tab_to(page, ".modal .btn-primary")
    page.keyboard.press("Enter")
    expect(row).to_have_count(0)
    assert not clinic.reminder(event)["needs_attention"]
