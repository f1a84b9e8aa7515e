"""The logs where they lie: whatever is changed in the database is found, and erasing leaves its reason."""

import json

import pytest

from lastwords.server import exported

pytestmark = pytest.mark.both_databases


@pytest.fixture
def audit(circle):
    from lastwords.server import audit

    return audit


def faults(audit, house):
    return {v.name: v.faults for v in audit.verify_all(house.settings.heads) if not v.whole}


def test_the_logs_of_a_host_that_was_left_alone_are_whole(audit, house):
    verdicts = audit.verify_all(house.settings.heads)
    assert [verdict.name for verdict in verdicts] == ["host log", "author:iruka"]
    assert all(verdict.whole for verdict in verdicts)
    assert verdicts[1].rows > 20


def test_a_changed_row_is_found(audit, house):
    from lastwords.server.models import LogRow

    row = LogRow.objects.get(number=5)
    LogRow.objects.filter(pk=row.pk).update(body=bytes(row.body).replace(b"anko", b"anka"))
    assert faults(audit, house) == {"author:iruka": ("row 5 is not what was committed to",)}


@pytest.mark.parametrize("body", [b"not even text \xff", b'{"kind":"erased","number":1}'])
def test_a_changed_row_of_the_hosts_log_is_found_and_keeps_no_other_log_from_being_verified(
    audit, house, body
):
    from lastwords.server import store
    from lastwords.server.models import HostRow

    store.here().host_row("noted", house.now())
    HostRow.objects.filter(number=1).update(body=body)
    assert faults(audit, house)["host log"][0] == "row 1 is not what was committed to"


def test_a_cut_log_is_found_even_if_the_watch_is_cut_with_it(audit, house):
    from lastwords.server.models import LogRow, Watch

    last = LogRow.objects.order_by("-number").first()
    last.delete()
    before = LogRow.objects.order_by("-number").first()
    Watch.objects.update(head_number=before.number, head_link=before.link)
    found = faults(audit, house)["author:iruka"]
    assert f"row {last.number} was seen elsewhere and is not in this log" in found


def test_a_log_that_is_gone_altogether_is_found(audit, house):
    from lastwords.server.models import LogRow, Paper, Part, Watch

    for model in (LogRow, Paper, Part, Watch):
        model.objects.all().delete()
    assert faults(audit, house)["author:iruka"] == ("this log was seen elsewhere and is not there any more",)


def test_a_changed_row_is_found_on_the_day_on_which_its_log_has_its_turn(audit, house):
    from lastwords.server.models import LogRow

    LogRow.objects.filter(number=5).update(salt=b"x" * 16)
    found = [part for part in audit.EVERYTHING if audit.verify_as_can_be(house.settings.heads, [part])[0]]
    assert found == [audit.part_of("iruka")]


@pytest.fixture
def on_another_day(audit, house):
    """What is found on a day on which the log does not have its turn."""

    def found():
        other = (audit.part_of("iruka") + 1) % audit.PARTS
        return [verdict.faults for verdict in audit.verify_as_can_be(house.settings.heads, [other])[0]]

    assert found() == []
    return found


def test_a_log_that_was_cut_is_found_on_any_day_even_if_the_watch_is_cut_with_it(on_another_day):
    from lastwords.server.models import LogRow, Watch

    last = LogRow.objects.order_by("-number").first()
    last.delete()
    assert "the log does not end where the watch says it does" in on_another_day()[0]
    before = LogRow.objects.order_by("-number").first()
    Watch.objects.update(head_number=before.number, head_link=before.link)
    assert f"row {last.number} was seen elsewhere and is not in this log" in on_another_day()[0]


def test_a_log_that_is_gone_is_found_on_any_day(on_another_day):
    from lastwords.server.models import LogRow, Paper, Part, Watch

    for model in (LogRow, Paper, Part, Watch):
        model.objects.all().delete()
    assert on_another_day() == [("this log was seen elsewhere and is not there any more",)]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"body": b"{}"}, "is not what was committed to"),
        ({"salt": b"x" * 16}, "is not what was committed to"),
        ({"body": None, "salt": None}, "was erased without a reason"),
        ({"commitment": b"x" * 32}, "does not follow the one before it"),
        ({"link": b"x" * 32}, "does not follow the one before it"),
    ],
)
def test_a_changed_newest_row_is_found_on_any_day(on_another_day, changed, says):
    from lastwords.server.models import LogRow, Watch

    number = Watch.objects.get().head_number
    LogRow.objects.filter(number=number).update(**changed)
    assert f"row {number} {says}" in on_another_day()[0]


def test_a_watch_that_was_changed_without_a_row_is_found_on_any_day(on_another_day):
    from lastwords.server.models import Watch

    Watch.objects.update(state=json.dumps(json.loads(Watch.objects.get().state) | {"armed": False}))
    assert on_another_day() == [("the watch is not in the state that its newest row left it in",)]


def test_a_log_of_one_row_is_whole_on_any_day(audit, house, circle):
    from lastwords.protocol.events import AddCredential

    circle.here().begin("naruto")
    circle.here().act("naruto", AddCredential("naruto", "key", "device"), now=house.now())
    every = audit.verify_each(house.settings.heads, parts=[])
    assert [(one.name, one.whole) for one in every][1:] == [("author:iruka", True), ("author:naruto", True)]


def test_names_fall_into_all_parts_about_alike(audit):
    parts = [audit.part_of(f"author-{number}") for number in range(800)]
    assert all(70 <= parts.count(part) <= 130 for part in audit.EVERYTHING)


def test_a_watch_that_was_changed_without_a_row_is_found(audit, house):
    from lastwords.server.models import Watch

    state = json.loads(Watch.objects.get().state) | {"armed": False}
    Watch.objects.update(state=json.dumps(state))
    assert faults(audit, house) == {
        "author:iruka": ("the watch is not in the state that its newest row left it in",)
    }


def test_a_checkpoint_finds_a_rewritten_log_without_the_heads_file(audit, house, circle):
    from lastwords.server.models import HostRow, LogRow, Watch

    audit.checkpoint(circle.here(), house.now())
    audit.checkpoint(circle.here(), house.now())
    assert HostRow.objects.count() == 1, "nothing grew in between"
    house.settings.heads.unlink()
    assert faults(audit, house) == {}
    row = LogRow.objects.order_by("-number").first()
    LogRow.objects.filter(pk=row.pk).update(link=b"x" * 32)
    Watch.objects.update(head_link=b"x" * 32)
    assert (
        f"row {row.number} is not the one that the host's log wrote down"
        in faults(audit, house)["author:iruka"]
    )


def test_an_erased_row_keeps_its_place_and_its_reason(audit, house, circle):
    from lastwords.server.models import LogRow
    from lastwords.server.refusals import Unknown

    audit.erase(circle.here(), "iruka", 5, "asked by the author", house.now())
    row = LogRow.objects.get(number=5)
    assert row.body is None and row.salt is None
    verdict = audit.verify_all(house.settings.heads)[1]
    assert verdict.whole and verdict.erased == (5,)
    with pytest.raises(Unknown):
        audit.erase(circle.here(), "iruka", 5, "again", house.now())


def test_a_row_erased_without_a_reason_is_found(audit, house):
    from lastwords.server.models import LogRow

    LogRow.objects.filter(number=5).update(body=None, salt=None)
    assert faults(audit, house) == {"author:iruka": ("row 5 was erased without a reason",)}


def test_an_exported_log_verifies_without_the_database_and_a_change_in_it_is_found(audit, house, circle):
    audit.erase(circle.here(), "iruka", 5, "asked by the author", house.now())
    lines = list(audit.export())
    assert all(verdict.whole for verdict in exported.verify_lines(lines))
    changed = [line.replace('\\"by\\":\\"anko\\"', '\\"by\\":\\"gai\\"') for line in lines]
    assert changed != lines
    assert not all(verdict.whole for verdict in exported.verify_lines(changed))


@pytest.mark.parametrize(
    "text", ["", "{}", "not json", '{"form": "log/9"}', '{"form": "log/1"}\n{"log": "x"}']
)
def test_a_file_that_is_no_exported_log_is_refused(text):
    from lastwords.server.refusals import Unreadable

    with pytest.raises(Unreadable):
        exported.verify_lines(text.splitlines())
