"""The host's commands, as a host would type them: what they print, and how they refuse."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner


@pytest.fixture
def type_in(circle, house, box):
    """Types a command in; returns exit code and output."""
    from lastwords.cli.main import cli

    house.settings.begun.write_text("real\n")

    def typed(*arguments):
        result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return typed


def test_a_log_that_is_whole_says_so_row_by_row(type_in, house):
    code, output = type_in("log", "verify", "--data", house.data)
    assert code == 0
    assert any(
        line.startswith("author:iruka: ") and line.endswith("rows, whole") for line in output.splitlines()
    )


def test_a_log_that_is_not_whole_ends_with_an_error_and_names_the_row(type_in, house):
    from lastwords.server.models import LogRow

    LogRow.objects.filter(number=3).update(salt=b"x" * 16)
    code, output = type_in("log", "verify", "--data", house.data, "--json")
    answer = json.loads(output)
    assert (code, answer["whole"]) == (1, False)
    assert answer["logs"][1]["faults"] == ["row 3 is not what was committed to"]


def test_an_export_that_fails_leaves_the_older_one_as_it_was(type_in, house, tmp_path, monkeypatch):
    from lastwords.server import audit

    def breaks():
        yield "the first line"
        raise OSError(28, "No space left on device")

    out = tmp_path / "log.jsonl"
    assert type_in("log", "export", "--data", house.data, "--out", out)[0] == 0
    before = out.read_bytes()
    monkeypatch.setattr(audit, "export", breaks)
    assert type_in("log", "export", "--data", house.data, "--out", out)[0] == 1
    assert out.read_bytes() == before and list(tmp_path.glob(".*.new")) == []


def test_verifying_needs_exactly_one_place_to_look(type_in, house, tmp_path):
    assert type_in("log", "verify")[0] == 2
    assert type_in("log", "verify", "--data", house.data, house.data / "settings.toml")[0] == 2


def test_a_file_that_is_no_log_is_refused_in_two_parts(type_in, house):
    code, output = type_in("log", "verify", house.data / "settings.toml")
    assert code == 1
    assert "not an exported log" in output and "export it again" in output


def test_an_erased_row_still_verifies_and_is_named(type_in, house):
    assert (
        type_in("host", "erase", "iruka", 5, "--data", house.data, "--reason", "asked by the author")[0] == 0
    )
    code, output = type_in("log", "verify", "--data", house.data)
    assert code == 0 and "1 erased" in output
    assert type_in("host", "erase", "iruka", 6, "--data", house.data, "--reason", " ")[0] == 2
    code, output = type_in("host", "erase", "iruka", 5, "--data", house.data, "--reason", "again")
    assert code == 1 and "nothing was changed" in output


def test_a_restored_folder_puts_every_watch_on_hold(type_in, house, circle):
    from lastwords.protocol.stages import HoldCause

    code, output = type_in("host", "restored", "--data", house.data, "--json")
    assert (code, json.loads(output)) == (0, {"watches": 1})
    assert circle.read("iruka").hold(HoldCause.RESTORE) is not None


def test_a_returned_letter_is_reported_by_its_message_id(type_in, house, circle, way, box):
    from lastwords.protocol.events import RaiseAlarm
    from lastwords.server.models import Letter

    circle.act("iruka", RaiseAlarm("anko"))
    box.run_all(house.now())
    letter = Letter.objects.get(kind="alarm_asks")
    message = f"<{letter.ident}@example.org>"
    assert type_in("host", "bounced", message, "iruka@example.org", "--data", house.data)[0] == 0
    assert Letter.objects.get(pk=letter.pk).stage == "bounced"
    assert type_in("host", "bounced", message, "iruka@example.org", "--data", house.data)[0] == 1


def test_the_doctor_ends_with_an_error_while_something_is_not_well(type_in, house):
    code, output = type_in("host", "doctor", "--data", house.data, "--json")
    answer = json.loads(output)
    found = {finding["name"]: finding["well"] for finding in answer["found"]}
    assert (code, answer["well"]) == (1, False)
    assert found["logs"] and found["database"] and not found["mail"]


@pytest.mark.parametrize(
    ("why", "well"), [("first_pulse", True), ("machine_restarted", True), ("clocks_disagree", False)]
)
def test_the_doctor_tells_a_clock_that_has_just_begun_from_one_that_is_in_doubt(type_in, house, why, well):
    from lastwords.server.models import Pulse

    assert Pulse.objects.update(why=why) == 1
    answer = json.loads(type_in("host", "doctor", "--data", house.data, "--json")[1])
    assert {finding["name"]: finding["well"] for finding in answer["found"]}["clock"] is well


def test_the_doctor_is_not_content_without_a_backup_and_one_that_was_proven(type_in, house):
    from lastwords.server import backup

    def found():
        answer = json.loads(type_in("host", "doctor", "--data", house.data, "--json")[1])
        return {one["name"]: one for one in answer["found"]}

    for name, beat, command in (
        ("backup", backup.BACKED_UP, "host backup --data"),
        ("proven restore", backup.PROVEN, "restore --prove"),
    ):
        one = found()[name]
        assert not one["well"] and "None was ever" in one["says"] and command in one["do"]
        backup.note(beat)
        assert found()[name]["well"] and not found()[name]["do"]
    house.source.wall += 120 * 86_400
    assert [found()[name]["well"] for name in ("backup", "proven restore")] == [False, False]


def test_the_doctor_says_so_when_the_clock_stands_before_what_was_dated(type_in, house):
    house.source.wall -= 25 * 365 * 86_400
    answer = json.loads(type_in("host", "doctor", "--data", house.data, "--json")[1])
    found = {one["name"]: one for one in answer["found"]}
    assert not found["clock"]["well"] and "seconds before the last pulse" in found["clock"]["says"]


def test_the_help_of_a_host_says_of_each_command_a_whole_sentence():
    from click.testing import CliRunner

    from lastwords.cli.main import cli

    said = CliRunner().invoke(cli, ["host", "--help"], prog_name="lastwords").output
    assert not [line for line in said.splitlines()[1:] if line.endswith("...")]
    assert "while the host goes on serving." in " ".join(said.split())


@pytest.mark.parametrize(
    ("typed", "look"),
    [(["host", "doctor"], "lastwords host doctor --data DIR"), (["state"], "lastwords state")],
)
def test_whoever_breaks_a_command_off_is_told_where_they_can_look(tmp_path, monkeypatch, typed, look):
    import click
    from click.testing import CliRunner

    from lastwords.cli.main import cli

    def interrupted(self, ctx):
        raise KeyboardInterrupt

    monkeypatch.setattr(click.Command, "invoke", interrupted)
    more = ["--data", str(tmp_path)] if typed[0] == "host" else []
    result = CliRunner().invoke(cli, [*typed, *more])
    assert result.exit_code == 1
    assert f"(`{look}`)" in result.output


def test_a_join_code_is_printed_once(type_in, house):
    code, output = type_in("host", "join-code", "--data", house.data)
    assert code == 0
    assert output.strip().count("-") == 3
    assert type_in("host", "join-code", "--data", house.data)[1] != output


def test_an_up_to_date_database_needs_no_upgrade(type_in, house):
    assert type_in("host", "upgrade", "--data", house.data) == (0, "The database is up to date.\n")


@pytest.mark.parametrize("smtp", ["127.0.0.1", "25", "127.0.0.1:x"])
def test_a_relay_without_a_port_is_a_mistake_of_usage(type_in, tmp_path, smtp):
    code, output = type_in(
        *("host", "init", "--data", tmp_path / "new", "--origin", "http://127.0.0.1:1"),
        *("--mail-from", "a@example.org", "--host-mail", "b@example.org", "--smtp", smtp),
    )
    assert code == 2 and "HOST:PORT" in output
    assert not (tmp_path / "new").exists()


def test_a_setting_that_cannot_be_kept_founds_no_host(type_in, tmp_path):
    code, output = type_in(
        *("host", "init", "--data", tmp_path / "new", "--origin", "http://words.example.org"),
        *("--mail-from", "a@example.org", "--host-mail", "b@example.org", "--smtp", "127.0.0.1:25"),
    )
    assert code == 1 and "--origin cannot be used" in output and "settings.toml" not in output
    assert not (tmp_path / "new").exists()


def test_a_password_file_is_found_wherever_the_service_is_started(type_in, tmp_path, monkeypatch):
    from lastwords.server import founding

    founded = []
    monkeypatch.setattr(founding, "found", lambda chosen: founded.append(chosen) or chosen)
    code, _ = type_in(
        *("host", "init", "--data", tmp_path / "new", "--origin", "http://127.0.0.1:1"),
        *("--mail-from", "a@example.org", "--host-mail", "b@example.org", "--smtp", "127.0.0.1:25"),
        *("--smtp-user", "us", "--smtp-password-file", "relay-password"),
    )
    assert code == 0 and founded[0].mail.password_file == str(Path.cwd() / "relay-password")


def test_the_host_can_let_one_watch_or_all_stand_still_and_go_on_again(type_in, house, circle, way, box):
    from lastwords.protocol.stages import HoldCause

    data = ("--data", house.data, "--json")
    code, output = type_in("host", "hold", "iruka", *data)
    assert (code, json.loads(output)) == (0, {"done": ["iruka"], "refused": {}})
    placed = circle.read("iruka").hold(HoldCause.SWITCH)
    assert placed is not None and placed.placed_by == "host"
    box.run_all(house.now())
    assert "Your watch is on hold" in way.to("iruka@example.org")
    code, output = type_in("host", "hold", "iruka", "--lift", *data)
    assert code == 0 and circle.read("iruka").holds == ()
    code, output = type_in("host", "hold", "--all", "--clock", *data)
    assert json.loads(output)["done"] == ["iruka"]
    assert circle.read("iruka").hold(HoldCause.CLOCK) is not None


def test_who_lifts_one_hold_reads_which_others_stand_and_whose_they_are_to_lift(type_in, house, circle):
    from lastwords.protocol.events import Restore
    from lastwords.protocol.watch import HOST

    data = ("--data", house.data)
    type_in("host", "hold", "iruka", *data)
    type_in("host", "hold", "--all", "--clock", *data)
    code, output = type_in("host", "hold", "--all", "--clock", "--lift", *data)
    assert code == 0 and "This hold is lifted: iruka." in output and "Going on" not in output
    assert "iruka does not go on yet: the host placed a hold." in output
    assert "Yours to lift: `lastwords host hold iruka --lift`." in output
    circle.act("iruka", Restore(HOST))
    _, output = type_in("host", "hold", "iruka", "--lift", *data)
    assert (
        "iruka does not go on yet: the service was restored from a backup. It is not yours to lift." in output
    )
    type_in("host", "hold", "iruka", *data)
    _, output = type_in("host", "hold", "iruka", "--lift", *data, "--json")
    assert json.loads(output) == {"done": ["iruka"], "refused": {}, "stand": {"iruka": ["restore"]}}


def test_a_hold_that_cannot_be_placed_is_refused_with_its_reason_and_needs_a_name(type_in, house, circle):
    data = ("--data", house.data)
    assert type_in("host", "hold", "iruka", *data)[0] == 0
    code, output = type_in("host", "hold", "iruka", *data)
    assert code == 1 and "iruka: " in output
    assert type_in("host", "hold", "nobody", *data)[0] == 1
    assert type_in("host", "hold", *data)[0] == 2
    assert type_in("host", "hold", "iruka", "--all", *data)[0] == 2


def test_only_the_host_ends_the_hold_of_a_clock_and_a_sign_of_life_does_not(type_in, house, circle):
    from lastwords.protocol.events import CheckIn, LiftHold
    from lastwords.protocol.stages import HoldCause, Strength

    type_in("host", "hold", "--all", "--clock", "--data", house.data)
    circle.act("iruka", CheckIn("iruka", Strength.STRONG, "key"))
    assert circle.read("iruka").hold(HoldCause.CLOCK) is not None
    with pytest.raises(circle.RefusedStep):
        circle.act("iruka", LiftHold("iruka", HoldCause.CLOCK))
    assert type_in("host", "hold", "iruka", "--clock", "--lift", "--data", house.data)[0] == 0
    assert circle.read("iruka").holds == ()


def test_a_code_for_the_hosts_page_is_printed_and_only_its_hash_is_kept(type_in, house):
    from lastwords.server.accounts import hashed
    from lastwords.server.models import HostCode

    code, output = type_in("host", "page", "--data", house.data, "--json")
    answer = json.loads(output)
    assert (code, answer["address"]) == (0, "http://127.0.0.1:8443/host/sign-in")
    assert [row.hash for row in HostCode.objects.all()] == [hashed(answer["code"])]
