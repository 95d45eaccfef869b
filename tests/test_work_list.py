"""The front desk finishes its work in a browser; the database tells what it did."""

import pytest
from playwright.sync_api import expect

from clinic import PATIENT, running_clinic
from desk import WORK_LIST, book, open_list, row_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def module_clinic():
    options = {"name": "work_list", "with_assets": True}
    with running_clinic("--max-cron-threads=1", **options) as clinic:
        hours = clinic.admin("resource.calendar", "search", [["name", "=", "Always"]])
        visits = {"visit_calendar_id": hours[0]}
        clinic.admin("res.users", "write", [clinic.specialist_id], visits)
        yield clinic
        clinic.assert_log_is_clean([r"odoo\.http: .* is no number"])


def test_who_wants_another_time_gets_one(clinic, simulator, page):
    simulator.set_script(default="operator")
    name = f"{PATIENT[0]} Ирина {PATIENT[2]}"
    event = book(clinic, patient_ids=clinic.patients(name=name))
    start = clinic.visit(event)["start"]
    clinic.call_now(event)
    open_list(page, WORK_LIST)
    row = row_of(page, name)
    row.locator("button[name=note]").click()
    page.get_by_role("radio", name="Wants another time").check()
    page.locator(".modal").get_by_role("button", name="Save").click()
    expect(page.locator(".o_clinic_said")).to_contain_text("until there is a new visit")
    expect(page.locator(".modal")).to_have_count(0)
    assert clinic.reminder(event)["attention_kind"] == "asks_time"
    row.locator("button[name=rebook]").click()
    page.locator(".o_clinic_free button").last.click()
    expect(row).to_have_count(0)
    visit, asked = clinic.visit(event), clinic.reminder(event)
    assert visit["start"] != start
    assert visit["visit_status"] == "booked"
    clinic.wait("asked anew", lambda: clinic.reminder(event)["state"] != "done")
    assert not asked["needs_attention"]


def test_undone(clinic, simulator, page):
    simulator.set_script(default="operator")
    name = f"{PATIENT[0]} Раиса {PATIENT[2]}"
    event = book(clinic, patient_ids=clinic.patients(name=name))
    clinic.call_now(event)
    open_list(page, WORK_LIST)
    row = row_of(page, name)
    row.locator("button[name=handled]").click()
    page.locator(".modal").get_by_role("button", name="Close It").click()
    expect(row).to_have_count(0)
    assert not clinic.reminder(event)["needs_attention"]
    page.locator(".o_clinic_said").get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    assert clinic.reminder(event)["attention_kind"] == "asks_person"


def test_a_number_is_corrected_and_called(clinic, simulator, page):
    name = f"{PATIENT[0]} Алла {PATIENT[2]}"
    patients = clinic.patients(name=name, phone="спросить у дочери")
    start, stop = (clinic.tomorrow(minutes=m) for m in (24 * 60, 24 * 60 + 30))
    (event,) = clinic.book(patient_ids=patients, start=str(start), stop=str(stop))
    clinic.run("plan")
    open_list(page, WORK_LIST)
    row = row_of(page, name)
    expect(row).to_contain_text("спросить у дочери")
    row.locator("button[name=correct]").click()
    number = page.get_by_label("Phone number")
    expect(number).to_have_value("спросить у дочери")
    number.fill("у соседки")
    number.press("Enter")
    expect(page.locator(".modal [role=alert]")).to_contain_text(
        "no number that can be dialled"
    )
    number.fill("+1 202 555 0199")
    number.press("Enter")
    expect(row).to_have_count(0)
    assert clinic.reminder(event)["state"] == "planned"
    clinic.call_now(event)
    clinic.wait("called", lambda: clinic.visit(event)["visit_status"] == "confirmed")
    assert clinic.attempt(event)["phone"] == "+12025550199"
