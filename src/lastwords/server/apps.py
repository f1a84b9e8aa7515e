"""The one Django application."""

from django.apps import AppConfig


class ServerConfig(AppConfig):
    name = "lastwords.server"
    label = "server"
    default_auto_field = "django.db.models.BigAutoField"
