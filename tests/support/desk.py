"""The front desk at its browser: how tests open, sign in, look and take pictures."""

import contextlib
import re

from playwright.sync_api import expect, sync_playwright

import ground

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
DESKTOP = {"width": 1400, "height": 900}
DAYS_2 = 24 * 60  # minutes after tomorrow's noon

expect.set_options(timeout=SLOW)


@contextlib.contextmanager
def launched_browser():
    chrome = ground.find_chrome()
    assert chrome, "No Chrome or Chromium here: install one or set CHROME_BIN."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chrome, args=CHROME_FLAGS)
        yield browser
        browser.close()


@contextlib.contextmanager
def signed_in(browser, clinic, login="desk", viewport=None):
    """A person's page in a browser of its own; no error of the web client is let pass.

    :param login: of a user whose password is "<login>-of-the-tests"
    """
    context = browser.new_context(
        base_url=clinic.server.url,
        timezone_id=clinic.zone,
        viewport=viewport or DESKTOP,
    )
    page = context.new_page()
    page.set_default_timeout(SLOW)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("/web/login")
    page.get_by_label("Email").fill(login)
    page.get_by_label("Password").fill(f"{login}-of-the-tests")
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
