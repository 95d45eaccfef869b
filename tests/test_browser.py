"""The front desk at work in a real browser; screenshots in .local/screenshots."""

import re

import pytest
from playwright.sync_api import expect, sync_playwright

import ground
from clinic import PATIENT, running_clinic

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCREENSHOTS = ground.LOCAL / "screenshots"
VISITS = f"/odoo/action-{ground.ADDON}.calendar_event_action"
WORK_LIST = f"/odoo/action-{ground.ADDON}.clinic_reminder_call_action_work_list"
CHROME_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update"
).split()
# Debian's Odoo lacks this file
MISSING = re.compile("selfie_segmentation|Could not get content")
SLOW = 30_000  # ms; the web client's first page on a busy machine
DAYS_2 = 24 * 60  # minutes after tomorrow's noon


@pytest.fixture(scope="module")
def module_clinic():
    options = {"port": 8160, "name": "browser", "with_assets": True}
    with running_clinic("--max-cron-threads=1", **options) as clinic:
        yield clinic
        clinic.assert_log_is_clean([r"odoo\.http: Not called: "])


@pytest.fixture(scope="module")
def browser():
    chrome = ground.find_chrome()
    assert chrome, "No Chrome or Chromium here: install one or set CHROME_BIN."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chrome, args=CHROME_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, clinic):
    """The front desk, signed in; no error of the web client is let pass."""
    context = browser.new_context(
        base_url=clinic.server.url,
        timezone_id=clinic.zone,
        viewport={"width": 1400, "height": 900},
    )
    page = context.new_page()
    page.set_default_timeout(SLOW)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("/web/login")
    page.get_by_label("Email").fill("desk")
    page.get_by_label("Password").fill("desk-of-the-tests")
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/odoo**")
    yield page
    context.close()
    assert [error for error in errors if not MISSING.search(error)] == []


def book(clinic, **values):
    """A visit in two days: its call is due tomorrow, unless somebody presses."""
    start = clinic.tomorrow(minutes=DAYS_2)
    stop = clinic.tomorrow(minutes=DAYS_2 + 30)
    (event,) = clinic.book(start=str(start), stop=str(stop), **values)
    clinic.wait("it is planned", lambda: clinic.reminder(event)["state"] == "planned")
    return event


def wait_for_status(clinic, event, status):
    clinic.wait(status, lambda: clinic.visit(event)["visit_status"] == status)


def shoot(page, name):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def open_list(page, address):
    page.goto(address)
    switcher = page.locator(".o_switch_view.o_list")
    page.locator(".o_action_manager .o_view_controller").wait_for()
    if not page.locator(".o_list_view").count():
        switcher.click()
    page.locator(".o_list_view").wait_for()


def row_of(page, name):
    return page.locator("tr.o_data_row", has_text=name)


def test_the_front_desk_calls_and_sees_the_answer(clinic, simulator, page):
    name = f"{PATIENT[0]} Анна {PATIENT[2]}"
    patients = clinic.patients(name=name)
    event = book(clinic, patient_ids=patients)
    open_list(page, VISITS)
    row = row_of(page, name)
    expect(row.locator(".badge")).to_have_text("Booked")
    expect(row).to_contain_text("Will be called on")
    shoot(page, "visits")
    row.locator("td[name=patient_id]").click()
    expect(page.locator("[name=reminder_explanation]")).to_contain_text("Will be")
    shoot(page, "visit_booked")
    page.get_by_role("button", name="Call Now").click()
    clinic.wait(
        "the answer is there",
        lambda: clinic.visit(event)["visit_status"] == "confirmed",
    )
    page.reload()
    status = page.locator("[name=visit_status] .o_arrow_button_current")
    expect(status).to_have_text("Confirmed")
    explanation = page.locator("[name=reminder_explanation]")
    expect(explanation).to_contain_text("the patient will come")
    shoot(page, "visit_confirmed")
    assert len(simulator.log()) == 1


def test_a_patient_who_asks_for_a_person_is_on_the_work_list(clinic, simulator, page):
    simulator.set_script(default="operator")
    name = f"{PATIENT[0]} Ольга {PATIENT[2]}"
    event = book(clinic, patient_ids=clinic.patients(name=name))
    clinic.call_now(event)
    wait_for_status(clinic, event, "reschedule")
    open_list(page, WORK_LIST)
    row = row_of(page, name)
    expect(row).to_be_visible()
    shoot(page, "work_list")
    row.locator("td[name=patient_id]").click()
    expect(page.locator("[name=outcome]").first).to_contain_text("Asked for a person")
    shoot(page, "work_list_reminder")


def test_a_refusal_is_told_in_words(clinic, simulator, page):
    name = f"{PATIENT[0]} Нина {PATIENT[2]}"
    patients = clinic.patients(name=name)
    book(clinic, patient_ids=patients)
    clinic.desk("res.partner", "write", patients, {"reminder_do_not_call": True})
    open_list(page, VISITS)
    row_of(page, name).locator("td[name=patient_id]").click()
    page.get_by_role("button", name="Call Now").click()
    dialog = page.locator(".modal")
    expect(dialog).to_contain_text("Not called: marked “no reminder calls”")
    shoot(page, "call_now_refused")
    dialog.get_by_role("button", name="Close").last.click()
    assert simulator.log() == []
