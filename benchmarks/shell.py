"""Code that is measured inside Odoo, without a server around it."""

import json
import subprocess

import odoo_runner

# what the measured code has beside `env`
HEAD = """
import json, time
def tell(name, seconds, queries):
    print("FIGURE " + json.dumps([name, seconds, queries]), flush=True)
def measured(name, work):
    env.cr.commit()
    env.invalidate_all()
    before, begin = env.cr.sql_log_count, time.perf_counter()
    work()
    env.cr.commit()
    tell(name, time.perf_counter() - begin, env.cr.sql_log_count - before)
"""


def figures(database, code):
    """Run lines in Odoo's shell.

    :return: dict of names to lists of (seconds, queries), as `measured` has told them
    """
    command = ("shell", "-d", database, "--no-http", "--log-level=error")
    done = subprocess.run(
        odoo_runner.odoo_command(*command),
        env=odoo_runner.odoo_env(),
        input=HEAD + code,
        text=True,
        stdout=subprocess.PIPE,
        check=True,
    )
    told = {}
    for line in done.stdout.splitlines():
        _prompt, mark, figure = line.partition("FIGURE ")
        if mark:
            name, seconds, queries = json.loads(figure)
            told.setdefault(name, []).append((seconds, queries))
    return told
