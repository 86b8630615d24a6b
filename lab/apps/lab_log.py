"""How chatty an app of the lab is: `LOG_STYLE` chooses, as different teams would."""

import logging
import os
import sys
import time

STYLES = {
    "flask": "[%(asctime)s] %(levelname)s in %(module)s: %(message)s",
    "pid": "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s",
    "plain": "%(levelname)s %(message)s",
    "bare": "%(message)s",
}


def set_up(logger):
    """Gives `logger` one handler on stderr in the chosen style; LOG_AHEAD_S makes its stamps wrong by so much."""
    style = os.environ.get("LOG_STYLE", "flask")
    if style == "none":
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
        return logger
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter(STYLES[style])
    ahead = float(os.environ.get("LOG_AHEAD_S", "0"))
    formatter.converter = lambda seconds=None: time.localtime((seconds or time.time()) + ahead)
    handler.setFormatter(formatter)
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return logger
