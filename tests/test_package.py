"""Each addon as a package: what tells of it is up to date, and its wheel is whole.

The wheel is built as OCA builds them and installed without this repository on the
path; Odoo has to find, install and test the addon there.
"""

import json
import os
import re
import subprocess
import sys
import zipfile

import docutils.core
import pytest
from lxml import html

import databases
import ground
import odoo_runner
import readme
from ground import ADDON, ADDONS, OCA, ROOT
from readme import manifest_of

FOLDERS = [ROOT / name for name in ADDONS]
ALWAYS_TOLD = {"CONTRIBUTORS", "DESCRIPTION", "HISTORY", "USAGE"}
NOT_PACKED = {"pyproject.toml"}
DEVELOPERS_ONLY = ("hypothesis", "pytest", "playwright", "websocket")
ONE_TEST_CLASS = "TestSpeakable"
FOUND = """
import json
from odoo.modules.module import Manifest
modules = env["ir.module.module"].search([("name", "in", {names!r})])
print("FOUND", json.dumps({{
    module.name: [
        module.state, Manifest.for_addon(module.name).path, module.description_html
    ]
    for module in modules
}}))
"""

each_addon = pytest.mark.parametrize("addon", FOLDERS, ids=ADDONS)


# === What tells of it === #


@each_addon
def test_what_is_made_from_readme_and_manifest_is_up_to_date(addon):
    for path, text in readme.package_files(addon).items():
        assert path.exists() and path.read_text() == text, (
            f"{path.relative_to(ROOT)} is not up to date: run script/readme"
        )


@each_addon
def test_an_administrator_is_told_all(addon):
    there = {path.stem for path in (addon / "readme").glob("*.md")}
    assert ALWAYS_TOLD <= there
    assert addon.name != ADDON or there == set(readme.FRAGMENTS)


@each_addon
def test_the_readme_is_proper_restructured_text(addon):
    text = (addon / "README.rst").read_text()
    strict = {"halt_level": 2, "report_level": 2, "file_insertion_enabled": False}
    document = docutils.core.publish_doctree(text, settings_overrides=strict)
    titles = {title.astext() for title in document.findall(docutils.nodes.title)}
    assert {"Usage", "Changelog", "Credits", "Contributors"} <= titles


@each_addon
def test_the_store_page_stands_by_itself(addon):
    """As Odoo's app store wants it: no scripts, nothing from elsewhere."""
    folder = addon / "static/description"
    page = html.fragment_fromstring(
        (folder / "index.html").read_text(), create_parent="div"
    )
    assert not page.xpath("//script | //style | //link | //iframe | //form | //a")
    assert not [name for name in page.xpath("//@*") if name.attrname.startswith("on")]
    for picture in page.xpath("//img/@src"):
        assert (folder / picture).is_file(), picture


@each_addon
def test_the_manifest_claims_what_is_true(addon):
    manifest = manifest_of(addon)
    assert not {"website", "support", "maintainers"} & set(manifest), "there is none"
    assert manifest["author"] == "Clinic Voicebox Reminder contributors"
    shown = html.fromstring((addon / "static/description/index.html").read_text())
    screenshots = [src for src in shown.xpath("//img/@src") if src != "icon.png"]
    images = [image.rpartition("/")[2] for image in manifest.get("images", [])]
    assert sorted(images) == sorted(screenshots)


# === The wheels === #


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """The built wheel of each addon, by its name."""
    folders = {addon: tmp_path_factory.mktemp(addon.name) for addon in FOLDERS}
    for addon, folder in folders.items():
        pip("wheel", "--no-build-isolation", "-w", folder, addon)
    return {addon: next(folder.glob("*.whl")) for addon, folder in folders.items()}


@pytest.fixture(scope="module")
def installed(wheels, tmp_path_factory):
    """A folder of Python packages with all addons, and nothing else."""
    folder = tmp_path_factory.mktemp("site-packages")
    pip("install", "--target", folder, *wheels.values())
    return folder


def pip(command, *arguments):
    """Run pip without any package index."""
    offline = ("--no-deps", "--no-index", "--disable-pip-version-check")
    done = subprocess.run(
        [sys.executable, "-m", "pip", command, *offline, *map(str, arguments)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def files_of(addon):
    """The addon's files that belong to the repository, by path."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=addon, capture_output=True, check=True).stdout
    return {name for name in names.decode().split("\0") if (addon / name).is_file()}


@each_addon
def test_the_wheel_holds_all_files_and_no_others(addon, wheels):
    with zipfile.ZipFile(wheels[addon]) as wheel:
        packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    expected = {f"odoo/addons/{addon.name}/{name}" for name in files_of(addon)}
    left_out = {f"odoo/addons/{addon.name}/{name}" for name in NOT_PACKED}
    assert packed == expected - left_out


@each_addon
def test_the_wheel_tells_version_licence_and_dependencies(addon, wheels):
    with zipfile.ZipFile(wheels[addon]) as wheel:
        (path,) = [n for n in wheel.namelist() if n.endswith("METADATA")]
        lines = wheel.read(path).decode().splitlines()
    manifest = manifest_of(addon)
    assert f"Name: odoo-addon-{addon.name}" in lines
    assert any(ln.startswith(f"Version: {manifest['version']}") for ln in lines)
    assert f"License: {manifest['license']}" in lines
    needed = manifest.get("external_dependencies", {}).get("python", [])
    assert {f"Requires-Dist: {name}" for name in needed} <= set(lines)


@pytest.mark.slow
@pytest.mark.parametrize("on_the_path", ["python", "addons"])
def test_odoo_installs_the_addons_from_their_wheels(installed, tmp_path, on_the_path):
    """As `pip install` beside Odoo leaves them, or as a folder of its addons path.

    Nothing of this repository is on any path then, and none of what only its
    developers have can be imported.
    """
    environment = {
        "ODOO_RC": str(configuration(tmp_path, installed, on_the_path)),
        "PYTHONPATH": python_path(tmp_path, installed, on_the_path),
    }
    with databases.temporary_database(databases.neighbours_template()) as database:
        install_and_test(database, tmp_path / "odoo.log", environment)
        found = found_modules(database, environment)
    assert sorted(found) == ADDONS
    for state, path, _page in found.values():
        assert state == "installed"
        assert path.startswith(f"{installed}/odoo/addons/")
    assert f"/{ADDON}/static/description/work_list.png" in found[ADDON][2]


def configuration(folder, installed, on_the_path):
    """This ground's odoo.conf, with the wheels' folder instead of this repository."""
    text = odoo_runner.write_odoo_config().read_text()
    own = re.search("^addons_path = (.*)$", text, re.MULTILINE)[1]
    paths = [path for path in own.split(",") if path != str(ROOT)]
    paths += [f"{installed}/odoo/addons"] * (on_the_path == "addons")
    (folder / "odoo.conf").write_text(text.replace(own, ",".join(paths)))
    return folder / "odoo.conf"


def python_path(folder, installed, on_the_path):
    for name in DEVELOPERS_ONLY:
        (folder / f"{name}.py").write_text(f"raise ImportError({name!r})\n")
    paths = [folder, odoo_runner.odoo_tree()["root"], OCA]
    paths += [installed] * (on_the_path == "python")
    return os.pathsep.join(map(str, paths))


def install_and_test(database, log, environment):
    code = odoo_runner.run_odoo(
        *("-d", database, "-i", ",".join(ADDONS), "--stop-after-init"),
        *("--max-cron-threads=0", f"--http-port={ground.free_port()}"),
        f"--test-tags=/{ADDON}:{ONE_TEST_CLASS}",
        log_path=log,
        **environment,
    )
    text = log.read_text()
    assert code == 0, text
    assert " 0 failed, 0 error(s) of " in text and "of 0 tests" not in text, text
    assert " WARNING " not in text and " ERROR " not in text, text


def found_modules(database, environment):
    """State, folder and shown page of each addon, as Odoo sees them."""
    done = subprocess.run(
        odoo_runner.odoo_command("shell", "-d", database, "--no-http"),
        env=odoo_runner.odoo_env(**environment),
        input=FOUND.format(names=ADDONS),
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = [ln for ln in done.stdout.splitlines() if ln.startswith("FOUND ")]
    return json.loads(line.removeprefix("FOUND "))
