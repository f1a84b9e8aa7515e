"""What the type checker needs to know of Django to read our models. No process ever runs on it."""

SECRET_KEY = "for types only"
INSTALLED_APPS = ["lastwords.server.apps.ServerConfig"]
ROOT_URLCONF = "lastwords.server.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
