"""The front desk at its browser: how tests open, sign in, look and take pictures."""

import contextlib
import functools

import polib
from playwright.sync_api import expect

import ground
from browser import MISSING, SLOW, log_in

SCREENSHOTS = ground.LOCAL / "screenshots"
VISITS = f"/odoo/action-{ground.ADDON}.calendar_event_action"
WORK_LIST = f"/odoo/action-{ground.ADDON}.clinic_reminder_call_action_work_list"
AXE = ground.LOCAL / "node" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
FINDINGS = """async ([where, skip]) => {
    const {violations} = await axe.run(
        {include: where, exclude: skip}, {resultTypes: ["violations"]});
    return violations.flatMap(({id, impact, nodes}) =>
        nodes.map(({html}) => [impact, id, html]));
}"""
# Odoo's own, the same on every page of Odoo's
ODOOS = {
    ".o_list_record_selector": "checkboxes without a name",
    ".o_avatar": "pictures beside a name, some without alt",
    ".badge": "white words on its bright colours",
    ".o_control_panel": "buttons without a name, aria-expanded on its search",
    ".o_form_label": "a phone's pale labels",
    ".o-mail-Chatter": "avatars with a label and no role",
    ".o_optional_columns_dropdown": "a button without a name",
}
LANGUAGES = ("en_US", "ru_RU")
RUSSIAN = ground.ROOT / ground.ADDON / "i18n" / "ru.po"
DESKTOP = {"width": 1400, "height": 900}
DAYS_2 = 24 * 60  # minutes after tomorrow's noon

expect.set_options(timeout=SLOW)


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
    log_in(page, login, f"{login}-of-the-tests")
    yield page
    context.close()
    assert [error for error in errors if not MISSING.search(error)] == []


@functools.cache
def _russian():
    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(RUSSIAN))}


FOCUS_MATCHES = "(one) => document.activeElement.matches(one)"


def in_words(text, lang):
    """The addon's text as somebody with that language reads it; never untranslated."""
    return _russian()[text] if lang == "ru_RU" else text


def install_russian(clinic):
    """Beside English, for who chooses it: see `speak`."""
    langs = clinic.admin(
        "res.lang",
        "search",
        [["code", "=", "ru_RU"]],
        context={"active_test": False},
    )
    values = {"lang_ids": [(6, 0, langs)], "overwrite": False}
    wizard = clinic.admin("base.language.install", "create", [values])
    clinic.admin("base.language.install", "lang_install", wizard)


def speak(clinic, user_id, lang):
    clinic.admin("res.users", "write", [user_id], {"lang": lang})


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


def tab_to(page, selector):
    """Press Tab until it is there; somebody without a mouse has no other way.

    But out of Odoo's search, in which Tab goes round: that is by Down.
    """
    for _press in range(200):
        in_search = page.evaluate(FOCUS_MATCHES, ".o_searchview_input")
        page.keyboard.press("ArrowDown" if in_search else "Tab")
        if page.evaluate(FOCUS_MATCHES, selector):
            return
    raise AssertionError(f"Tab does not lead to {selector}")


def grave_findings(page, where):
    """What axe-core finds serious inside `where`, but for what is Odoo's own."""
    page.add_script_tag(path=AXE)
    found = page.evaluate(FINDINGS, [[where], list(ODOOS)])
    return "\n".join(map(str, (one for one in found if one[0] in GRAVE)))
