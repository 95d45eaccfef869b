"""Starts PostgreSQL if need be and becomes Odoo's command line; see `script/odoo`."""

import os
import sys

import ground

try:
    ground.start_postgres()
    command = ground.odoo_command(*sys.argv[1:])
    environment = ground.odoo_env()
except ground.GroundError as error:
    sys.exit(str(error))
os.execve(command[0], command, environment)
