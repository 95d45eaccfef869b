"""The browser of this machine, driven by Playwright."""

import contextlib
import re

from playwright.sync_api import sync_playwright

import ground
from ground import GroundError

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update"
).split()
# Debian's Odoo lacks this file
MISSING = re.compile("selfie_segmentation|Could not get content")
SLOW = 30_000  # ms; the web client's first page on a busy machine


@contextlib.contextmanager
def launched_browser():
    chrome = ground.find_chrome()
    if not chrome:
        raise GroundError("No Chrome or Chromium here: install one or set CHROME_BIN.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chrome, args=FLAGS)
        yield browser
        browser.close()


def log_in(page, login, password):
    """Sign in to Odoo at the page's base address."""
    page.goto("/web/login")
    page.get_by_label("Email").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/odoo**")
