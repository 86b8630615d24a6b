"""What runs: the services, their commands and the order in which they go. docker-compose.yml starts the same."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from config.embedded.programs import Program
from config.home import BASE_DIR
from config.up.service import Service

PYTHON = sys.executable
WEB = ("-m", "gunicorn", "-c", "config/gunicorn_conf.py", "config.wsgi")
BEAT = ("-m", "celery", "-A", "config", "beat", "--pidfile=", "--loglevel=INFO")


def worker(queue: str, concurrency: int) -> tuple[str, ...]:
    return (
        "-m", "celery", "-A", "config", "worker", "--queues", queue, "--hostname", f"{queue}@%h",
        "--concurrency", str(concurrency), "--without-gossip", "--without-mingle", "--loglevel=INFO",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """Services in the order in which they are stopped."""

    takes_in: tuple[Service, ...]  # web and beat: what brings new work
    works: tuple[Service, ...]

    @property
    def services(self) -> tuple[Service, ...]:
        return self.takes_in + self.works


def plan(env: Mapping[str, str], interactive: int, bulk: int) -> Plan:
    """The processes of Lineup itself, with the environment that they get; the two servers are not among them."""

    def python(name: str, *arguments: str, grace: float = 15.0, **more: str) -> Service:
        program = Program(argv=(PYTHON, *arguments), env={**env, **more}, cwd=str(BASE_DIR))
        return Service(name=name, program=lambda: program, stop_signal=signal.SIGTERM, grace=grace)

    # SIGTERM to a worker then means: finish what is short, give back what is long, and end.
    polite = {"REMAP_SIGTERM": "SIGQUIT"}
    return Plan(
        takes_in=(python("web", *WEB), python("beat", *BEAT)),
        works=(
            python("worker interactive", *worker("interactive", interactive), grace=20.0, **polite),
            python("worker bulk", *worker("bulk", bulk), grace=20.0, **polite),
        ),
    )
