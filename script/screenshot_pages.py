"""The pages that script/screenshots takes pictures of: where each is, when it is there.

A step leads from the address to what is to be seen, as a person's clicks would.
"""

from dataclasses import dataclass

from ground import ADDON

ACTION = f"/odoo/action-{ADDON}."
VISITS = f"{ACTION}calendar_event_action"
BOARD = "/odoo/clinic-board"
SETTLED = ".o_action_manager > .o_action, .o_action_manager .o_view_controller"
WEEK = "/odoo/clinic-week"
FIGURES = ".o_clinic_week .o_figure_rate"
DESK, ADMIN, MANAGER = "reception", "admin", "manager"
NUMBER = "0105"  # of a patient who wants another time


@dataclass(frozen=True)
class Page:
    name: str
    address: str
    ready: str = SETTLED  # what has to be visible
    step: object = None
    login: str = DESK


# === Steps === #


def tomorrow(page):
    page.locator("button[name=tomorrow]").click()
    page.locator("button[name=tomorrow][aria-pressed=true]").wait_for()
    page.locator(".o_board_confirmed").first.wait_for()


def visit_of_board(page):
    tomorrow(page)
    page.locator(".o_board_card.o_board_confirmed").first.click()
    page.locator(".o_board_popover").wait_for()


def visit_form(page):
    visit_of_board(page)
    page.locator(".o_board_popover button[name=open]").click()
    page.locator(".o_clinic_visit_form .o_statusbar_status").wait_for()


def conversation(page):
    visit_form(page)
    page.locator("[name=reminder_words] button.btn-link").click()
    page.locator(".modal .o_clinic_conversation").wait_for()


def booking(page):
    tomorrow(page)
    page.locator(".o_board_free").first.click()
    page.locator(".modal [name=patient_id] input").wait_for()


def first_row(page):
    page.locator("tr.o_data_row:not(.o_group_header), .o_kanban_record").first.click()
    page.locator(".o_form_view").wait_for()


def rows_of_groups(page):
    for header in page.locator("tr.o_group_header:not(.o_group_open)").all():
        header.click()


def call_of_group(page):
    rows_of_groups(page)
    first_row(page)


def row_menu(page):
    page.locator("button[name=note]:visible").first.click()
    page.locator(".modal .modal-footer").wait_for()


def free_times(page):
    page.locator("button[name=rebook]:visible").first.click()
    page.locator(".o_clinic_free").wait_for()


def found(page):
    page.locator(".o_patient_search input").fill("Шиповн")
    page.locator(".o_patient_search input").press("Enter")
    page.locator(".o_patient_row, .o_form_view").first.wait_for()


def card(page):
    page.locator(".o_patient_search input").fill(NUMBER)
    page.locator(".o_patient_search input").press("Enter")
    page.locator(".o_form_view").wait_for()


def whole_page(page):
    """As long as it is: nothing of it is scrolled away."""
    width = page.viewport_size["width"]
    height = page.locator(".o_clinic_week").evaluate("(el) => el.scrollHeight")
    page.set_viewport_size({"width": width, "height": height + 60})


def by_hour(page):
    page.locator("button[name=by_hour]").click()
    page.locator("table[data-name=hour]").scroll_into_view_if_needed()


def rows_of_figure(page):
    figure = ".o_week_card_confirmed .o_figure[data-span=before] button[name=part]"
    page.locator(figure).click()
    page.locator(".o_list_view .o_data_row, .o_kanban_record").first.wait_for()


def printed(page):
    """The sheet as a browser shows it: to make a PDF of it is wkhtmltopdf's work."""
    page.locator(".modal [name=action_print]").click()
    page.locator("iframe").wait_for()
    page.frame_locator("iframe").locator("table").first.wait_for()


def of_kind(kind):
    """Choose another view of the page: calendar, list, kanban."""

    def choose(page):
        button = page.locator(f".o_switch_view.o_{kind}")
        if not button.count():
            page.locator(".o_cp_switch_buttons button").click()
            button = page.locator(f".dropdown-item .oi-view-{kind}, .o_{kind}")
        button.first.click()
        page.locator(f".o_{kind}_view, .o_{kind}_renderer").first.wait_for()

    return choose


def more_settings(page):
    page.locator(".o_clinic_more summary").click()
    page.locator(".o_clinic_more .o_setting_box").first.wait_for()
    page.locator(".o_clinic_more summary").scroll_into_view_if_needed()


def connection_test(page):
    page.locator("button[name=test_connection]").click()
    page.locator(".o_clinic_told .alert").wait_for()


# === Pages === #

PAGES = (
    Page("board", BOARD, step=tomorrow),
    Page("board_today", BOARD, ".o_board_card"),
    Page("board_visit", BOARD, step=visit_of_board),
    Page("booking", BOARD, step=booking),
    Page("visits", VISITS),
    Page("visits_list", f"{VISITS}?view_type=list", ".o_list_view, .o_kanban_view"),
    Page("visits_kanban", f"{VISITS}?view_type=kanban", ".o_kanban_view"),
    Page("visit", BOARD, step=visit_form),
    Page("conversation", BOARD, step=conversation),
    Page("work_list", f"{ACTION}clinic_reminder_call_action_work_list"),
    Page("work_note", f"{ACTION}clinic_reminder_call_action_work_list", step=row_menu),
    Page(
        "work_rebook", f"{ACTION}clinic_reminder_call_action_work_list", step=free_times
    ),
    Page("patient_search", "/odoo/patient-search", ".o_patient_search", found),
    Page("patient_card", "/odoo/patient-search", ".o_patient_search", card),
    Page("calls", f"{ACTION}clinic_reminder_call_action"),
    Page("call", f"{ACTION}clinic_reminder_call_action", step=call_of_group),
    Page("week", WEEK, FIGURES, login=MANAGER),
    Page("week_whole", WEEK, FIGURES, whole_page, login=MANAGER),
    Page("week_by_hour", WEEK, FIGURES, by_hour, login=MANAGER),
    Page("week_rows", WEEK, FIGURES, rows_of_figure, login=MANAGER),
    Page("visits_in_figures", f"{ACTION}clinic_visit_report_action", login=MANAGER),
    Page("day_sheet", f"{ACTION}clinic_day_sheet_action", ".modal .o_form_view"),
    Page("day_sheet_printed", f"{ACTION}clinic_day_sheet_action", ".modal", printed),
    Page("calls_made", f"{ACTION}clinic_reminder_attempt_action"),
    Page(
        "first_steps", "/odoo/clinic-first-steps", ".o_clinic_first_steps", login=ADMIN
    ),
    Page("specialists", f"{ACTION}clinic_specialist_action", login=ADMIN),
    Page("settings", f"{ACTION}res_config_settings_action", login=ADMIN),
    Page(
        "settings_more",
        f"{ACTION}res_config_settings_action",
        step=more_settings,
        login=ADMIN,
    ),
    Page(
        "connection_test",
        f"{ACTION}res_config_settings_action",
        step=connection_test,
        login=ADMIN,
    ),
    Page(
        "test_call",
        f"{ACTION}voicebox_test_call_action",
        ".modal .o_form_view",
        login=ADMIN,
    ),
    Page(
        "scenario_guide",
        f"{ACTION}voicebox_scenario_guide_action",
        ".modal .o_form_view",
        login=ADMIN,
    ),
    Page("health", f"{ACTION}clinic_reminder_health_page_action", login=ADMIN),
    Page("callbacks", f"{ACTION}voicebox_callback_action", login=ADMIN),
    Page("response_words", f"{ACTION}voicebox_response_action", login=ADMIN),
    Page("wording", f"{ACTION}clinic_reminder_wording_action", login=ADMIN),
    Page("pronunciation", f"{ACTION}clinic_reminder_pronunciation_action", login=ADMIN),
    Page("specialties", f"{ACTION}clinic_reminder_specialty_action", login=ADMIN),
    Page("campaigns", f"{ACTION}voicebox_method_action", login=ADMIN),
)
