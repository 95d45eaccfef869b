from . import (
    controllers,
    models,
    policy,
    services,
    front_desk,
    administrator,
    manager,
    tools,
    wizards,
)
from .hooks import post_init_hook, pre_init_hook, uninstall_hook

tools.statement_log.hide_values()
