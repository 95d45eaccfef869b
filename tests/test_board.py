"""The day board in a real browser: dragged on, without a mouse, narrow, live, full."""

import re

import pytest
from playwright.sync_api import expect

from clinic import QUIET, running_clinic
from desk import grave_findings, shoot, signed_in, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BOARD = "/odoo/clinic-board"
SIZES = ((1440, 900), (820, 1180), (390, 844))
COLUMNS, ROWS = 20, 40
CUT = """() => {
    const shown = document.querySelectorAll(
        ".o_board_toolbar button, .o_board_specialist_choice > *");
    const isOut = (el) => {
        const {left, right} = el.getBoundingClientRect();
        return left < 0 || right > window.innerWidth;
    };
    return [...shown].filter(isOut).map((el) => el.outerHTML);
}"""
MARK = """() => document.querySelectorAll(".o_board_line").forEach((el) => {
    el.isOld = true;
})"""
NEW_NAMES = """() => [...document.querySelectorAll(".o_board_name")]
    .filter((el) => !el.parentElement.isOld).map((el) => el.textContent)"""


@pytest.fixture(scope="module")
def module_clinic():
    options = {"name": "board", "with_assets": True}
    with running_clinic("--max-cron-threads=1", **options) as clinic:
        clinic.second_id = clinic._make_user("second", takes_visits=True)
        yield clinic
        clinic.assert_log_is_clean()


@pytest.fixture
def event(clinic):
    """Tomorrow from noon to half past, confirmed."""
    start, stop = (str(clinic.tomorrow(minutes)) for minutes in (0, 30))
    (event,) = clinic.book(start=start, stop=stop, visit_status="confirmed")
    yield event
    clinic.cancel([event])


def open_board(page):
    page.goto(BOARD)
    page.locator("button[name=tomorrow]").click()
    expect(page.locator("button[name=tomorrow]")).to_have_attribute(
        "aria-pressed", "true"
    )


def card(page, group="confirmed"):
    return page.locator(f".o_board_{group}.o_board_card")


def drag(page, source, target, down=0):
    """With the mouse, into another column, and so many pixels down."""
    source.scroll_into_view_if_needed()
    at, to = source.bounding_box(), target.bounding_box()
    x, y = at["x"] + 30, at["y"] + 8
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y + 10, steps=3)
    page.mouse.move(to["x"] + 40, y + down, steps=10)
    page.mouse.up()


def column(page, name):
    names = page.locator(".o_board_specialist").all_inner_texts()
    return page.locator(".ec-body .ec-day").nth(names.index(name))


def test_a_visit_is_dragged_to_another_specialist(clinic, page, event):
    open_board(page)
    shoot(page, "board")
    drag(page, card(page), column(page, "The second"), down=24 * 4)
    dialog = page.locator(".modal")
    expect(dialog).to_contain_text("new question")
    shoot(page, "board_move")
    dialog.locator("button[name=confirm_move]").click()
    moved = card(page, "waiting").filter(has_text="The second")
    expect(moved).to_have_count(1)
    row = clinic.visit(event)
    assert row["specialist_id"] == clinic.second_id
    assert row["start"] == clinic.tomorrow(60)
    assert row["visit_status"] == "booked"


def test_a_drag_that_is_taken_back_changes_nothing(clinic, page, event):
    open_board(page)
    drag(page, card(page), column(page, "The second"))
    page.locator("button[name=cancel_move]").click()
    expect(card(page).filter(has_text="The specialist")).to_have_count(1)
    row = clinic.visit(event)
    assert row["specialist_id"] == clinic.specialist_id
    assert row["visit_status"] == "confirmed"


def test_without_a_mouse(clinic, page, event):
    page.goto(BOARD)
    page.locator("button[name=tomorrow]").wait_for()
    tab_to(page, "button[name=tomorrow]")
    page.keyboard.press("Enter")
    expect(card(page)).to_have_count(1)
    tab_to(page, ".o_board_confirmed")
    page.keyboard.press("Enter")
    page.locator(".o_board_popover").wait_for()
    tab_to(page, "button[name=move]")
    page.keyboard.press("Enter")
    page.locator("#o_board_move_specialist").wait_for()
    tab_to(page, "#o_board_move_specialist")
    page.keyboard.press("ArrowUp")
    tab_to(page, "button[name=confirm_move]")
    page.keyboard.press("Enter")
    expect(card(page, "waiting").filter(has_text="The second")).to_have_count(1)
    assert clinic.visit(event)["specialist_id"] == clinic.second_id
    tab_to(page, ".o_board_free")
    page.keyboard.press("Enter")
    expect(page.locator(".modal [name=patient_id] input")).to_be_visible()


def test_an_arrow_key_leads_to_the_next_card(clinic, page, event):
    open_board(page)
    card(page).focus()
    page.keyboard.press("ArrowDown")
    below = page.evaluate("document.activeElement.className")
    assert "o_board_free" in below
    page.keyboard.press("ArrowUp")
    assert "o_board_confirmed" in page.evaluate("document.activeElement.className")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_is_cut_and_everybody_can_read_it(
    clinic, browser, event, width, height
):
    size = {"width": width, "height": height}
    with signed_in(browser, clinic, viewport=size) as page:
        open_board(page)
        shoot(page, f"board_{width}")
        assert page.evaluate(CUT) == []
        assert grave_findings(page, ".o_clinic_board") == ""


def test_a_thumb_s_screen_has_one_specialist(clinic, browser, event):
    size = {"width": 390, "height": 844}
    with signed_in(browser, clinic, viewport=size) as page:
        open_board(page)
        choice = page.locator(".o_board_specialist_choice select")
        choice.select_option(label="The second")
        expect(card(page)).to_have_count(0)
        choice.select_option(label="The specialist, Эндоскопист")
        expect(card(page)).to_have_count(1)
        card(page).click()
        expect(page.locator(".o_board_sentence")).to_be_visible()


def test_the_day_stays_when_the_page_is_loaded_again(clinic, page, event):
    open_board(page)
    page.reload()
    expect(card(page)).to_have_count(1)
    page.locator("button[name=today]").click()
    expect(page).to_have_url(re.compile(f"{BOARD}$"))
    page.reload()
    expect(page.locator("button[name=today]")).to_have_attribute("aria-pressed", "true")


def test_what_changes_is_on_the_open_board(clinic, page, event):
    open_board(page)
    expect(card(page)).to_have_count(1)
    clinic.desk("calendar.event", "write", [event], {"visit_status": "reschedule"})
    expect(card(page, "person")).to_have_count(1)


@pytest.fixture
def crowd(clinic):
    """Twenty specialists with forty visits each, tomorrow around noon."""
    users = [
        clinic._make_user(f"specialist{n:02}", takes_visits=True)
        for n in range(COLUMNS)
    ]
    for user in (clinic.specialist_id, clinic.second_id):
        clinic.admin("res.users", "write", [user], {"takes_visits": False})
    (patient,) = clinic.patients(name="Crowd")
    rows = [
        {
            "name": "Visit",
            "start": str(clinic.tomorrow(15 * n - 300)),
            "stop": str(clinic.tomorrow(15 * n - 285)),
            "user_id": user,
            "patient_id": patient,
            "visit_status": "confirmed",
        }
        for user in users
        for n in range(ROWS)
    ]
    events = clinic.admin("calendar.event", "create", rows, context=QUIET)
    yield events
    clinic.admin("calendar.event", "unlink", events)
    for user in users:
        clinic.admin("res.users", "write", [user], {"takes_visits": False})


def test_what_has_not_changed_is_not_drawn_again(clinic, page, crowd):
    open_board(page)
    expect(card(page)).to_have_count(COLUMNS * ROWS)
    page.evaluate(MARK)
    clinic.admin("calendar.event", "write", crowd[:1], {"visit_status": "reschedule"})
    expect(card(page, "person")).to_have_count(1)
    assert page.evaluate(NEW_NAMES) == ["Crowd"]
