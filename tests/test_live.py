"""Two people of the front desk with their pages open: an answer is on both at once.

One of them reads English, the other Russian.

Nothing is reloaded by hand here. How long it took is not asserted: Playwright waits.
"""

import pytest
from playwright.sync_api import expect

from clinic import PATIENT, running_clinic
from desk import (
    VISITS,
    WORK_LIST,
    book,
    in_words,
    install_russian,
    open_list,
    row_of,
    signed_in,
)

RUSSIAN = "ru_RU"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def module_clinic():
    options = {"name": "live", "with_assets": True}
    with running_clinic("--max-cron-threads=1", **options) as clinic:
        install_russian(clinic)
        clinic._make_user("colleague", lang=RUSSIAN)
        yield clinic
        # Odoo's own: two people come in at once
        clinic.assert_log_is_clean([r'UPDATE "discuss_channel_member"'])


@pytest.fixture(scope="module")
def form(module_clinic):
    """The address of a form of visits that is written in."""
    arch = """<form js_class="clinic_visit_form"><sheet>
        <field name="visit_status" /><field name="location" /></sheet></form>"""
    model = {"name": "Visit of the tests", "model": "calendar.event"}
    (view,) = module_clinic.admin("ir.ui.view", "create", [{**model, "arch": arch}])
    action = {"name": model["name"], "res_model": model["model"], "view_mode": "form"}
    (action,) = module_clinic.admin(
        "ir.actions.act_window", "create", [{**action, "view_id": view}]
    )
    return f"/odoo/action-{action}"


@pytest.fixture
def colleague(browser, clinic):
    """Another person of the front desk, at a browser of her own."""
    with signed_in(browser, clinic, "colleague") as page:
        yield page


@pytest.fixture
def called(clinic, standin):
    """A visit whose patient is on the phone: (event, name, attempt)."""
    name = f"{PATIENT[0]} Инна {PATIENT[2]}"
    event = book(clinic, patient_ids=clinic.patients(name=name))
    clinic.call_now(event)
    clinic.wait("it rings", lambda: clinic.attempt(event)["state"] == "requested")
    return event, name, clinic.attempt(event)


def answer(clinic, attempt, word):
    reply = clinic.report(guid=str(attempt["guid"]), response=word)
    assert reply.ok


def test_an_answer_is_on_every_open_page(clinic, called, page, colleague):
    event, name, attempt = called
    open_list(page, VISITS)
    expect(row_of(page, name).locator(".badge")).to_have_text("Booked")
    open_list(colleague, WORK_LIST)
    expect(row_of(colleague, name)).to_have_count(0)
    expect(colleague.locator(".o_control_panel")).to_contain_text(
        in_words("Work List", RUSSIAN)
    )
    answer(clinic, attempt, "operator")
    expect(row_of(page, name).locator(".badge")).to_have_text("To reschedule")
    expect(row_of(colleague, name)).to_be_visible()
    assert clinic.visit(event)["visit_status"] == "reschedule"


def test_who_asks_for_a_person_is_told_of(clinic, called, page, colleague):
    event, name, attempt = called
    open_list(page, VISITS)
    open_list(colleague, VISITS)
    answer(clinic, attempt, "operator")
    toast, other_toast = (p.locator(".o_clinic_waiting") for p in (page, colleague))
    for shown in (toast, other_toast):
        expect(shown).to_contain_text(name)
        expect(shown).to_contain_text(attempt["phone"])
    toast.get_by_role("button", name="Open").click()
    expect(page.locator("[name=outcome]").first).to_contain_text("Asked for a person")
    expect(toast).to_have_count(0)
    page.get_by_role("button", name="Handled").click()
    page.locator(".modal").get_by_role("button", name="Close It").click()
    expect(other_toast).to_have_count(0)
    assert not clinic.reminder(event)["needs_attention"]


def test_what_is_being_typed_stays(clinic, called, form, page, colleague):
    """The form says that there is news; one in which nobody types shows it."""
    event, _name, attempt = called
    for shown in (page, colleague):
        shown.goto(f"{form}/{event}")
        expect(shown.locator("[name=visit_status] input")).not_to_have_value("")
    place = page.locator("[name=location] input")
    place.press_sequentially("Room 7")
    answer(clinic, attempt, "confirmed")
    status = colleague.locator("[name=visit_status] input")
    expect(status).to_have_value(in_words("Confirmed", RUSSIAN))
    expect(page.locator(".o_clinic_news")).to_be_visible()
    expect(place).to_have_value("Room 7")
    page.locator(".o_form_button_save").click()
    expect(page.locator(".o_clinic_news")).to_have_count(0)
    clinic.wait("it is saved", lambda: clinic.visit(event)["location"] == "Room 7")
    assert clinic.visit(event)["visit_status"] == "confirmed"
