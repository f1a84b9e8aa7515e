"""The container: plain tar to everybody, and nothing that leaves its folder."""

import io
import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lastwords.sealing.container import FORMAT, INDEX_NAME, LEAST_SIZE, Entry, Item, pack, padded, unpack
from lastwords.sealing.refusals import ContainerRefused

ITEMS = [
    Item("letter.txt", "Naruto, eat your vegetables. 野菜".encode(), "text/plain", "For Naruto"),
    Item("voices/first day.ogg", b"\x01" * 5000, "audio/ogg", "ほむら"),
    Item("書.txt", b"", "text/plain"),
    Item("n" * 180 + ".bin", b"\x02" * 513),
]


def packed(items: list[Item]) -> bytes:
    out = io.BytesIO()
    pack(items, out)
    return out.getvalue()


def made(
    *members: tuple[tarfile.TarInfo, bytes], index: object = None, end: bytes = bytes(1024)
) -> io.BytesIO:
    """A tar made by hand, as somebody hostile could."""
    out = io.BytesIO()
    if index is not None:
        content = index if isinstance(index, bytes) else json.dumps(index).encode()
        members = (member(INDEX_NAME, content), *members)
    for info, content in members:
        out.write(info.tobuf(tarfile.PAX_FORMAT) + content + bytes(-len(content) % 512))
    out.write(end)
    return io.BytesIO(out.getvalue())


def member(name: str, content: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in fields.items():
        setattr(info, key, value)
    return info, content


def index_of(*entries: tuple[str, int]) -> dict[str, object]:
    return {"format": FORMAT, "items": [{"name": n, "size": s, "media": "", "title": ""} for n, s in entries]}


def test_items_come_back_with_their_index(tmp_path: Path) -> None:
    entries = unpack(io.BytesIO(packed(ITEMS)), tmp_path / "out")
    assert entries == tuple(item.entry() for item in ITEMS)
    assert entries[0] == Entry("letter.txt", len(ITEMS[0].content), "text/plain", "For Naruto")  # type: ignore[arg-type]
    for item in ITEMS:
        assert (tmp_path / "out" / item.name).read_bytes() == item.content
    assert (tmp_path / "out" / "letter.txt").stat().st_mode & 0o077 == 0


def test_files_are_read_from_disk_and_progress_tells_every_byte(tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(b"f" * 700_000)
    told, out = list[int](), io.BytesIO()
    pack([Item("film", tmp_path / "film")], out, told.append)
    assert sum(told) == 700_000
    unpack(io.BytesIO(out.getvalue()), tmp_path / "out")
    assert (tmp_path / "out" / "film").read_bytes() == b"f" * 700_000


@pytest.mark.needs("command:tar")
def test_plain_tar_gives_the_files_back_index_first(tmp_path: Path) -> None:
    (tmp_path / "words.tar").write_bytes(packed(ITEMS))
    tar = shutil.which("tar")
    listed = subprocess.run(
        [str(tar), "-tf", "words.tar"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert listed.stdout.splitlines()[0] == INDEX_NAME and listed.stderr == ""
    subprocess.run([str(tar), "-xf", "words.tar"], cwd=tmp_path, check=True)
    for item in ITEMS:
        assert (tmp_path / item.name).read_bytes() == item.content
    assert json.loads((tmp_path / INDEX_NAME).read_text())["items"][0]["title"] == "For Naruto"


def test_short_letters_have_one_size() -> None:
    sizes = {len(packed([Item("letter.txt", b"w" * size)])) for size in (0, 1, 100, 5000, 12_000)}
    assert sizes == {LEAST_SIZE}


@given(st.integers(0, 1 << 45))
def test_padding_costs_little_and_leaves_few_sizes(size: int) -> None:
    grown = padded(size)
    assert grown >= max(size, LEAST_SIZE)
    assert grown <= max(size * 1.12, LEAST_SIZE)
    assert grown % 512 == 0
    assert padded(grown) == grown
    free = grown.bit_length() - 1 - (grown.bit_length() - 1).bit_length()
    assert grown % (1 << free) == 0


@settings(max_examples=30)
@given(st.integers(0, 200_000))
def test_every_container_has_a_padded_size(size: int) -> None:
    assert len(packed([Item("a", bytes(size))])) == padded(len(packed([Item("a", bytes(size))])))


BAD_NAMES = [
    "",
    "/etc/passwd",
    "../x",
    "a/../../x",
    "a//b",
    "./a",
    "a/",
    ".",
    "..",
    ".bashrc",
    "a/.ssh",
    "index.json",
]
BAD_NAMES += ["INDEX.JSON", "a\\b", "a:b", "a\nb", "a\0b", "con?", "x" * 201, "é" * 101, "caf\udce9.txt"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_not_every_system_can_keep_is_refused_both_ways(name: str, tmp_path: Path) -> None:
    with pytest.raises(ContainerRefused):
        packed([Item(name, b"x")])
    source = made(member(name.replace("\0", "") or "x", b"x"), index=index_of((name, 1)))
    with pytest.raises(ContainerRefused):
        unpack(source, tmp_path / "out" / "in")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_two_names_that_fall_together_are_refused() -> None:
    with pytest.raises(ContainerRefused, match="twice"):
        packed([Item("Letter.txt", b"1"), Item("letter.TXT", b"2")])


HOSTILE: dict[str, Callable[[], io.BytesIO]] = {
    "nothing": lambda: io.BytesIO(b""),
    "not a tar": lambda: io.BytesIO(b"words" * 1000),
    "no index": lambda: made(member("a", b"x")),
    "an index that is not JSON": lambda: made(index=b"words"),
    "an index without an end to its depth": lambda: made(index=b"[" * 100_000),
    "an index of another format": lambda: made(index={"format": "other", "items": []}),
    "an index of other things": lambda: made(index={"format": FORMAT, "items": [{"name": "a"}]}),
    "an index of the wrong kinds": lambda: made(member("a", b"x"), index=index_of((1, "1"))),  # type: ignore[arg-type]
    "an item that the index does not know": lambda: made(member("a", b"x"), index=index_of()),
    "an item of another size": lambda: made(member("a", b"xy"), index=index_of(("a", 1))),
    "an item missing": lambda: made(index=index_of(("a", 1))),
    "a symbolic link": lambda: made(
        member("a", type=tarfile.SYMTYPE, linkname="/etc"), index=index_of(("a", 0))
    ),
    "a hard link": lambda: made(
        member("a", type=tarfile.LNKTYPE, linkname="index.json"), index=index_of(("a", 0))
    ),
    "a folder": lambda: made(member("a", type=tarfile.DIRTYPE), index=index_of(("a", 0))),
    "a device": lambda: made(member("a", type=tarfile.CHRTYPE), index=index_of(("a", 0))),
    "a file cut off": lambda: io.BytesIO(
        made(member("a", b"x" * 2000), index=index_of(("a", 2000))).getvalue()[:2600]
    ),
    "a file in the place of a folder": lambda: made(
        member("a", b"x"), member("a/b", b"x"), index=index_of(("a", 1), ("a/b", 1))
    ),
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_container_is_refused_and_leaves_nothing(
    source: Callable[[], io.BytesIO], tmp_path: Path
) -> None:
    with pytest.raises(ContainerRefused) as refusal:
        unpack(source(), tmp_path / "out")
    assert refusal.value.happened and refusal.value.do
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(ContainerRefused):
        unpack(io.BytesIO(packed(ITEMS)), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("now", [b"longer than before", b"less"])
def test_a_file_that_changes_while_it_is_sealed_is_refused(now: bytes, tmp_path: Path) -> None:
    path = tmp_path / "diary"

    class Changing:
        def write(self, data: bytes) -> int:
            path.write_bytes(now)
            return len(data)

    path.write_bytes(b"eight by")
    with pytest.raises(ContainerRefused, match="changed"):
        pack([Item("diary", path)], Changing())
