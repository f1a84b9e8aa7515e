"""The one Django application."""

from django.apps import AppConfig


class ServerConfig(AppConfig):
    name = "lastwords.server"
    label = "server"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from .databases import sqlite

        connection_created.connect(sqlite.read_what_can_be_read)
