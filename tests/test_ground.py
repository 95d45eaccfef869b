"""What script/ promises to whoever works here."""

import zipfile

import pytest

import databases
from ground import LOGS
from odoo_runner import run_odoo

pytestmark = pytest.mark.slow


def test_a_database_can_be_dumped(tmp_path):
    """By a pg_dump as new as the server, whatever the machine has besides."""
    dump = tmp_path / "dump.zip"
    database = databases.template_database()
    assert not run_odoo("db", "dump", database, dump, log_path=LOGS / "dump.log")
    with zipfile.ZipFile(dump) as archive:
        assert "CREATE TABLE public.calendar_event" in archive.read("dump.sql").decode()
