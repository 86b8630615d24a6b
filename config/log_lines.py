"""The form of Lineup's own log lines: time, level, process, logger, message; one line each, nothing secret."""

import copy
import logging
import re
import time

# postgres://lineup:hunter2@host/db · redis://:hunter2@host:1/0   but not   http://host/a:b@c
_PASSWORD = re.compile(r"(?<=://)[^\s/@:]{0,200}:[^\s/@]{1,500}@")
_BEARER = re.compile(r"(?i)\b(bearer\s{1,4})[\w.~+/=-]{8,500}")
_BREAKS = str.maketrans({"\r": "\\r", "\x1b": "\\x1b", "\x00": "\\x00"})


class Lines(logging.Formatter):
    """`2026-01-02T03:04:05.678Z INFO 4711 ingest.tasks read run=… parts=2`; a traceback follows, indented."""

    converter = time.gmtime

    def __init__(self) -> None:
        super().__init__("%(asctime)s.%(msecs)03dZ %(levelname)s %(process)d %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:
        told = super().formatMessage(record)
        return told.replace("\n", "\\n") if record.name == "gunicorn.access" else told  # an address may hold a break

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info and getattr(record, "status_code", 500) < 500:  # refused: where in our code tells nothing
            record = copy.copy(record)
            record.exc_info = record.exc_text = None
        line = super().format(record).translate(_BREAKS)
        line = _PASSWORD.sub("…:…@", line)
        line = _BEARER.sub(r"\1…", line)
        return line.replace("\n", "\n    ")
