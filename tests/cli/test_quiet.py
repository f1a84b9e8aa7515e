"""Quiet mode by command line: turned on, looked at, turned off, and what letters were about."""

from cli.conftest import Cave


def test_quiet_mode_is_turned_on_under_a_name_and_the_letters_are_read_in_full_all_the_same(
    cave: Cave,
) -> None:
    on = cave.iruka.does("quiet", "on", "--name", "Recipes")
    assert on == {"on": True, "name": "Recipes", "leave_to": "https://www.wikipedia.org/"}
    assert cave.iruka.does("quiet", "show") == on
    assert "On, as “Recipes”." in cave.iruka.types("quiet", "show").stdout
    cave.keepers["pakkun"].does("alarm", "iruka")
    cave.place.hand_over("iruka")
    took_in(cave)
    (asked, *_) = cave.iruka.does("letters")["letters"]
    assert "alarm" in " ".join([asked["subject"], *asked["body"]]).lower()
    assert asked["subject"] in cave.iruka.types("letters").stdout


def test_a_letter_that_is_read_again_claims_no_head_that_its_mail_did_not_have(cave: Cave) -> None:
    cave.keepers["pakkun"].does("alarm", "iruka")
    cave.place.hand_over("iruka")
    took_in(cave, "bull")
    bull = cave.keepers["bull"]
    (called, *_) = bull.does("letters")["letters"]
    assert "Iruka may need help" in called["subject"]
    assert not any("Record of this watch" in part for part in called["body"])
    assert "Record of this watch" not in bull.types("letters").stdout


def took_in(cave: Cave, name: str = "iruka") -> None:
    """This person's mailbox has taken all that was written."""
    from lastwords.server.models import Letter

    Letter.objects.filter(to=name).update(taken=1)


def test_a_name_that_gives_it_away_and_an_address_that_leads_nowhere_are_refused(cave: Cave) -> None:
    assert cave.iruka.refused("quiet", "on", "--name", "My last words")["code"] == "quiet_name_unfit"
    assert cave.iruka.refused("quiet", "on", "--leave-to", "javascript:0")["code"] == "leave_to_unfit"
    assert cave.iruka.does("quiet", "show")["on"] is False


def test_turned_off_twice_it_is_off(cave: Cave) -> None:
    cave.iruka.does("quiet", "on")
    for _ in range(2):
        assert cave.iruka.does("quiet", "off") == {"on": False, "name": "", "leave_to": ""}
    assert "Off:" in cave.iruka.types("quiet", "show").stdout
