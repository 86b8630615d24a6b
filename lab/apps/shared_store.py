"""A small store that all processes share (a sqlite file), and the same interface on a dict of one process."""

import json
import os
import sqlite3
import threading
from pathlib import Path

PATH = Path(os.environ.get("DATA", ".")) / "store.sqlite"


class Shared:
    """Documents in a sqlite file: every process sees what any of them wrote."""

    def __init__(self, name):
        self.name = name
        with self._open() as db:
            db.execute("CREATE TABLE IF NOT EXISTS doc (store TEXT, key TEXT, value TEXT, PRIMARY KEY (store, key))")

    def _open(self):
        return sqlite3.connect(PATH, timeout=10, isolation_level=None)

    def put(self, key, value):
        with self._open() as db:
            db.execute("INSERT OR REPLACE INTO doc VALUES (?, ?, ?)", (self.name, str(key), json.dumps(value)))

    def get(self, key):
        with self._open() as db:
            row = db.execute("SELECT value FROM doc WHERE store = ? AND key = ?", (self.name, str(key))).fetchone()
        return json.loads(row[0]) if row else None

    def delete(self, key):
        with self._open() as db:
            return db.execute("DELETE FROM doc WHERE store = ? AND key = ?", (self.name, str(key))).rowcount > 0

    def clear(self):
        with self._open() as db:
            db.execute("DELETE FROM doc WHERE store = ?", (self.name,))

    def all(self):
        with self._open() as db:
            rows = db.execute("SELECT value FROM doc WHERE store = ? ORDER BY rowid", (self.name,)).fetchall()
        return [json.loads(value) for (value,) in rows]


class Local:
    """The same on a dict: what one process writes no other one sees."""

    def __init__(self, name):
        self.docs = {}
        self.lock = threading.Lock()

    def put(self, key, value):
        with self.lock:
            self.docs[str(key)] = value

    def get(self, key):
        return self.docs.get(str(key))

    def delete(self, key):
        return self.docs.pop(str(key), None) is not None

    def clear(self):
        self.docs.clear()

    def all(self):
        return list(self.docs.values())


def store(name):
    """`STORE=memory` is the defect; anything else is shared properly."""
    return Local(name) if os.environ.get("STORE") == "memory" else Shared(name)
