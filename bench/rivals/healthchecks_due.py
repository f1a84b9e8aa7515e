"""healthchecks' own loop over what is due, a little at a time. Runs under its own Python, from its own checkout:

    cd CHECKOUT && DB_NAME=FILE PYTHON bench/rivals/healthchecks_due.py CHECKS [SMTP-PORT]

Makes fresh tables in the database that its own environment names, with CHECKS overdue at once, ten to an account.
Then it reads lines: `notice N` has its `sendalerts` take N checks down, `send N` has it send N of their alerts, with
the thread pool and the settings it has by default. For each it prints JSON: `seconds` and `cpu`, both for all N.
"""

import io
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Any


def main() -> None:
    checks, port = int(sys.argv[1]), (sys.argv[2:] or ["2525"])[0]
    sys.path.insert(0, os.getcwd())
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "hc.settings",
        "DEBUG": "False",
        "SECRET_KEY": "not a secret",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": port,
        "EMAIL_USE_TLS": "False",
        "DEFAULT_FROM_EMAIL": "hc@example.org",
        "SITE_ROOT": "http://127.0.0.1:1",
    }
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    call_command("migrate", verbosity=0)
    with transaction.atomic():
        fill(checks)
    from hc.api.management.commands.sendalerts import Command

    command: Any = Command()
    command.stdout = io.StringIO()
    command.seats, command.executor = BoundedSemaphore(1), ThreadPoolExecutor(1)
    print("ready", flush=True)
    for line in sys.stdin:
        what, many = line.split()
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(int(many)):
            if what == "notice":
                assert command.handle_going_down()
            else:
                while not command.process_one_flip():
                    pass
        if what == "send":
            command.executor.shutdown(wait=True)
            command.seats, command.executor = BoundedSemaphore(1), ThreadPoolExecutor(1)
        print(
            json.dumps({"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}), flush=True
        )


def fill(checks: int) -> None:
    """Accounts with ten checks each that were due an hour ago, and one address that is told."""
    from django.contrib.auth.models import User
    from django.utils.timezone import now
    from hc.accounts.models import Profile, Project
    from hc.api.models import Channel, Check

    for number in range(-(-checks // 10)):
        user = User.objects.create(username=f"u{number}", email=f"u{number}@example.org")
        Profile.objects.for_user(user)
        project = Project.objects.create(owner=user, badge_key=f"u{number}")
        channel = Channel.objects.create(
            project=project, kind="email", value=json.dumps({"value": user.email, "up": True, "down": True})
        )
        for _ in range(10):
            ago = now() - timedelta(days=2)
            check = Check.objects.create(
                project=project, status="up", last_ping=ago, n_pings=1, alert_after=now() - timedelta(hours=1)
            )
            check.channel_set.add(channel)


if __name__ == "__main__":
    main()
