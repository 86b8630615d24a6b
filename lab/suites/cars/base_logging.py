"""The tester's own logger: writes log/NAME.log in the style of loguru."""

import logging
import sys
from pathlib import Path


class BaseLogging:
    """A logger per test module, as a page-object framework has it."""

    def __init__(self, name):
        Path("log").mkdir(exist_ok=True)
        self.logger = logging.getLogger("framework." + name)
        self.logger.setLevel(logging.DEBUG)
        self.logger.propagate = False
        if not self.logger.handlers:
            handler = logging.FileHandler(f"log/{name}.log")
            handler.setFormatter(logging.Formatter("%(asctime)s | %(message)s", "%Y-%m-%d %H:%M:%S"))
            self.logger.addHandler(handler)

    def write(self, message, level="INFO", module="Base_Logging"):
        caller = sys._getframe(1).f_code.co_name
        self.logger.info("%s | %s | %s | %s", level, module, caller, message)

    def conditional_write(self, flag, positive, negative):
        self.write("  - " + (positive if flag else negative))

    def log_result(self, flag, positive, negative):
        self.write("PASS: " + positive if flag else "FAIL: " + negative)
