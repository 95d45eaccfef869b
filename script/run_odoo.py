"""Starts PostgreSQL if need be and becomes Odoo's command line; see `script/odoo`."""

import os
import sys

import ground
import odoo_runner
import postgres

try:
    postgres.start_postgres()
    command = odoo_runner.odoo_command(*sys.argv[1:])
    environment = odoo_runner.odoo_env()
except ground.GroundError as error:
    sys.exit(str(error))
os.execve(command[0], command, environment)
