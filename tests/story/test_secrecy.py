"""Nobody else: after a whole play, nothing that anyone wrote or holds secret is anywhere the host is.

Looked through are the data folder with its database, its write-ahead file, its sealed files and its logs, every letter
that was sent, and the memory of every process of the host while it served. Looked for is every sentence of the story,
every secret key in every form it is kept or printed in, every invitation's secret and every paper code.
"""

import base64
import json
import re
from pathlib import Path

import pytest
from story.conftest import CANARY, Played
from story.memory import found_in
from web.overheard import spellings

from lastwords.sealing.age import bech32
from lastwords.sealing.person import PersonKeys
from lastwords.story.cast import EVERYONE
from lastwords.story.texts import PLANTED

SHORTEST = 24
"""Letters of a line that is looked for by itself: shorter ones could stand anywhere by chance."""


def sentences() -> dict[str, bytes]:
    """Every line of every text of the story, as it would stand in a file, and as JSON and base64 would show it."""
    found = {}
    for name, text in PLANTED.items():
        for number, line in enumerate(text.splitlines()):
            if len(line) >= SHORTEST:
                found[f"{name}/{number}"] = line.encode()
                found[f"{name}/{number}/json"] = json.dumps(line)[1:-1].encode()
                for form, spelled in enumerate(sorted(in_base64(line.encode()))):
                    found[f"{name}/{number}/base64 {form}"] = spelled.encode()
    return found


def in_base64(line: bytes) -> set[str]:
    """How a line looks in base64 and base64url, wherever in a text it stands."""
    return {*spellings(line)} - {line.hex(), line.hex().upper(), ",".join(map(str, line))}


def secrets_of(folder: Path) -> dict[str, bytes]:
    """Every secret in the homes of one play: keys as text, as words and as raw bytes, invitations, paper codes."""
    found = {}
    for role in EVERYONE:
        home = folder / "homes" / role.handle
        key = (home / "lastwords" / "key").read_text().strip()
        _, raw = bech32.decode(key)
        found[f"{role.handle}/key"] = key.encode()
        found[f"{role.handle}/seed"] = bytes(raw)
        found[f"{role.handle}/words"] = " ".join(PersonKeys.from_card(key).words()[:8]).encode()
        for ident, kept in json.loads((home / "lastwords" / "invitations.json").read_bytes()).items():
            found[f"{role.handle}/invitation {ident}"] = kept["fragment"].encode()
        for codes in (home / "desk").glob("codes*.txt"):
            for code in re.findall(r"\b[a-z2-9]{4}(?:-[a-z2-9]{4}){3}\b", codes.read_text()):
                found[f"{role.handle}/code {code}"] = code.encode()
                found[f"{role.handle}/bare code {code}"] = code.replace("-", "").encode()
    return found


@pytest.fixture(scope="module")
def hosts(played: Played) -> list[Path]:
    """Every file in which something of a host's could stand: its folder, its mail, its memory."""
    folders = [played.before.folder, *played.folders.values()]
    files = [path for folder in folders for part in ("data", "mail") for path in (folder / part).rglob("*")]
    said = [folder / "host.txt" for folder in folders]
    return [path for path in (*files, *said, *played.memory.iterdir()) if path.is_file()]


def test_no_sentence_that_anyone_wrote_is_in_the_data_folder_the_letters_or_the_memory_of_a_host(
    hosts, figure
):
    planted = sentences()
    assert len(planted) > 60
    assert found_in(hosts, planted) == set()
    size = sum(path.stat().st_size for path in hosts) / 2**20
    figure(
        f"secrecy: {len(planted)} sentences sought in {size:.0f} MiB of folders, letters and memory, none found"
    )


def test_no_secret_key_word_invitation_or_paper_code_is_in_the_data_folder_the_letters_or_the_memory(
    hosts, played
):
    planted = secrets_of(played.folders["gone"])
    assert sum(name.endswith("/key") for name in planted) == len(EVERYONE)
    assert sum("/code " in name for name in planted) == 60
    assert found_in(hosts, planted) == set()


def test_a_name_that_the_host_was_told_is_found_on_disk_and_in_memory(hosts):
    where = {file for _, file in found_in(hosts, {"canary": CANARY.encode()})}
    assert any(file.startswith("lastwords.sqlite3") for file in where)
    assert any(file.endswith(".mem") for file in where)


def test_every_sentence_and_every_secret_is_found_where_it_belongs(played):
    homes = [path for path in (played.folders["gone"] / "homes").rglob("*") if path.is_file()]
    sought = sentences() | secrets_of(played.folders["gone"])
    found = {name for name, _ in found_in(homes, sought)}
    spelled_otherwise = re.compile("/json$|/base64 |/seed$|/words$|/bare code ")
    assert {name for name in sought if not spelled_otherwise.search(name)} - found == set()


def test_a_sentence_that_a_host_would_keep_in_base64_is_found_whatever_stands_before_it(tmp_path):
    """The planted fault: every sentence once more, inside of something larger."""
    sought = {name: line for name, line in sentences().items() if "/base64 " not in name}
    for before in (b"", b"{", b'{"'):
        kept = tmp_path / "kept"
        kept.write_bytes(b"\n".join(base64.b64encode(before + line + b'"}') for line in sought.values()))
        found = {name.partition("/base64 ")[0] for name, _ in found_in([kept], sentences())}
        assert {name.removesuffix("/json") for name in sought} <= found
