"""What has to happen once Django's apps are loaded."""

from django.apps import AppConfig, apps
from django.core.management import call_command
from django.db.models.signals import post_migrate


class Config(AppConfig):
    name = "config"
    verbose_name = "Lineup"

    def ready(self) -> None:
        from config import celery, checks  # noqa: F401  shared tasks bind to the app; checks register themselves

        # Django tells only apps with models; the sessions are the neighbour that the cache table belongs with.
        post_migrate.connect(_make_cache_table, sender=apps.get_app_config("sessions"))


def _make_cache_table(using: str, **_: object) -> None:
    call_command("createcachetable", database=using, verbosity=0)
