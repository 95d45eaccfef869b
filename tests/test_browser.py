"""The front desk at work and the administrator in the first hour, in a real browser;
screenshots in .local/screenshots."""

import pytest
from playwright.sync_api import expect

from administrator import CREDENTIALS, FIRST_STEPS, SETTINGS, new_clinic, ring
from clinic import PATIENT, running_clinic
from desk import VISITS, WORK_LIST, book, open_list, row_of, shoot, signed_in

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
    why = page.locator(".o_form_view [name=reminder_explanation]")
    expect(why).to_contain_text("Not called: marked “no reminder calls”")
    expect(page.get_by_role("button", name="Call Now")).to_have_count(0)
    shoot(page, "call_now_refused")
    assert simulator.log() == []


# === The administrator's first hour === #

LANGUAGES = ("en_US", "ru_RU")
BEHAVIOURS = ("decline", "operator", "machine", "no_answer")


def step(page, name, done):
    """The line of a first step, green or red."""
    state = "[data-done]" if done else ":not([data-done])"
    return page.locator(f".o_clinic_step[data-step={name}]{state}")


def fill_in(page, url, password):
    values = {"voicebox_url": url, **CREDENTIALS, "voicebox_password": password}
    for name, value in values.items():
        page.locator(f"[name={name}] input").fill(value)


def save_settings(page):
    with page.expect_event("load"):  # of the page, which is loaded anew
        page.locator(".o_form_button_save").click()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_from_an_empty_installation_to_live(clinic, simulator, browser, lang):
    new = new_clinic(clinic, "first-hour", lang)
    simulator.set_callback(clinic.callback_url, new.row["voicebox_callback_secret"])
    with signed_in(browser, clinic, new.login) as page:
        page.goto(FIRST_STEPS)
        expect(page.locator(".o_clinic_step:not([data-done])")).to_have_count(7)
        shoot(page, f"first_steps_{lang}_nothing")
        campaign_and_connection(page, new, simulator)
        specialists_and_choices(page, new)
        one_test_call(page)
        other_reports(page, new, simulator)
        page.locator("button[name=live]").click()
        page.locator("button[name=go_live]").click()
        expect(step(page, "live", True)).to_be_visible()
        shoot(page, f"first_steps_{lang}_live")
        page.reload()
        page.locator(".o_clinic_first_steps").wait_for()
        expect(page.locator(".o_clinic_steps_systray")).to_have_count(0)
    assert new.row["voicebox_mode"] == "live"
    (entry,) = new.went_live
    assert not entry["undone"] and not entry["reason"]


def campaign_and_connection(page, new, simulator):
    """A wrong password is told and not kept; the right one is tested and saved."""
    page.locator("button[name=campaign]").click()
    expect(page.locator("#voicebox_credentials")).to_be_in_viewport()
    fill_in(page, simulator.api_url, "wrong")
    page.locator("button[name=test_connection]").click()
    expect(page.locator(".o_clinic_told .alert-danger")).to_contain_text("401")
    assert new.row["voicebox_password"] is None and new.row["voicebox_url"] is None
    fill_in(page, simulator.api_url, CREDENTIALS["voicebox_password"])
    page.locator("button[name=test_connection]").click()
    page.locator(".o_clinic_told .alert-success").wait_for()
    assert new.row["voicebox_password"] is None
    save_settings(page)
    assert new.row["voicebox_password"] == CREDENTIALS["voicebox_password"]
    page.goto(FIRST_STEPS)
    for name in ("campaign", "connection"):
        expect(step(page, name, True)).to_be_visible()
    expect(step(page, "scenario", False)).to_be_visible()


def specialists_and_choices(page, new):
    page.locator("button[name=specialists]").click()
    row = row_of(page, new.login)
    row.locator("[name=takes_visits] input").click()
    page.wait_for_timeout(500)
    page.go_back()
    expect(step(page, "specialists", True)).to_be_visible()
    expect(step(page, "choices", False)).to_be_visible()
    page.locator("button[name=confirm_choices]").click()
    expect(step(page, "choices", True)).to_be_visible()
    assert new.row["reminder_chosen_at"]


def one_test_call(page):
    """The dialog tells the whole story of the call by itself."""
    page.locator("button[name=test_call]").click()
    dialog = page.locator(".modal")
    dialog.locator("[name=number] input").fill("+1 202 555 0150")
    dialog.locator("button[name=action_call]").click()
    expect(dialog.locator("[name=story] .alert-success")).to_be_visible()
    expect(dialog.locator("[name=story] li")).to_have_count(5)
    expect(dialog.locator("[name=story]")).to_contain_text("confirmed")
    shoot(page, "test_call_story")
    dialog.locator(".modal-footer button[special=cancel]").click()
    expect(step(page, "test_call", True)).to_be_visible()
    expect(step(page, "scenario", False)).to_be_visible()


def other_reports(page, new, simulator):
    """Each phone answers in another way: all six reports come in."""
    person = new.sign_in()
    numbers = [f"120255501{ordinal}" for ordinal in range(51, 55)]
    simulator.set_script(dict(zip(numbers, BEHAVIOURS, strict=True)))
    for number in numbers:
        ring(person, f"+{number}")
    expect(step(page, "scenario", True)).to_be_visible()
    sql = """SELECT disposition FROM voicebox_callback
              WHERE company_id = %s AND disposition NOT IN ('applied', 'stale')"""
    assert new.clinic.rows(sql, new.company_id) == []


def the_search_finds_what_is_folded(page):
    setting = page.locator("#reminder_late_booking")
    expect(setting).to_be_hidden()
    page.locator(".o_searchview_input").fill(
        setting.locator(".o_form_label").first.text_content().strip()
    )
    expect(setting).to_be_visible()
    page.locator(".o_searchview_input").fill("")
    expect(setting).to_be_hidden()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_going_live_with_a_red_step_asks_and_records(clinic, simulator, browser, lang):
    new = new_clinic(clinic, "red-step", lang)
    new.write(voicebox_url=simulator.api_url, **CREDENTIALS)
    with signed_in(browser, clinic, new.login) as page:
        page.goto(SETTINGS)
        the_search_finds_what_is_folded(page)
        page.locator("#voicebox_mode input[data-value=live]").click()
        page.locator(".o_form_button_save").click()
        expect(
            page.locator("[name=voicebox_live_reason].o_field_invalid")
        ).to_be_visible()
        assert new.row["voicebox_mode"] == "disabled" and not new.went_live
        page.locator("[name=voicebox_live_reason] input").fill("a trial evening")
        save_settings(page)
        clinic.wait("it is live", lambda: new.row["voicebox_mode"] == "live")
        page.goto(FIRST_STEPS)
        expect(page.locator(".o_clinic_history")).to_contain_text("a trial evening")
        shoot(page, f"first_steps_{lang}_red")
    (entry,) = new.went_live
    assert entry["reason"] == "a trial evening" and entry["undone"]
