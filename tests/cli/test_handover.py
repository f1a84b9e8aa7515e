"""The handover report made against a real host, and entries that a hostile host makes up, moves or swaps."""

import json
import stat
from collections.abc import Callable

import pytest
from cli.conftest import Cave, Person

from lastwords.case import entries, sheets
from lastwords.case.entries import Entry, Head, Treatment
from lastwords.case.moment import Moment
from lastwords.case.plain import to_bytes
from lastwords.cli import signed_entry
from lastwords.cli.client import Host
from lastwords.cli.home import Home
from lastwords.cli.me import Me
from lastwords.sealing import age
from lastwords.signing import documents
from lastwords.signing.act import Act
from lastwords.signing.canonical import digest
from lastwords.signing.keys import SigningKey

ZONE = "Europe/Lisbon"


def writes(person: Person, kind: str, what: dict[str, object], *more: str) -> int:
    """Someone writes an entry of a kind; returns its number."""
    source = person.file(f"{kind}.json", json.dumps(what))
    return int(person.does("case", "iruka", "write", kind, "--what", source, *more)["entry"])


def case_of_the_cave(cave: Cave) -> dict[str, int]:
    """An alarm, and what the keepers write in the first hour."""
    pakkun, bull = cave.keepers["pakkun"], cave.keepers["bull"]
    pakkun.does("alarm", "iruka")
    numbers = {
        "seen": writes(
            pakkun, "observation", {"consciousness": "U", "pulse_per_minute": 76, "breaths_per_minute": 5}
        ),
        "patch": writes(pakkun, "treatment", {"what": "patch of A.12", "route": "on the skin"}),
        "slip": writes(bull, "treatment", {"what": "patch of P.12"}, "--heard-from", "Hound"),
    }
    why = ("--corrects", str(numbers["slip"]), "--why", "called P.12 in the spoken report")
    writes(bull, "withdrawal", {"stands": numbers["patch"]}, *why)
    wept = pakkun.file("wept.txt", "He wept.")
    pakkun.does("case", "iruka", "entry", "--text", wept, "--only-keepers")
    return numbers


def report(person: Person, form: str, *more: str) -> str:
    out = person.folder / f"handover.{form}"
    said = person.does("case", "iruka", "report", f"--{form}", "--out", out, *more)
    assert (said["form"], said["unread"]) == (form, [])
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    return out.read_text("utf-8")


def test_a_keeper_makes_the_report_from_entries_their_own_key_opens(cave: Cave) -> None:
    numbers = case_of_the_cave(cave)
    text = " ".join(report(cave.keepers["bisuke"], "text").split())
    assert f"unconscious [{numbers['seen']}]" in text
    assert "breathing 5/min, pulse 76/min" in text
    assert "not “patch of P.12”: called P.12 in the spoken report" in text
    assert "wept" not in text
    head = cave.iruka.does("log", "show")["head"]
    assert " ".join(head[start : start + 8] for start in range(0, 64, 8)) in text


def test_the_report_for_a_clinics_system_is_one_document(cave: Cave) -> None:
    case_of_the_cave(cave)
    made = json.loads(report(cave.keepers["bull"], "fhir"))
    assert (made["resourceType"], made["type"]) == ("Bundle", "document")
    assert "wept" not in json.dumps(made)


def test_a_host_that_sends_the_same_page_of_the_record_for_ever_holds_up_no_report(
    cave: Cave, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_of_the_cave(cave)
    honest, asked = Host.get, []

    def again(self: Host, *path: str | int, **query: object) -> object:
        if path[-1] != "log":
            return honest(self, *path, **query)
        asked.append(query["after"])
        assert len(asked) < 9, "it asks for ever"
        return honest(self, *path, after=0)

    monkeypatch.setattr(Host, "get", again)
    bull = cave.keepers["bull"]
    out = bull.folder / "handover.txt"
    assert bull.refused("case", "iruka", "report", "--out", out)["code"] == "log_broken"
    assert len(asked) == 2 and not out.exists()


@pytest.mark.needs("library:pango-1.0")
def test_the_report_on_paper_is_written_beside_nothing_that_was_there(cave: Cave) -> None:
    case_of_the_cave(cave)
    bull = cave.keepers["bull"]
    out = bull.folder / "handover.pdf"
    bull.does("case", "iruka", "report", "--pdf", "--out", out)
    assert out.read_bytes().startswith(b"%PDF-1.7")
    assert bull.refused("case", "iruka", "report", "--pdf", "--out", out)["code"] == "file_exists"


def test_the_authors_medical_sheet_goes_into_the_report(cave: Cave) -> None:
    case_of_the_cave(cave)
    pakkun = cave.keepers["pakkun"]
    sheet = sheets.MedicalSheet(
        filled_in=Moment(1_772_582_400, ZONE), allergies=sheets.Listed(sheets.Said.LISTED, ("penicillin",))
    )
    text = report(pakkun, "text", "--sheet", str(pakkun.file("medical.json", sheets.encode(sheet))))
    assert "Allergies           penicillin" in text
    assert "Medicines           not stated" in text


def test_without_a_file_the_sheet_that_the_author_sealed_is_opened_and_used(cave: Cave) -> None:
    form = cave.iruka.file("medical.toml", 'allergies = ["penicillin"]\nmedicines = "none known"')
    cave.iruka.does("medical", "write", form)
    case_of_the_cave(cave)
    text = report(cave.keepers["bull"], "text")
    assert "Allergies           penicillin" in text
    assert "Medicines           none known" in text


def test_a_sheet_that_the_author_did_not_sign_is_left_out_and_the_report_is_made_all_the_same(
    cave: Cave,
) -> None:
    """The fault: the host puts a sheet of its own in the place of the author's."""
    from lastwords.server.models import Paper

    form = cave.iruka.file("medical.toml", 'allergies = ["penicillin"]')
    cave.iruka.does("medical", "write", form)
    case_of_the_cave(cave)
    false = sheets.MedicalSheet(
        filled_in=Moment(1_772_582_400, ZONE), allergies=sheets.Listed(sheets.Said.NONE_KNOWN)
    )
    assert Paper.objects.filter(watch_id="iruka", kind="sheet").update(
        body=sealed(cave, sheets.encode(false))
    )
    bull = cave.keepers["bull"]
    out = bull.folder / "handover.txt"
    said = bull.does("case", "iruka", "report", "--out", out)
    assert "did not sign" in said["without_sheet"]
    assert "Allergies           not stated" in out.read_text("utf-8")


def test_where_there_is_no_sheet_the_answer_says_so(cave: Cave) -> None:
    case_of_the_cave(cave)
    bull = cave.keepers["bull"]
    said = bull.does("case", "iruka", "report", "--out", bull.folder / "handover.txt")
    assert "no such sheet" in said["without_sheet"]


# A hostile host. Each fault is put where the host keeps the sealed body of Pakkun's entry.


def me(person: Person) -> Me:
    return Me(Home(person.home))


def sealed(cave: Cave, data: bytes) -> bytes:
    """What anybody can do who knows the public keys: seal something to the keepers."""
    return age.seal_bytes(data, [me(one).keys.public_key for one in cave.keepers.values()])


def this_case(cave: Cave) -> dict[str, int]:
    watch = cave.place.watch("iruka")
    assert watch.case is not None
    return {"number": watch.case.number, "epoch": watch.epoch}


def slip_in(data: bytes) -> None:
    """The host puts other bytes in the place of the one entry there is."""
    from lastwords.server.models import Paper

    Paper.objects.filter(watch_id="iruka", kind="entry").update(body=data)


def forged() -> Entry:
    return Entry(Head(Moment(1_772_582_400, ZONE), "pakkun"), Treatment("adrenaline", "15", "mg"))


def a_bare_record(cave: Cave) -> bytes:
    return entries.encode(forged())


def a_record_with_anothers_signature(cave: Cave) -> bytes:
    """Bull signs, and the record says Pakkun."""
    return signed_entry.wrap(me(cave.keepers["bull"]), "iruka", this_case(cave), forged())


def a_record_of_another_case(cave: Cave) -> bytes:
    return signed_entry.wrap(me(cave.keepers["pakkun"]), "iruka", this_case(cave) | {"number": 9}, forged())


def a_record_of_another_authors_case(cave: Cave) -> bytes:
    return signed_entry.wrap(me(cave.keepers["pakkun"]), "kakashi", this_case(cave), forged())


def a_signature_under_another_record(cave: Cave) -> bytes:
    person = me(cave.keepers["pakkun"])
    held = json.loads(signed_entry.wrap(person, "iruka", this_case(cave), forged()))
    other = Entry(forged().head, Treatment("adrenaline", "150", "mg"))
    held["entry"] = entries.encode(other).decode()
    return json.dumps(held, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def a_share(cave: Cave) -> bytes:
    return b"academic acid beard romp away necklace epidemic adrenaline"


FAULTS: list[Callable[[Cave], bytes]] = [
    a_bare_record,
    a_record_with_anothers_signature,
    a_record_of_another_case,
    a_record_of_another_authors_case,
    a_signature_under_another_record,
    a_share,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_an_entry_that_its_writer_did_not_sign_for_this_case_is_named_and_never_told(
    cave: Cave, fault: Callable[[Cave], bytes]
) -> None:
    bull = cave.keepers["bull"]
    cave.keepers["pakkun"].does("alarm", "iruka")
    number = writes(cave.keepers["pakkun"], "treatment", {"what": "patch of A.12"})
    slip_in(sealed(cave, fault(cave)))
    (shown,) = bull.does("case", "iruka", "show")["entries"]
    assert (shown["number"], shown["readable"], shown["record"]) == (number, False, None)
    out = bull.folder / "handover.txt"
    assert bull.does("case", "iruka", "report", "--out", out)["unread"] == [number]
    text = out.read_text("utf-8")
    assert "adrenaline" not in text
    assert f"Entry {number} by pakkun cannot be read" in text


def test_the_same_entry_signed_by_its_writer_for_this_case_is_told(cave: Cave) -> None:
    """The faults above differ from this in one thing each."""
    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    number = writes(pakkun, "treatment", {"what": "patch of A.12"})
    case = cave.keepers["bull"].does("case", "iruka", "show")["case"]
    data = signed_entry.wrap(me(pakkun), "iruka", case, forged())
    slip_in(sealed(cave, data))
    (shown,) = cave.keepers["bull"].does("case", "iruka", "show")["entries"]
    assert (shown["number"], shown["readable"]) == (number, True)
    assert "adrenaline 15 mg" in shown["text"]


def test_a_key_that_only_the_host_shows_signs_for_nobody(cave: Cave) -> None:
    """The fault: the host shows a signing key of its own for Pakkun, and signs an entry of his with it."""
    from lastwords.server import models as host_models

    pakkun, bull = cave.keepers["pakkun"], cave.keepers["bull"]
    pakkun.does("alarm", "iruka")
    number = writes(pakkun, "treatment", {"what": "patch of A.12"})
    case = bull.does("case", "iruka", "show")["case"]
    false = SigningKey.new()
    record = entries.encode(forged())
    act = Act(
        actor="pakkun",
        role="keeper",
        author="iruka",
        act="entry",
        case=str(case["number"]),
        epoch=case["epoch"],
        subject="treatment",
        body=digest(record),
        moment="2026-03-04T00:00:00Z",
    )
    signed = documents.sign(act, false).data.decode()
    data = to_bytes({"format": signed_entry.FORMAT, "entry": record.decode(), "act": signed})
    slip_in(sealed(cave, data))
    host_models.Person.objects.filter(handle="pakkun").update(signing_key=false.public.text)
    (shown,) = bull.does("case", "iruka", "show")["entries"]
    assert (shown["number"], shown["readable"]) == (number, False)
    assert "signature" in shown["text"]
