"""The record as a person's own machine remembers it, and channels taken out."""

from cli.conftest import Cave


def another_past(cave: Cave) -> None:
    """The host goes on from an older record: what came since is gone, and something else takes its place."""
    from lastwords.server.models import LogRow

    newest = LogRow.objects.filter(watch_id="iruka").order_by("-number")[0]
    LogRow.objects.filter(pk=newest.pk).update(link=bytes(32))


def test_a_record_that_only_grew_is_the_one_seen_before(cave: Cave) -> None:
    bull = cave.keepers["bull"]
    first = bull.does("log", "check", "iruka")
    cave.iruka.does("here")
    second = bull.does("log", "check", "iruka")
    assert (first["seen_before"], second["seen_before"]) == (0, first["rows"])
    assert second["rows"] > first["rows"]


def test_a_row_that_is_another_one_now_is_told_to_the_person_and_through_the_host_to_everyone(
    cave: Cave,
) -> None:
    from lastwords.server.models import Letter

    bull = cave.keepers["bull"]
    bull.does("log", "check", "iruka")
    another_past(cave)
    said = bull.refused("log", "check", "iruka")
    assert said["code"] == "record_differs" and "it writes to author and keepers" in said["happened"]
    told = Letter.objects.filter(kind="tamper_alarm", facts__contains='"record_differs": 1')
    assert sorted(told.values_list("to", flat=True)) == ["bisuke", "bull", "iruka", "pakkun", "ully"]
    assert "heard it today already" in bull.refused("log", "check", "iruka")["happened"]


def test_a_record_that_lost_its_end_is_told(cave: Cave) -> None:
    from lastwords.server.models import LogRow

    cave.iruka.does("log", "show")
    newest = LogRow.objects.filter(watch_id="iruka").order_by("-number")[0]
    LogRow.objects.filter(watch_id="iruka", number__gt=newest.number - 3).delete()
    assert cave.iruka.refused("log", "check")["code"] == "record_differs"


def test_a_client_that_remembered_nothing_would_believe_another_past(cave: Cave) -> None:
    """The planted fault: the machine forgets what it saw. The chain the host shows is whole in itself."""
    from lastwords.server.models import LogRow

    bull = cave.keepers["bull"]
    bull.does("log", "check", "iruka")
    newest = LogRow.objects.filter(watch_id="iruka").order_by("-number")[0]
    LogRow.objects.filter(watch_id="iruka", number__gt=newest.number - 3).delete()
    (bull.home / "pins.json").write_text("{}")
    assert bull.does("log", "check", "iruka")["seen_before"] == 0


def test_a_channel_is_taken_out_with_a_cool_off(cave: Cave) -> None:
    from lastwords.server.models import Channel

    for number, address in enumerate(("old@example.org", "new@example.org"), 1):
        Channel.objects.create(pk=number + 100, person_id="iruka", address=address, proven_at=1)
    assert cave.iruka.does("channel", "remove", "101")["leaves"] == cave.place.house.now().wall + 14 * 86_400
    assert "written to until" in cave.iruka.types("channel", "list").stdout
    assert cave.iruka.refused("channel", "remove", "102")["code"] == "channel_last"
