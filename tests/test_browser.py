"""The front desk at work in a real browser; screenshots in .local/screenshots."""

import pytest
from playwright.sync_api import expect

from clinic import PATIENT, running_clinic
from desk import VISITS, WORK_LIST, book, open_list, row_of, shoot

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def module_clinic():
    options = {"name": "browser", "with_assets": True}
    with running_clinic("--max-cron-threads=1", **options) as clinic:
        yield clinic
        clinic.assert_log_is_clean([r"odoo\.http: Not called: "])


def wait_for_status(clinic, event, status):
    clinic.wait(status, lambda: clinic.visit(event)["visit_status"] == status)


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


def test_what_would_be_refused_is_not_offered(clinic, simulator, page):
    name = f"{PATIENT[0]} Нина {PATIENT[2]}"
    patients = clinic.patients(name=name)
    book(clinic, patient_ids=patients)
    clinic.desk("res.partner", "write", patients, {"reminder_do_not_call": True})
    open_list(page, VISITS)
    row_of(page, name).locator("td[name=patient_id]").click()
    why = page.locator("[name=reminder_explanation]")
    expect(why).to_contain_text("Not called: marked “no reminder calls”")
    expect(page.get_by_role("button", name="Call Now")).to_have_count(0)
    shoot(page, "call_now_refused")
    dialog.get_by_role("button", name="Close").last.click()
    assert simulator.log() == []
