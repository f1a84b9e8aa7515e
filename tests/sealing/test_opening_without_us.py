"""Opening without our software: what a kit holds opens with tools that are not ours.

Sealing is ours; from the kit on, this file uses only `age` 1.3 or newer (or, without it, the npm package
age-encryption by the script that lies in the kit), `shamir` of the package shamir-mnemonic, an
unzip of the standard library and `tar`. The figure at the end of the run says which program opened the words.
"""

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lastwords.sealing.container import Item, items
from lastwords.sealing.kit import write_kit
from lastwords.sealing.tracks import seal_track

from .conftest import KEEPERS, MOMENT, People

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "opening-without-us.md"
CHOSEN = ("bull", "shiba", "akino")
LETTER = b"Naruto, I was proud of you before you were born.\n"


class Age:
    """The program `age`; its passphrase prompt wants a terminal, which `script` gives it."""

    name = "age"

    def open(self, key: Path, sealed: Path, out: Path) -> None:
        subprocess.run(["age", "-d", "-i", str(key), "-o", str(out), str(sealed)], check=True)

    def open_with_locked_key(self, key: Path, passphrase: str, sealed: Path, out: Path) -> None:
        command = f"age -d -i '{key}' -o '{out}' '{sealed}'"
        subprocess.run(
            ["script", "-qec", command, "/dev/null"],
            input=passphrase + "\n",
            text=True,
            check=True,
            capture_output=True,
        )


class Typage:
    """The npm package age-encryption, by the script that lies in every kit."""

    name = "npm age-encryption"

    def open(self, key: Path, sealed: Path, out: Path) -> None:
        self._run(key.parent, key, sealed, out)

    def open_with_locked_key(self, key: Path, passphrase: str, sealed: Path, out: Path) -> None:
        typed = key.with_name("passphrase.txt")
        typed.write_text(passphrase + "\n")
        self._run(key.parent, key, sealed, out, typed)

    def _run(self, folder: Path, *arguments: Path) -> None:
        """Run the kit's script beside the installed package, as its README says."""
        if not (folder / "node_modules").exists():
            (folder / "node_modules").symlink_to(ROOT / "node_modules")
        script = next(folder.rglob("open.mjs"))
        subprocess.run(["node", str(script), *map(str, arguments)], check=True, cwd=folder)


def opening_tool() -> Age | Typage:
    """`age` if it knows post-quantum keys, which begin with version 1.3."""
    found = shutil.which("age")
    if found and shutil.which("script"):
        version = subprocess.run([found, "--version"], capture_output=True, text=True).stdout
        numbers = re.search(r"(\d+)\.(\d+)", version)
        if numbers and tuple(map(int, numbers.groups())) >= (1, 3):
            return Age()
    return Typage()


def unzipped(kit: Path, into: Path) -> Path:
    with zipfile.ZipFile(kit) as opened:
        opened.extractall(into)
    return into


def recovered(mnemonics: list[str]) -> str:
    """The 64 digits that `shamir recover` gives for mnemonics typed in, one a line."""
    shamir = Path(sys.executable).with_name("shamir")
    ran = subprocess.run(
        [str(shamir), "recover"],
        input="\n".join(mnemonics) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    return re.findall(r"\b[0-9a-f]{64}\b", ran.stdout)[-1]


@pytest.fixture(scope="module")
def kits(people: People, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three keepers' kits and each person's key file, as they would have it at home."""
    folder = tmp_path_factory.mktemp("without-us")
    signed = seal_track(
        folder / "sealed",
        people.track(),
        people.author,
        MOMENT,
        items([Item("letter.txt", LETTER), Item("voices/song.ogg", b"la" * 50_000)]),
    )
    for name in CHOSEN:
        with (folder / f"{name}.zip").open("wb") as out:
            write_kit(out, folder / "sealed", signed, people.author.signing.public, name)
        (folder / f"{name}.key").write_text(people.keepers[name].secret_key + "\n")
    (folder / "recipient.key").write_text(people.recipient.secret_key + "\n")
    shutil.rmtree(folder / "sealed")
    return folder


@pytest.mark.needs("command:tar", "npm:age-encryption or command:age")
def test_three_kits_and_the_recipients_key_open_the_words_with_tools_that_are_not_ours(
    kits: Path, figure: Callable[[str], None]
) -> None:
    tool = opening_tool()
    mnemonics = []
    for name in CHOSEN:
        at_home = unzipped(kits / f"{name}.zip", kits / name)
        share = at_home / f"share-{KEEPERS.index(name) + 1}.age"
        tool.open(kits / f"{name}.key", share, at_home / "share.txt")
        mnemonics.append((at_home / "share.txt").read_text().splitlines()[0])
    passphrase = recovered(mnemonics)
    bundle = kits / CHOSEN[0]
    tool.open_with_locked_key(
        bundle / "release.key.age", passphrase, bundle / "words.age", bundle / "inner.age"
    )
    tool.open(kits / "recipient.key", bundle / "inner.age", bundle / "words.tar")
    subprocess.run(["tar", "-xf", "words.tar"], cwd=bundle, check=True)
    assert (bundle / "letter.txt").read_bytes() == LETTER
    assert (bundle / "voices" / "song.ogg").read_bytes() == b"la" * 50_000
    assert b"letter.txt" in (bundle / "index.json").read_bytes()
    figure(f"opened without our software by {tool.name}, shamir recover and tar")


def test_the_guide_prints_the_script_of_the_kit(kits: Path) -> None:
    printed = GUIDE.read_text(encoding="utf-8").split("```js\n")[1].split("```")[0]
    with zipfile.ZipFile(kits / "bull.zip") as kit:
        assert kit.read("open.mjs").decode() == printed


@pytest.mark.needs("npm:age-encryption or command:age")
def test_the_wrong_key_opens_nothing_there_either(kits: Path) -> None:
    at_home = unzipped(kits / "bull.zip", kits / "elsewhere")
    with pytest.raises(subprocess.CalledProcessError):
        opening_tool().open(kits / "shiba.key", at_home / "share-2.age", at_home / "share.txt")
    assert not (at_home / "share.txt").exists()
