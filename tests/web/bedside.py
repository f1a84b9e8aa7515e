"""A host on which Jonas has written ahead, and his keepers look for him: where tests of the bedside begin."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page
from web.browser import visitor
from web.family import Host

NOTES = "The spare key lies under the third stone. The dog knows Paul."
MEDICAL = """\
born = "1984-05-31"
sex = "male"
pregnant = false
allergies = ["penicillin"]
medicines = ["levothyroxine 75 micrograms, mornings"]
conditions = "none known"
devices = "none known"
languages = ["Portuguese", "English"]
"""
FIND_ME = """\
looks = "1.82 m, grey beard, red jacket"
places = ["the harbour at Cascais", "Serra de Sintra, the eastern path"]
when_unwell = "He sits down and says nothing."

[[ask]]
name = "Rui, who rents him the boat"
reach = "+351 910 000 000"
"""
OBSERVED = (
    {"consciousness": "A", "breaths_per_minute": 18, "spo2_percent": 96, "systolic_mmhg": 124,
     "diastolic_mmhg": 80, "pulse_per_minute": 88, "temperature_tenths": 371, "oxygen": False},
    {"consciousness": "A", "breaths_per_minute": 22, "spo2_percent": 94, "systolic_mmhg": 108,
     "diastolic_mmhg": 70, "pulse_per_minute": 104, "temperature_tenths": 382, "oxygen": False},
    {"consciousness": "V", "breaths_per_minute": 26, "spo2_percent": 91, "systolic_mmhg": 96,
     "diastolic_mmhg": 60, "pulse_per_minute": 122, "temperature_tenths": 389, "oxygen": False, "pain": 6},
)  # fmt: skip
"""What Paul saw, an hour between each and the next."""


def write_ahead(host: Host) -> None:
    """Emergency notes with a copy for Mira's card, the medical sheet, and what helps to find him."""
    jonas = host.person("jonas")
    notes = jonas.file("notes.txt", NOTES)
    jonas.does("notes", "write", "--text", notes, "--card-for", "mira", jonas.folder / "mira.notes.age")
    jonas.does("medical", "write", jonas.file("medical.toml", MEDICAL))
    jonas.does("find-me", "write", jonas.file("find.toml", FIND_ME))


def find_him_hurt(host: Host) -> None:
    """Paul has found Jonas, and writes down what he sees."""
    import json
    import time

    paul, now = host.person("paul"), int(time.time())
    harm = {
        "mechanism": "a fall of about 4 m from the rocks",
        "finding": "left thigh, swollen",
        "suspected": False,
    }
    paul.does(
        "case",
        "jonas",
        "write",
        "harm",
        "--what",
        paul.file("harm.json", json.dumps(harm)),
        "--at",
        str(now - 9000),
    )
    for number, seen in enumerate(OBSERVED):
        at = str(now - 7500 + 3600 * number)
        what = paul.file(f"seen{number}.json", json.dumps(seen))
        paul.does("case", "jonas", "write", "observation", "--what", what, "--at", at)
    given = {"what": "paracetamol", "amount": "1", "unit": "g", "route": "by mouth", "given_by": "Paul"}
    paul.does(
        "case",
        "jonas",
        "write",
        "treatment",
        "--what",
        paul.file("given.json", json.dumps(given)),
        "--at",
        str(now - 3000),
    )
    watch = {"who": "paul", "begins": True}
    paul.does("case", "jonas", "write", "on_watch", "--what", paul.file("watch.json", json.dumps(watch)))


@contextmanager
def keeper(browser: Browser, host: Host, name: str, **more: object) -> Iterator[Page]:
    """One of the keepers, come in by their keeper card: their key is open, and they know Jonas by his fingerprint."""
    card = "\n".join(
        (
            f"Handle: {name}",
            "Author: jonas",
            f"Author's fingerprint: {host.keys('jonas').signing.public.fingerprint}",
            host.keys(name).secret_key,
        )
    )
    with visitor(browser, host, **more) as page:  # type: ignore[arg-type]
        page.goto("/sign-in?next=/cases")
        page.get_by_text("Use a sheet or card").click()
        page.locator('[name="paper"]').fill(card)
        page.locator('[data-form="paper"] button').last.click()
        page.wait_for_url(f"{host.origin}/cases")
        yield page
