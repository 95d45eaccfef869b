"""A used database: updated, neutralized (law 10), uninstalled.

That install, update and uninstall of a fresh one leave a clean log is for script/test.
"""

import pytest

import databases
import ground
import odoo_runner
from clinic import ADDON, find_leaks, find_troubles, running_clinic

pytestmark = pytest.mark.slow

OURS = ["voicebox%", "clinic_reminder%", "reminder_%", "visit_status%"]
TABLES = """SELECT table_name AS name FROM information_schema.tables
             WHERE table_schema = 'public' AND table_name LIKE ANY(%s)"""
COLUMNS = """SELECT table_name || '.' || column_name AS name
               FROM information_schema.columns
              WHERE table_schema = 'public'
                AND (column_name LIKE ANY(%s) OR table_name = 'calendar_event'
                                             AND column_name IN
                                                 ('patient_id', 'specialty'))"""
# records of ours alone: what another module knows as well stays
RECORDS = f"""SELECT model, array_agg(res_id) AS ids FROM ir_model_data d
               WHERE module = '{ADDON}' AND NOT EXISTS (
                     SELECT 1 FROM ir_model_data o WHERE o.module != d.module
                        AND o.model = d.model AND o.res_id = d.res_id)
               GROUP BY model"""
TABLE_NAMES = {
    "ir.actions.act_window": "ir_act_window",
    "ir.actions.server": "ir_act_server",
    "ir.actions.client": "ir_act_client",
    "ir.actions.report": "ir_act_report_xml",
    "ir.actions.act_url": "ir_act_url",
}
# in which column Odoo's own tables name a model
MODEL_COLUMNS = {
    "ir_attachment": "res_model",
    "ir_filters": "model_id",
    "mail_activity": "res_model",
    "mail_followers": "res_model",
    "mail_message": "model",
}
# what a database consists of, and what Odoo's own books tell of it
SCHEMA = {
    "columns": """SELECT table_name || '.' || column_name || ' ' || data_type
                    FROM information_schema.columns WHERE table_schema = 'public'""",
    "indexes": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": """SELECT conrelid::regclass || ' ' || conname FROM pg_constraint
                       WHERE connamespace = 'public'::regnamespace""",
    "sequences": "SELECT sequencename FROM pg_sequences",
    "names": """SELECT module || '.' || name FROM ir_model_data
                 WHERE model NOT IN ('ir.module.module', 'ir.module.category')""",
    "books of constraints": "SELECT name FROM ir_model_constraint",
    "books of relations": "SELECT name FROM ir_model_relation",
    "parameters": "SELECT key FROM ir_config_parameter",
    "scheduled actions": "SELECT cron_name FROM ir_cron",
    "kinds of to-dos": "SELECT name->>'en_US' FROM mail_activity_type",
    "kinds of messages": "SELECT name->>'en_US' FROM mail_message_subtype",
    "groups": "SELECT name->>'en_US' FROM res_groups",
    "privileges": "SELECT name->>'en_US' FROM res_groups_privilege",
    "calendars": "SELECT name FROM resource_calendar WHERE name != 'Always'",
    "changes without a field": """SELECT field_info->>'name' FROM mail_tracking_value
                                   WHERE field_id IS NULL""",
    "messages that say nothing": """
        SELECT model FROM mail_message m WHERE coalesce(body, '') = ''
           AND NOT EXISTS (SELECT 1 FROM mail_tracking_value v
                            WHERE v.mail_message_id = m.id)""",
    "files": """SELECT name || ' ' || res_model FROM ir_attachment
                 WHERE res_model NOT IN ('res.partner', 'res.users')""",
}
# what people saved: the first and the last are theirs to keep
SAVED = """
    INSERT INTO ir_filters (name, model_id, domain, context, sort)
    VALUES ('kept', 'calendar.event', '[("name", "=", "visit")]', '{}', '[]'),
           ('gone', 'calendar.event', '[("visit_status", "=", "booked")]', '{}', '[]'),
           ('gone', 'clinic.reminder.call', '[]', '{}', '[]');
    INSERT INTO ir_exports (name, resource)
    VALUES ('gone', 'clinic.reminder.call'), ('kept', 'calendar.event');
    INSERT INTO ir_exports_line (name, export_id)
    SELECT unnest(ARRAY['patient_id/name', 'visit_status', 'start']), id
      FROM ir_exports WHERE name = 'kept';
"""


@pytest.fixture(scope="module")
def used(module_simulator):
    """A clinic that has stopped after a day of calls, one visit still to come."""
    with running_clinic("--max-cron-threads=1", name="used") as clinic:
        module_simulator.reset()
        module_simulator.set_script(default={"confirm": 2, "operator": 2, "busy": 1})
        clinic.connect_simulator(module_simulator)
        events = clinic.book(12)
        clinic.wait_waking("all have ended", lambda: clinic.all_ended(events), "sweep")
        clinic.book(start="2099-06-04 12:00:00", stop="2099-06-04 12:30:00")
        clinic.run("plan")
        clinic.server.stop()
        clinic.kept_words = clinic.private_words()
        clinic.disconnect(clinic.database)
        yield clinic


@pytest.fixture
def copy(used):
    with databases.temporary_database(used.database) as name:
        yield name
        used.disconnect(name)


def odoo(used, *arguments):
    """Run Odoo's command line to its end; its log must be clean."""
    log_path = ground.LOGS / "e2e_lifecycle.log"
    code = odoo_runner.run_odoo(*arguments, log_path=log_path)
    log = log_path.read_text()
    assert code == 0, log
    assert find_troubles(log) == []
    assert find_leaks(log, used.kept_words) == []


def names(used, copy, sql):
    return sorted(row["name"] for row in used.rows(sql, OURS, database=copy))


def test_an_update_keeps_everything(used, copy):
    def contents():
        return {
            table: used.rows(f"SELECT * FROM {table} ORDER BY 1", database=copy)
            for table in names(used, copy, TABLES)
        }

    before = contents()
    run_once = ("--stop-after-init", "--no-http", "--max-cron-threads=0")
    odoo(used, "-d", copy, "-u", ADDON, *run_once)
    assert contents() == before


def test_a_neutralized_copy_cannot_call(used, copy):
    odoo(used, "neutralize", "-d", copy)
    (company,) = used.rows("SELECT * FROM res_company", database=copy)
    assert company["voicebox_mode"] == "disabled"
    secrets = ("login", "password", "secret", "url", "method")
    left = {
        name: value
        for name, value in company.items()
        if name.startswith("voicebox") and name.endswith(secrets) and value
    }
    assert left == {}
    campaigns = used.rows("SELECT method FROM voicebox_method", database=copy)
    assert campaigns == []


def test_an_uninstall_leaves_no_trace(used, copy):
    records = {r["model"]: r["ids"] for r in used.rows(RECORDS, database=copy)}
    sql = "SELECT model FROM ir_model WHERE id = ANY(%s)"
    ours = used.rows(sql, records["ir.model"], database=copy)
    models = [row["model"] for row in ours]
    assert {"clinic.reminder.call", "voicebox.callback"} <= set(models)
    assert {"ir.cron", "ir.ui.menu", "ir.ui.view", "res.groups"} <= set(records)
    odoo(used, "module", "uninstall", "-d", copy, ADDON)
    assert names(used, copy, TABLES) == []
    assert names(used, copy, COLUMNS) == []
    assert list(left_over(used, copy, records, models)) == []
    events = used.rows("SELECT count(*) FROM calendar_event", database=copy)
    assert events == [{"count": 13}]


def test_an_uninstall_leaves_the_database_as_it_was(used, copy):
    """All that was not there before the installation is gone."""
    used.rows(SAVED, database=copy)
    odoo(used, "module", "uninstall", "-d", copy, ADDON)
    before = databases.template_database()
    left = {
        what: contents(used, copy, sql) - contents(used, before, sql)
        for what, sql in SCHEMA.items()
    }
    used.disconnect(before)
    assert {what: more for what, more in left.items() if more} == {}
    assert contents(used, copy, "SELECT name FROM ir_filters") == {"kept"}
    assert contents(used, copy, "SELECT name FROM ir_exports") == {"kept"}
    assert contents(used, copy, "SELECT name FROM ir_exports_line") == {"start"}


def contents(used, database, sql):
    rows = used.rows(sql, database=database)
    return {value for row in rows for value in row.values()}


def left_over(used, copy, records, models):
    """Rows of Odoo's own tables that were ours, or tell of our models."""
    tables = {f"{table}.{column}": models for table, column in MODEL_COLUMNS.items()}
    for model, ids in records.items():
        if model not in models:
            tables[f"{TABLE_NAMES.get(model, model.replace('.', '_'))}.id"] = ids
    tables["ir_model_data.module"] = [ADDON]
    for name, values in tables.items():
        table, _, column = name.partition(".")
        sql = f"SELECT count(*) FROM {table} WHERE {column} = ANY(%s)"
        ((count,),) = (row.values() for row in used.rows(sql, values, database=copy))
        if count:
            yield f"{count} in {name}"
