"""The ground that everything stands on here: paths, locks, ports, the browser.

Standard library only, so that the bootstrap and any test can import it. Everything
lives in the git-ignored folder `.local/`, which `script/bootstrap` makes.
"""

import contextlib
import fcntl
import hashlib
import os
import random
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
VENV = LOCAL / "venv"
PYTHON = VENV / "bin" / "python"
OCA = LOCAL / "oca"
OCA_ADDONS = OCA / "odoo" / "addons"
OPPONENTS = LOCAL / "opponents"  # whom the benchmark compares with
NODE_TOOLS = LOCAL / "node" / "node_modules" / ".bin"
NGINX = LOCAL / "nginx"
LOGS = LOCAL / "log"
DATA_DIR = LOCAL / "data"
TREE_FILE = LOCAL / "odoo.json"
ADDON = "clinic_voicebox_reminder"
# All of the tree, and those of them that stand between ADDON and other modules
ADDONS = sorted(path.parent.name for path in ROOT.glob("*/__manifest__.py"))
GLUE = [name for name in ADDONS if name != ADDON]
CHROME_NAMES = ("chromium", "google-chrome", "chromium-browser", "google-chrome-stable")
CHROME_ON_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


_RESERVED = []  # ports of this process: files that are locked while they are open


class GroundError(Exception):
    """Something is missing or broken; the message tells the way out."""


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


def replace_file(path, text):
    """Write a file in one step, so that no reader sees half of it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(path)


def free_port(preferred=0):
    """A free TCP port of 127.0.0.1: the first from `preferred` on; 0: any.

    This process keeps it as long as it lives: whoever else asks on this machine, from
    whatever clone, is given another, though nothing listens on it yet.
    """
    first = preferred or random.randrange(20_000, 32_000)
    for port in range(first, first + 200):
        if _is_free(port) and _reserve(port):
            return port
    raise GroundError(f"No free port from {first} to {first + 199}.")


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def _reserve(port):
    """Lock the file that stands for a port; False: another process has."""
    folder = Path(tempfile.gettempdir(), f"reserved-ports-{os.getuid()}")
    folder.mkdir(exist_ok=True)
    handle = open(folder / str(port), "w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return False
    _RESERVED.append(handle)
    return True


def find_chrome():
    """Path of a Chrome or Chromium of this machine, or None."""
    named = os.environ.get("CHROME_BIN")
    if named:
        return shutil.which(named)
    found = filter(None, map(shutil.which, (*CHROME_NAMES, *CHROME_ON_MAC)))
    return next(found, None)


def find_nginx():
    """Path of an nginx of this machine or of the bootstrap's, or None."""
    named = os.environ.get("NGINX_BIN")
    if named:
        return shutil.which(named)
    folders = [*os.get_exec_path(), "/usr/sbin", str(NGINX / "usr/sbin")]
    return shutil.which("nginx", path=os.pathsep.join(folders))
