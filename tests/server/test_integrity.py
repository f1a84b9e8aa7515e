"""What is kept is compared with what names it: by the doctor all of it, by the service an eighth a day."""

import pytest

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import Strength
from lastwords.signing import canonical

pytestmark = pytest.mark.both_databases

BODY = b"age-encryption.org/v1\n" + b"x" * 500


@pytest.fixture
def kept(circle, house, box):
    """A house with one sealed file, one paper, and what is wrong with them."""
    import hashlib

    from lastwords.server import integrity
    from lastwords.server.models import SealedFile
    from lastwords.server.port import Paper

    name = hashlib.sha256(BODY).hexdigest()
    (house.settings.files / name).write_bytes(BODY)
    SealedFile.objects.create(hash=name, size=len(BODY), uploader="iruka", complete=True)
    circle.act("iruka", e.CheckIn("iruka", Strength.STRONG, "key"), [Paper("sign", "today", b"signed")])

    def faults(parts=integrity.EVERYTHING):
        return [fault.says for fault in integrity.look(house.settings, house.now(), parts)]

    faults.file = house.settings.files / name
    return faults


def test_what_was_left_alone_is_what_it_was(kept):
    assert kept() == []


def test_a_changed_and_a_missing_sealed_file_are_found(kept):
    kept.file.write_bytes(BODY[:-1] + b"y")
    assert kept() == ["it is not what its name says"]
    kept.file.unlink()
    assert kept() == ["it is not there"]


def test_a_changed_paper_is_found_even_if_its_hash_is_changed_with_it(kept):
    import hashlib

    from lastwords.server.models import Paper

    Paper.objects.filter(name="today").update(body=b"forged")
    assert kept() == ["it is not what was written down"]
    Paper.objects.filter(name="today").update(sha256=hashlib.sha256(b"forged").hexdigest())
    assert [says.split()[2:] for says in kept()] == [["does", "not", "name", "it"]]


def test_a_letter_that_was_turned_to_somebody_else_is_found(kept, house):
    from lastwords.server import rounds
    from lastwords.server.models import Letter

    house.leap(27 * DAY)
    rounds.run(pulse=True, heard=lambda: True)
    assert kept() == []
    assert Letter.objects.filter(row__gt=0).exists()
    Letter.objects.filter(row__gt=0).update(to="mizuki")
    assert kept() and all(says.endswith("says something else of it") for says in kept())


@pytest.mark.parametrize("look_at", [None, 2**40])
def test_a_watch_that_nobody_would_look_at_any_more_is_found_and_looked_at(kept, house, circle, look_at):
    from lastwords.server import rounds
    from lastwords.server.models import Watch

    Watch.objects.update(look_at=look_at)
    assert kept() == ["its next look stands too late in the queue"]
    house.leap(2 * DAY)
    rounds.run(pulse=True, heard=lambda: True)
    assert kept() == []
    assert Watch.objects.get().look_at < house.now().wall + 40 * DAY


def test_after_eight_days_everything_has_had_its_turn_however_the_service_was_away():
    from lastwords.server import integrity

    everything = set(integrity.EVERYTHING)
    begin = 1_800_000_000
    for gaps in ([1] * 8, [3, 1, 4], [8], [40], [2, 2, 2, 2]):
        seen, at = set(), begin
        for gap in gaps:
            parts = integrity.due_parts(at, at + gap * DAY)
            assert len(parts) == min(gap, 8)
            seen |= set(parts)
            at += gap * DAY
        assert seen == everything
    assert len(integrity.due_parts(begin, begin - 5 * DAY)) == 1, "a clock that was set back"


def test_the_host_is_written_to_within_eight_days_and_its_page_says_so(kept, house, way):
    from lastwords.server import rounds
    from lastwords.server.pages.host import house as page

    assert page._kept(house.now().wall, "UTC").well
    kept.file.write_bytes(b"rotten")
    days = 0
    while not way.to("host@example.org"):
        days += 1
        assert days <= 8
        house.leap(DAY)
        rounds.run(pulse=True, heard=lambda: True)
    assert way.to("host@example.org") == ["Something on the server is not what was kept"]
    assert not page._kept(house.now().wall, "UTC").well
    assert kept.file.read_bytes() == b"rotten", "nothing is deleted"


def test_a_heads_file_that_cannot_be_read_is_told_and_stops_no_round(kept, house, way):
    from lastwords.server import rounds

    house.settings.heads.write_bytes(b"\xff\xfe not a head\n")
    house.leap(DAY)
    for _ in range(2):
        rounds.run(pulse=True, heard=lambda: True)
    assert way.to("host@example.org") == ["Something on the server is not what was kept"]


def test_what_the_refusal_of_an_unreadable_heads_file_says_to_do_lets_the_host_start_again(kept, house):
    from lastwords.server import checks
    from lastwords.server.refusals import CannotStart

    house.settings.begun.touch()
    house.settings.heads.write_text("garbage\n")
    with pytest.raises(CannotStart):
        checks.find_restored_past(house.settings)
    assert checks.host_says_restored(house.settings) == 1
    assert not checks.find_restored_past(house.settings)
    assert len(list(house.data.glob("heads-before-restore-*"))) == 1, (
        "the file is kept for whoever looks into it"
    )


def cut_off(row):
    row.delete()


def another(row):
    type(row).objects.filter(pk=row.pk).update(link=b"x" * 32)


def one_more(row):
    fields = {"body": row.body, "salt": row.salt, "commitment": row.commitment, "link": row.link}
    type(row).objects.create(watch=row.watch, number=row.number + 1, **fields)


@pytest.mark.parametrize("happens", [cut_off, another, one_more])
def test_a_log_that_ends_elsewhere_than_its_watch_says_is_found_at_the_start(kept, house, happens):
    from lastwords.server import audit
    from lastwords.server.models import LogRow

    assert audit.loose_ends() == []
    happens(LogRow.objects.order_by("-number").first())
    assert [verdict.name for verdict in audit.loose_ends()] == ["author:iruka"]


def test_the_doctor_says_which_file_is_not_what_it_was(kept, house):
    from lastwords.server import doctor

    house.settings.begun.write_text("real\n")
    kept.file.write_bytes(b"rotten")
    found = {one.name: one for one in doctor.examine(house.data)}
    assert not found["kept"].well and kept.file.name in found["kept"].says


# Very many of each: a page at a time.


@pytest.fixture
def many(kept, house, circle):
    """The house with six letters of one row, ten papers, four more watches, and pages of two of each."""
    from lastwords.server import integrity, models, rounds, walks
    from lastwords.server.port import Paper

    house.leap(27 * DAY)
    rounds.run(pulse=True, heard=lambda: True)
    papers = [Paper("sign", f"day {number}", b"signed") for number in range(10)]
    circle.act("iruka", e.CheckIn("iruka", Strength.STRONG, "key"), papers)
    first = models.Letter.objects.filter(row__gt=0).first()
    for digit in "05af8":
        first.pk = f"{digit * 32}"
        first.save(force_insert=True)
    for name in ("hinata", "kiba", "naruto", "shino"):
        circle.here().begin(name)
    page, walks.PAGE = walks.PAGE, 2
    papers_in_one, integrity.PAPERS = integrity.PAPERS, 2
    yield models
    walks.PAGE, integrity.PAPERS = page, papers_in_one


def found_by_day(house):
    from lastwords.server import integrity

    days = [[f.name for f in integrity.look(house.settings, house.now(), [part])] for part in range(8)]
    return days, [fault.name for fault in integrity.look(house.settings, house.now())]


def test_every_letter_has_its_turn_on_one_day_of_eight_in_whichever_page_it_stands(many, house):
    from lastwords.server.models import LogRow

    letter = many.Letter.objects.filter(row__gt=0).first()
    named = [
        {"id": one.ident, "kind": one.kind, "to": "mizuki"} for one in many.Letter.objects.filter(row__gt=0)
    ]
    rows = LogRow.objects.filter(watch_id=letter.watch_id, number=letter.row)
    rows.update(body=canonical.encode({"letters": named}))
    days, at_once = found_by_day(house)
    wanted = sorted(f"the letter {one['id']}" for one in named)
    assert len(wanted) >= 6 and sorted(at_once) == wanted
    assert sorted(name for day in days for name in day) == wanted
    assert days[5] == [name for name in wanted if name[12] in "5d"], "by the second digit"


def test_every_paper_has_its_turn_on_one_day_of_eight_in_whichever_page_it_stands(many, house):
    many.Paper.objects.update(body=b"forged")
    days, at_once = found_by_day(house)
    assert len(at_once) == many.Paper.objects.count() >= 11
    assert sorted(name for day in days for name in day) == sorted(at_once)
    assert max(len(day) for day in days) <= 2


def test_a_row_that_was_erased_or_cannot_be_read_says_nothing_of_its_papers_and_one_that_is_gone_does(
    many, house
):
    from lastwords.server.models import LogRow

    number = many.Paper.objects.order_by("-row").first().row
    row = LogRow.objects.filter(watch_id="iruka", number=number)
    for body in (None, b"\xff"):
        row.update(body=body)
        assert found_by_day(house)[1] == []
    row.delete()
    assert len(found_by_day(house)[1]) == 10


def test_a_watch_that_nobody_would_look_at_is_found_in_whichever_page_it_stands(many, house):
    many.Watch.objects.filter(author="iruka").update(look_at=None)
    assert found_by_day(house)[0] == [["the watch of iruka"]] * 8, "all are looked at on every day"
    many.Watch.objects.update(look_at=2**40)
    assert found_by_day(house)[1] == ["the watch of iruka"], "the others wait for nothing"
