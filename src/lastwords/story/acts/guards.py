"""Wards and guards: who may do what alone, who needs a second, and what is told when somebody tries the door."""

import json

from lastwords.story.cast import BISQUIT, BULL, IRUKA, KAKASHI, NARUTO, PAKKUN, SHIZUNE, STRANGER, TSUNADE
from lastwords.story.stage import Stage

from . import act

TRIES = 5


@act("S9")
def second_pair_of_hands(stage: Stage) -> None:
    """Who receives words raises no alarm alone: a second keeper joins in with a signature of their own."""
    refused = stage.is_refused(KAKASHI, "alarm", "iruka")
    said = stage.does(PAKKUN, "alarm", "iruka", "--join-in", "kakashi")
    second = stage.paper(KAKASHI, "signed-by-pakkun.txt", str(said["document"]))
    stage.does(KAKASHI, "alarm", "iruka", "--second", second)
    stage.tell(
        KAKASHI, "raises the alarm for Iruka, and cannot do so alone.", f"Refused: {refused['happened']}"
    )
    stage.tell(PAKKUN, "joins in with his signature, and it is raised.", "No wait becomes shorter by it.")


@act("S9")
def the_alarm_button(stage: Stage) -> None:
    """At her desk Tsunade presses the button. The guards let nobody else see the case."""
    said = stage.does(TSUNADE, "alarm", "iruka")
    refused = stage.is_refused(NARUTO, "case", "iruka", "show")
    stage.tell(
        TSUNADE,
        "presses the alarm button at her desk.",
        f"It stands in case {said['case']}; no wait is shorter.",
    )
    stage.tell(NARUTO, "asks at the gate what is in the case.", f"Refused: {refused['happened']}")


@act("S9")
def at_the_gate(stage: Stage) -> None:
    """Somebody tries Iruka's account with a key of their own. Shizune, who is watchful, stops all clocks."""
    _stranger_knocks(stage)
    told = stage.letter(BULL, "Something about the watch of Iruka", saying="sign-ins failed")
    stage.letter(SHIZUNE, "Iruka may need help")
    stage.tell(STRANGER, "tries Iruka's account five times, with another key.", f"“{told.subject}”")
    stage.does(SHIZUNE, "hold", "iruka")
    refused = stage.is_refused(BISQUIT, "hold", "iruka", "--lift", "switch")
    stage.tell(
        SHIZUNE,
        "who is watchful, presses the hold switch until it is clear who that was.",
        f"All clocks of Iruka's stand still. Bisquit cannot lift it: {refused['happened']}",
    )
    stage.wait_until(hours=16)
    stage.does(SHIZUNE, "hold", "iruka", "--lift", "switch")
    stage.tell(
        SHIZUNE,
        "has looked into it, and lifts the hold.",
        "Iruka's wait to answer begins again in full: nothing is earlier.",
    )


def _stranger_knocks(stage: Stage) -> None:
    """A home with a new key in it and Iruka's handle on the door."""
    stranger = stage.someone(STRANGER)
    stage.does(STRANGER, "key", "new", "--no-passphrase")
    claims = {"origin": stage.house.origin, "handle": IRUKA.handle, "name": IRUKA.name, "zone": "Asia/Tokyo"}
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in claims.items()]
    (stranger.home / "person.toml").write_text("".join(lines), "utf-8")
    for _ in range(TRIES):
        stage.is_refused(STRANGER, "words", "list")
