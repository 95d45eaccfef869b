from . import controllers, front_desk, models, policy, services, tools, wizards
from .hooks import post_init_hook, pre_init_hook, uninstall_hook

tools.statement_log.hide_values()
