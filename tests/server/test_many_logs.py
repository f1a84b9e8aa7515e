"""A host with very many logs starts and looks at them in batches: nobody is passed over where one ends."""

import pytest

pytestmark = pytest.mark.both_databases

NAMES = ("hinata", "kiba", "naruto", "shino")


@pytest.fixture
def audit(circle, house):
    """The audit of a house in which four more have a watch, with batches of two."""
    from lastwords.server import audit

    for name in NAMES:
        circle.here().begin(name)
    batch, page = audit.HEADS, audit.HEADS_PER_ROW
    audit.HEADS = audit.HEADS_PER_ROW = 2
    yield audit
    audit.HEADS, audit.HEADS_PER_ROW = batch, page


def seen(house):
    from lastwords.server import witness

    return witness.read(house.settings.heads)


def test_all_that_was_seen_is_found_again(audit, house):
    assert len(seen(house)) == 5
    assert list(audit.not_there(seen(house))) == []


@pytest.mark.parametrize("name", [*NAMES, "iruka"])
def test_a_row_that_is_another_one_is_missed_in_whichever_batch_its_log_stands(audit, house, name):
    from lastwords.server.models import LogRow

    before = seen(house)
    LogRow.objects.filter(watch_id=name, number=before[f"author:{name}"].number).update(link=b"x" * 32)
    assert list(audit.not_there(before)) == [f"author:{name}"]


def test_rows_that_are_gone_are_missed_and_so_is_one_of_the_hosts_own_log(audit, house, circle):
    from lastwords.server.models import HostRow, LogRow

    circle.here().host_row("noted", house.now())
    before = seen(house)
    assert list(audit.not_there(before)) == []
    HostRow.objects.all().delete()
    LogRow.objects.filter(watch_id__in=("hinata", "naruto")).delete()
    assert list(audit.not_there(before)) == ["host log", "author:hinata", "author:naruto"]


def test_however_many_logs_were_seen_they_are_looked_for_in_one_statement(audit, house):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    audit.HEADS = 10
    with CaptureQueriesContext(connection) as asked:
        assert list(audit.not_there(seen(house))) == []
    assert len(asked) == 1


def test_what_a_start_leaves_the_daily_look_finds(audit, house):
    from lastwords.server.models import LogRow

    last = LogRow.objects.get(watch_id="shino")
    LogRow.objects.create(
        watch_id="shino", number=2, salt=last.salt, commitment=last.commitment, link=last.link
    )
    assert [one.name for one in audit.loose_ends(5)] == ["author:shino"]
    assert audit.loose_ends(0) == [], "a start that looks at none finds none"
    found, _ = audit.verify_as_can_be(house.settings.heads, [])
    assert [one.name for one in found] == ["author:shino"]


def test_a_row_that_is_one_too_many_lets_nothing_be_written_behind_it(audit, house, circle):
    from lastwords.protocol.events import AddCredential
    from lastwords.server.models import LogRow
    from lastwords.server.refusals import Unreadable

    last = LogRow.objects.get(watch_id="shino")
    LogRow.objects.create(
        watch_id="shino", number=2, salt=last.salt, commitment=last.commitment, link=last.link
    )
    with pytest.raises(Unreadable):
        circle.here().act("shino", AddCredential("shino", "key", "device"), now=house.now())


def test_a_checkpoint_of_several_rows_names_everybody_once(audit, house, circle):
    from lastwords.server.log import said
    from lastwords.server.models import HostRow, LogRow, Watch

    audit.checkpoint(circle.here(), house.now())
    audit.checkpoint(circle.here(), house.now())
    heads = [head for row in audit.rows_of("") for head in said(row)["heads"]]
    assert HostRow.objects.count() == 3 and sorted(name for name, *_ in heads) == sorted([*NAMES, "iruka"])
    assert all(watch.checkpoint == watch.head_number for watch in Watch.objects.all())
    house.settings.heads.unlink()
    LogRow.objects.filter(watch_id="naruto").update(link=b"x" * 32)
    found = {one.name: one.faults for one in audit.verify_all(house.settings.heads) if not one.whole}
    assert list(found) == ["author:naruto"]
    assert "row 1 is not the one that the host's log wrote down" in found["author:naruto"]


def test_a_line_that_is_being_written_is_left_out_and_a_number_that_no_row_has_is_refused(audit, house):
    from lastwords.server.refusals import CannotStart

    before = seen(house)
    with house.settings.heads.open("a") as file:
        file.write("author:naruto\t2")
    assert seen(house) == before
    with house.settings.heads.open("a") as file:
        file.write(f"\t{'0' * 64}\nauthor:naruto\t{2**63}\t{'0' * 64}\n")
    with pytest.raises(CannotStart):
        seen(house)
