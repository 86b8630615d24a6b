"""The servers that come as wheels, Postgres and Valkey."""

from config.embedded.postgres import Postgres, running_postgres, temporary_postgres
from config.embedded.programs import CannotStart
from config.embedded.valkey import Valkey

__all__ = ["CannotStart", "Postgres", "Valkey", "running_postgres", "temporary_postgres"]
