"""The data folder and its settings: read once, checked whole, refused by name.

    lastwords.sqlite3   the database, if here   files/      sealed files, named by their hash
    settings.toml       what the host chose     secret      signs nothing that matters; kept from others all the same
    begun               written once by init    heads       witness of every log's newest link, beside the database
    place               by what a copy is told  failing     whether rounds fail, and when the host was told

Everything else about Django is fixed here too, so that one file says how the server runs.
"""

import logging
import os
import re
import secrets
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from . import browser, databases
from .addresses import is_loopback
from .refusals import BadSettings

TLS = ("none", "starttls", "tls")
MAIL = re.compile(r"[^\s@<>\"(),:;\\\x00-\x1f]+@[^\s@<>\"(),:;\\\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Mail:
    """The way out: one SMTP relay. `password_file` is a path; the password never stands in the settings. `reply_to` is
    the address whose mailbox is read for answers with a code; empty where none is."""

    host: str
    port: int
    sender: str
    tls: str = "none"
    user: str = ""
    password_file: str = ""
    reply_to: str = ""

    def password(self) -> str:
        if not self.password_file:
            return ""
        try:
            return Path(self.password_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise BadSettings(
                f"The mail password file cannot be read ({why}); no letter was lost.",
                "Correct mail.password_file in settings.toml, or the file's rights.",
            ) from error


@dataclass(frozen=True, slots=True)
class Settings:
    """What the host chose. Lengths in seconds, sizes in bytes; `zone` dates the host's own letters; `database` is empty
    for the file in the data folder, or says how PostgreSQL is reached."""

    data: Path
    origin: str
    mail: Mail
    host_mail: str
    name: str = "Last Words"
    bind: str = "127.0.0.1:8443"
    zone: str = "UTC"
    demo: bool = False
    pulse: int = 60
    quota: int = 4 * 2**30
    threads: int = 4
    database: str = ""
    database_password_file: str = ""

    @property
    def files(self) -> Path:
        return self.data / "files"

    @property
    def begun(self) -> Path:
        return self.data / "begun"

    @property
    def heads(self) -> Path:
        return self.data / "heads"

    @property
    def health(self) -> Path:
        return self.data / "health.json"

    @property
    def failing(self) -> Path:
        return self.data / "failing"

    @property
    def scheme(self) -> str:
        """How people reach this host, whatever a proxy in front makes of it on the way here: `https` or `http`."""
        return urlsplit(self.origin).scheme

    @property
    def bind_host(self) -> str:
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def bind_port(self) -> int:
        return int(self.bind.rpartition(":")[2])


# Reading.


def read(data: Path) -> Settings:
    """The settings of a data folder. Raises BadSettings naming the setting and its remedy."""
    path = data / "settings.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadSettings(
            f"There is no settings.toml in {data}; nothing was started or changed.",
            "Name the right folder with --data, or make a new one with: lastwords host init --data DIR",
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSettings(
            f"settings.toml in {data} cannot be read ({error}); nothing was started or changed.",
            "Repair the file by hand or put back its last good copy.",
        ) from error
    return check(_settings(data, table))


_TOP: dict[str, type] = {
    "origin": str,
    "host_mail": str,
    "name": str,
    "bind": str,
    "zone": str,
    "demo": bool,
    "pulse": int,
    "quota": int,
    "threads": int,
    "database": str,
    "database_password_file": str,
}
_MAIL: dict[str, type] = {
    "host": str,
    "port": int,
    "sender": str,
    "tls": str,
    "user": str,
    "password_file": str,
    "reply_to": str,
}
_KINDS = {str: "a text in quotes", int: "a whole number without quotes", bool: "true or false"}
_NEEDED = ("origin", "host_mail", "mail.host", "mail.port", "mail.sender")


def _settings(data: Path, table: dict[str, Any]) -> Settings:
    mail = table.get("mail", {})
    top = {key: value for key, value in table.items() if key != "mail"}
    if not isinstance(mail, dict):
        raise BadSettings.of("mail", "it must be a table", "[mail] with host, port and sender")
    for prefix, known, given in (("", _TOP, top), ("mail.", _MAIL, mail)):
        for key, value in given.items():
            if key not in known:
                raise BadSettings.of(
                    prefix + key, "there is no such setting", "remove it, or correct its name"
                )
            if type(value) is not known[key]:
                raise BadSettings.of(prefix + key, f"it must be {_KINDS[known[key]]}", "correct its value")
    for key in _NEEDED:
        where, _, name = key.rpartition(".")
        if name not in (mail if where else top):
            raise BadSettings.of(key, "it is missing", "add it")
    return Settings(data=data.resolve(), mail=Mail(**mail), **top)


# Checking.


def check(settings: Settings) -> Settings:
    """The same settings, or BadSettings for the first one that cannot be kept."""
    _check_origin(settings)
    if not MAIL.fullmatch(settings.host_mail):
        raise BadSettings.of("host_mail", "it is not a mail address", "name@place")
    if not MAIL.fullmatch(settings.mail.sender):
        raise BadSettings.of("mail.sender", "it is not a mail address", "name@place")
    if settings.mail.reply_to and not MAIL.fullmatch(settings.mail.reply_to):
        raise BadSettings.of("mail.reply_to", "it is not a mail address", "name@place, or nothing")
    if settings.mail.tls not in TLS:
        raise BadSettings.of("mail.tls", "it is not known", f"one of {', '.join(TLS)}")
    if not 0 < settings.mail.port < 65536:
        raise BadSettings.of("mail.port", "it is not a port", "a number from 1 to 65535")
    if settings.mail.tls == "none" and not is_loopback(settings.mail.host):
        raise BadSettings.of(
            "mail.tls", "letters may leave this machine only under TLS", 'tls = "starttls" or "tls"'
        )
    if settings.mail.user and not settings.mail.password_file:
        raise BadSettings.of(
            "mail.password_file", "mail.user is set and this is missing", "the path of the password's file"
        )
    try:
        ZoneInfo(settings.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadSettings.of(
            "zone", "there is no such time zone", 'an IANA name such as "Europe/Lisbon"'
        ) from error
    if not settings.demo and not 10 <= settings.pulse <= 600:
        raise BadSettings.of("pulse", "it must be 10 to 600 seconds", "pulse = 60")
    if settings.demo and not 10 <= settings.pulse <= 86_400:
        raise BadSettings.of("pulse", "it must be 10 to 86400 seconds in a demonstration", "pulse = 3600")
    if settings.quota < 2**20:
        raise BadSettings.of("quota", "it must be at least 1048576 bytes", "quota = 4294967296")
    if not 2 <= settings.threads <= 64:
        raise BadSettings.of("threads", "it must be 2 to 64", "threads = 4")
    if not settings.name.strip() or not settings.name.isprintable():
        raise BadSettings.of("name", "it must be one printable line", 'name = "Last Words"')
    databases.check(settings)
    return settings


def _check_origin(settings: Settings) -> None:
    parts = urlsplit(settings.origin)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.path
        or parts.query
        or parts.username
    ):
        raise BadSettings.of(
            "origin", "it is not scheme, host and port alone", 'origin = "https://words.example.org"'
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise BadSettings.of(
            "origin", "http is for this machine only", "use https, behind a proxy that ends TLS"
        )
    host, colon, port = settings.bind.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise BadSettings.of("bind", "it is not address:port", 'bind = "127.0.0.1:8443"')


# Writing.


def text(settings: Settings) -> str:
    """What settings.toml says."""
    mail = settings.mail
    lines = [
        "# The host's settings. Times in seconds, sizes in bytes. Read again at every start.",
        *(f"{key} = {_toml(getattr(settings, key))}" for key in _TOP),
        "",
        "[mail]",
        *(f"{key} = {_toml(getattr(mail, key))}" for key in _MAIL),
        "",
    ]
    return "\n".join(lines)


def write(settings: Settings) -> None:
    """Writes settings.toml of a new data folder, and its secret."""
    (settings.data / "settings.toml").write_text(text(settings), encoding="utf-8")
    secret = settings.data / "secret"
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_urlsafe(48) + "\n", encoding="ascii")


def _toml(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# Django.


@dataclass(slots=True)
class _Current:
    settings: Settings | None = field(default=None)


_current = _Current()

DATA = "LASTWORDS_DATA"


def current() -> Settings:
    """The settings this process was configured with."""
    if _current.settings is None:
        raise BadSettings(
            "No data folder has been chosen; nothing was started or changed.",
            f"Name one with --data DIR or in the variable {DATA}.",
        )
    return _current.settings


def configure(data: Path) -> Settings:
    """Points this process, and Django in it, at a data folder. Configuring again points it at another one."""
    settings = read(data)
    databases.sqlite.install()
    from django.conf import settings as django_settings
    from django.db import connections

    if django_settings.configured:
        connections.close_all()
        connection = connections["default"]
        was = connection.settings_dict["ENGINE"]
        # In place: threads that have a connection already share this table.
        connection.settings_dict.update(
            connections.configure_settings({"default": databases.of(settings).table()})["default"]
        )
        if connection.settings_dict["ENGINE"] != was:
            del connections["default"]
        django_settings.SECRET_KEY = _secret(settings)
        django_settings.ALLOWED_HOSTS = _hosts(settings)
        django_settings.CSRF_TRUSTED_ORIGINS = [settings.origin]
    else:
        import django

        django_settings.configure(**django_table(settings))
        django.setup()
        logging.getLogger("django.request").addFilter(_is_our_fault)
    _current.settings = settings
    return settings


def _is_our_fault(record: logging.LogRecord) -> bool:
    """Refusals are answers, not events: only what broke is worth a line, and no path of a stranger's request is."""
    return getattr(record, "status_code", 500) == 500


def configure_from_environment() -> Settings:
    """As `configure`, with the folder that the environment names: for the processes that serve starts."""
    data = os.environ.get(DATA, "")
    if not data:
        return current()
    return configure(Path(data))


def django_table(settings: Settings) -> dict[str, Any]:
    """Everything Django is told."""
    secure = settings.scheme == "https"
    return {
        "DEBUG": False,
        "SECRET_KEY": _secret(settings),
        "ALLOWED_HOSTS": _hosts(settings),
        "CSRF_TRUSTED_ORIGINS": [settings.origin],
        "ROOT_URLCONF": "lastwords.server.urls",
        "WSGI_APPLICATION": "lastwords.server.wsgi.application",
        "DATABASES": {"default": databases.of(settings).table()},
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "USE_I18N": False,
        "LANGUAGE_CODE": "en-gb",
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 16 * 2**20,
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        # Nothing goes to other hosts. With "no-referrer" browsers would hide the origin of our own forms from us too.
        "SECURE_REFERRER_POLICY": "same-origin",
        # A year in which browsers come to this name under TLS alone. Other names are not ours to speak for.
        "SECURE_HSTS_SECONDS": 31_536_000 if secure else 0,
        "LOGGING_CONFIG": None,
    } | browser.table(settings.name, secure)


def _hosts(settings: Settings) -> list[str]:
    name = urlsplit(settings.origin).hostname or ""
    return [f"[{name}]" if ":" in name else name, "127.0.0.1", "localhost"]


def _secret(settings: Settings) -> str:
    path = settings.data / "secret"
    try:
        secret = path.read_text(encoding="ascii").strip()
        rights = path.stat().st_mode & 0o077
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(
            f"The file {path.name} in the data folder cannot be read ({error}); nothing was started or changed.",
            "Put back its last good copy. Without one, write any new line of 40 or more random characters into it.",
        ) from error
    if len(secret) < 40:
        raise BadSettings(
            f"The file {path.name} in the data folder is too short; nothing was started or changed.",
            "Put back its last good copy. Without one, write any new line of 40 or more random characters into it.",
        )
    if rights:
        raise BadSettings(
            f"Others on this machine can read {path.name} in the data folder; nothing was started or changed.",
            f"Run: chmod 600 {path.name}",
        )
    return secret
