"""Pictures of every page of ours, in three widths and two languages.

Made from the demo's clinic, whose day is played first: about a minute and a half. They
go to .local/screenshots/<language>/<width>/<page>.png.
"""

import argparse
import contextlib
import signal
import sys

from playwright.sync_api import Error as BrowserError

import databases
import demo
import demo_records
import ground
import guides
import odoo_runner
import odoo_server
from browser import MISSING, SLOW, launched_browser, log_in
from demo_database import Day
from ground import ADDON, GroundError
from screenshot_pages import PAGES
from voicebox_simulator.process import SimulatorError

FOLDER = ground.LOCAL / "screenshots"
STORE = ground.ROOT / ADDON / "static" / "description"
DATABASE = "demo_screenshots"
SPEED = 60  # times faster than life
PLAY_SECONDS = 100  # who hangs up three times takes longer: one state more to be seen
HEIGHTS = {1440: 900, 820: 1180, 390: 844}
CALM = 400  # ms for what still moves
PUBLISHED = {
    "board.png": "en_US/1440/board.png",
    "visit.png": "en_US/1440/visit.png",
    "work_list.png": "en_US/1440/work_list.png",
    "patient_card.png": "en_US/1440/patient_card.png",
}
LARGEST = 250_000  # bytes of a published picture
LARGEST_OF_GUIDES = 200_000
GUIDES_WIDTH = "1440"


# === The clinic === #


@contextlib.contextmanager
def clinic(again):
    """A running clinic; its day is played, unless the last one's is to be used."""
    day = Day(DATABASE, demo.LANGUAGES[0])
    with contextlib.ExitStack() as stack:
        stack.enter_context(demo.alone(DATABASE))
        stack.enter_context(demo.running_postgres())
        odoo_port = ground.free_port(demo.ODOO_PORT)
        if again:
            bring_up_to_date(day)
        else:
            play(day, odoo_port)
        server = odoo_server.OdooServer(
            day.database, "--max-cron-threads=0", "--workers=0", port=odoo_port
        )
        yield day, demo.start(stack, server, "Odoo", demo.ODOO_PORT)


def bring_up_to_date(day):
    if not databases.database_exists(day.database):
        raise GroundError("No day was played yet: run script/screenshots without it.")
    with demo.step("The addon as it is now") as say:
        log = demo.FOLDER / f"{day.database}_update.log"
        options = ("-d", day.database, "-u", ADDON, "--stop-after-init", "--no-http")
        if odoo_runner.run_odoo(*options, "--max-cron-threads=0", log_path=log):
            raise GroundError(f"Odoo could not update the addon, see {log}")
        say("updated")


def play(day, odoo_port):
    """Make the day anew and let its patients be called."""
    port = ground.free_port(demo.SIMULATOR_PORT)
    demo.make_day(day, demo.settings_of(port, False), fresh=True)
    simulator = demo.simulator_for(day, port, odoo_port, False)
    simulator.settings["speed"] = SPEED
    with contextlib.ExitStack() as stack:
        demo.start(stack, simulator, "Simulated Voicebox", demo.SIMULATOR_PORT)
        server = demo.server_for(day, odoo_port, simulator)
        demo.start(stack, server, "Odoo, calling", demo.ODOO_PORT)
        demo_records.wake_crons(day.database)
        demo.Progress(server).until_over(PLAY_SECONDS)


# === The pictures === #


class Photographer:
    """Takes pictures as each of the clinic's people; keeps what went wrong."""

    def __init__(self, browser, server, zone):
        self.browser = browser
        self.server = server
        self.zone = zone
        self.sessions = {}
        self.faults = []

    def take(self, lang, width, pages):
        folder = FOLDER / lang / str(width)
        folder.mkdir(parents=True, exist_ok=True)
        for login in sorted({one.login for one in pages}):
            with self.signed_in(lang, login, width) as context:
                for one in pages:
                    if one.login == login:
                        self.picture(context, one, folder / f"{one.name}.png")

    @contextlib.contextmanager
    def signed_in(self, lang, login, width):
        """A session keeps the language that its user had at the login."""
        session = (lang, login)
        context = self.browser.new_context(
            base_url=self.server.url,
            timezone_id=self.zone,
            viewport={"width": width, "height": HEIGHTS[width]},
            has_touch=width in (820, 390),
            storage_state=self.sessions.get(session),
        )
        context.set_default_timeout(SLOW)
        if session not in self.sessions:
            log_in(context.new_page(), login, login)
            self.sessions[session] = context.storage_state()
        yield context
        context.close()

    def picture(self, context, one, path):
        """Open one page and take its picture; print a line about it."""
        errors = []
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda said: errors.append(said.text) if said.type == "error" else None,
        )
        try:
            page.goto(one.address)
            page.locator(one.ready).first.wait_for()
            if one.step:
                one.step(page)
            page.locator(".o_loading_indicator").wait_for(state="hidden")
            page.wait_for_timeout(CALM)
        except BrowserError as error:
            errors.append(f"can't be opened: {str(error).splitlines()[0]}")
        page.screenshot(path=path)
        page.close()
        self.tell(path, [text for text in errors if not MISSING.search(text)])

    def tell(self, path, errors):
        name = path.relative_to(FOLDER)
        faults = [f"{name}: {text}" for text in errors]
        print("\n".join(faults or [str(name)]), flush=True)
        self.faults += faults


def take_all(options, pages):
    """Take all pictures that are asked for; return what went wrong, as sentences."""
    with clinic(options.again) as (day, server), launched_browser() as browser:
        photographer = Photographer(browser, server, day.zone)
        for lang in options.lang:
            day.lang = lang
            day.apply({})
            for width in options.width:
                photographer.take(lang, width, pages)
        return photographer.faults


# === The best few === #


def publish():
    """Put the best few where the README and the store page show them, and the guides'
    beside the guides."""
    for name, picture in PUBLISHED.items():
        publish_one(FOLDER / picture, STORE / name, LARGEST)
    for lang, target in guides.pictures():
        source = FOLDER / lang / GUIDES_WIDTH / target.name
        publish_one(source, target, LARGEST_OF_GUIDES)


def publish_one(source, target, largest):
    if not source.exists():
        raise GroundError(f"{source} is not there: run script/screenshots first.")
    target.parent.mkdir(parents=True, exist_ok=True)
    compress(source, target)
    size = target.stat().st_size
    if size > largest:
        raise GroundError(f"{target} has {size} bytes, {largest} are allowed.")
    print(f"{target.relative_to(ground.ROOT)}  {size // 1000} kB")


def compress(source, target):
    """With 256 colours, of which pages of ours need fewer."""
    from PIL import Image

    with Image.open(source) as image:
        image.convert("RGB").quantize(256).save(target, optimize=True)


# === The program === #


def parse_arguments():
    parser = argparse.ArgumentParser(prog="script/screenshots", description=__doc__)
    parser.add_argument(
        "--again",
        action="store_true",
        help="on the day of the last run, the addon brought up to date",
    )
    parser.add_argument(
        "--publish",
        action="store_true",
        help="take none: copy the best few of the last run to store page and guides",
    )
    parser.add_argument(
        "--lang", action="append", choices=demo.LANGUAGES, help="only this language"
    )
    parser.add_argument(
        "--width", action="append", type=int, choices=HEIGHTS, help="only this one"
    )
    parser.add_argument("pages", nargs="*", help="only these: board, visit, …")
    options = parser.parse_args()
    options.lang = options.lang or demo.LANGUAGES
    options.width = options.width or list(HEIGHTS)
    return options


def chosen(names):
    known = {page.name: page for page in PAGES}
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise GroundError(
            f"No such page: {', '.join(unknown)}. There are {', '.join(known)}."
        )
    return [known[name] for name in names] or list(PAGES)


def main():
    options = parse_arguments()
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    try:
        if options.publish:
            return publish()
        faults = take_all(options, chosen(options.pages))
    except (GroundError, SimulatorError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
    if faults:
        sys.exit("\n".join(["", *faults]))
    print(f"\nAll pages are in {FOLDER}.")


if __name__ == "__main__":
    main()
