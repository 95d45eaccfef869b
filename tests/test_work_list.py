"""The front desk finishes its work in a browser; the database tells what it did."""

import pytest
from playwright.sync_api import expect

from clinic import PATIENT, running_clinic
from desk import (
    LANGUAGES,
    WORK_LIST,
    book,
    in_words,
    install_russian,
    open_list,
    row_of,
    speak,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STAYS = "Noted. The patient stays on the work list until there is a new visit."


@pytest.fixture(scope="module")
def module_clinic():
    options = {"name": "work_list", "with_assets": True}
    with running_clinic("--max-cron-threads=1", **options) as clinic:
        hours = clinic.admin("resource.calendar", "search", [["name", "=", "Always"]])
        visits = {"visit_calendar_id": hours[0]}
        clinic.admin("res.users", "write", [clinic.specialist_id], visits)
        install_russian(clinic)
        yield clinic
        clinic.assert_log_is_clean([r"odoo\.http: .*у соседки"])


@pytest.fixture(params=LANGUAGES)
def said(request, clinic):
    """Our words in the language of the front desk, which is each in turn.

    To be asked for before the page.
    """
    speak(clinic, clinic.desk_id, request.param)
    yield lambda text: in_words(text, request.param)
    speak(clinic, clinic.desk_id, "en_US")


def test_who_wants_another_time_gets_one(clinic, simulator, said, page):
    simulator.set_script(default="operator")
    name = f"{PATIENT[0]} Ирина {PATIENT[2]}"
    event = book(clinic, patient_ids=clinic.patients(name=name))
    start = clinic.visit(event)["start"]
    clinic.call_now(event)
    open_list(page, WORK_LIST)
    row = row_of(page, name)
    row.locator("button[name=note]").click()
    page.get_by_role("radio", name=said("Wants another time")).check()
    page.locator(".modal").get_by_role("button", name=said("Save")).click()
    expect(page.locator(".o_clinic_said")).to_contain_text(said(STAYS))
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


def test_a_number_is_corrected_and_called(clinic, simulator, said, page):
    name = f"{PATIENT[0]} Алла {PATIENT[2]}"
    patients = clinic.patients(name=name, phone="спросить у дочери")
    start, stop = (clinic.tomorrow(minutes=m) for m in (24 * 60, 24 * 60 + 30))
    (event,) = clinic.book(patient_ids=patients, start=str(start), stop=str(stop))
    clinic.run("plan")
    open_list(page, WORK_LIST)
    row = row_of(page, name)
    expect(row).to_contain_text("спросить у дочери")
    row.locator("button[name=correct]").click()
    number = page.get_by_label(said("Phone number"))
    expect(number).to_have_value("спросить у дочери")
    number.fill("у соседки")
    number.press("Enter")
    refusal = said("“%s” is no number that can be dialled.") % "у соседки"
    expect(page.locator(".modal [role=alert]")).to_have_text(refusal)
    number.fill("+1 202 555 0199")
    number.press("Enter")
    expect(row).to_have_count(0)
    assert clinic.reminder(event)["state"] == "planned"
    clinic.call_now(event)
    clinic.wait("called", lambda: clinic.visit(event)["visit_status"] == "confirmed")
    assert clinic.attempt(event)["phone"] == "+12025550199"
