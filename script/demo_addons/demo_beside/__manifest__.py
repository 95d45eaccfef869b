{
    "name": "Demo: beside the phones",
    "summary": "Lets the simulator's page show Odoo in a frame; for script/demo only",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Clinic Voicebox Reminder contributors",
    "license": "LGPL-3",
    "depends": ["web"],
    "installable": False,
}
