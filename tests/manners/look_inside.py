"""Run as a process of its own: loads one whole room and prints, as JSON, what was loaded and which names it shows.

    python look_inside.py ROOM

A server is configured with a data folder made for the purpose and thrown away. Nothing is served.
"""

import importlib
import json
import pkgutil
import re
import sys
import tempfile
from pathlib import Path


def configure_server(data: Path) -> None:
    from lastwords.server import settings

    mail = settings.Mail(host="127.0.0.1", port=2525, sender="words@example.org")
    chosen = settings.Settings(
        data=data, origin="http://127.0.0.1:8443", mail=mail, host_mail="host@example.org"
    )
    settings.write(chosen)
    settings.configure(data)


def load(room: str) -> list[str]:
    """Imports every module of a room; gives all modules of ours that are then loaded."""
    package = importlib.import_module(f"lastwords.{room}")
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not found.name.endswith(("__main__", ".wsgi")):
            importlib.import_module(found.name)
    return sorted(name for name in sys.modules if name.startswith("lastwords."))


def server_names() -> dict[str, str]:
    """Models, fields and addresses of the configured server, each with where it stands."""
    from django.apps import apps
    from django.urls import URLResolver, get_resolver

    names = {}
    for model in apps.get_models():
        if model.__module__.startswith("lastwords."):
            names[model.__name__] = "a model"
            names |= {field.name: f"a field of {model.__name__}" for field in model._meta.get_fields()}

    def walk(resolver: URLResolver, before: str) -> None:
        for entry in resolver.url_patterns:
            address = f"{before}{entry.pattern}"
            names[re.sub(r"<[^>]*>", "", address)] = f"the address {address}"
            if isinstance(entry, URLResolver):
                walk(entry, address)

    walk(get_resolver(), "/")
    return names


def main() -> None:
    room = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        if room == "server":
            configure_server(Path(folder))
        loaded = load(room)
        print(json.dumps({"loaded": loaded, "names": server_names() if room == "server" else {}}))


if __name__ == "__main__":
    main()
