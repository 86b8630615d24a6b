#!/usr/bin/env python
"""Lineup's command line: `manage.py help` lists the commands."""

import os
import sys


def main() -> int | None:
    if sys.argv[1:2] == ["explain"]:  # works on files alone and has to answer at once: it loads no Django
        from ingest.explain import main as explain

        return explain(sys.argv[2:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.commands import run

    return run(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
