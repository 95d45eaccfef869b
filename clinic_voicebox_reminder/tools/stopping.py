"""Is the Odoo process that we run in about to end?"""

import signal


def is_stopping():
    """Has somebody asked this process to end?

    Odoo waits for a running job and does not tell it. Who takes the signal knows: a
    worker process, or the server itself where it has threads instead.
    """
    taker = getattr(signal.getsignal(signal.SIGINT), "__self__", None)
    is_alive = getattr(taker, "alive", True)
    return not is_alive or getattr(taker, "quit_signals_received", 0) > 0
